import type { SimulatedCluster } from '../../simulator/index.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { fingerprintsIn, nameOf } from '../simulation/certificates.ts';
import type { History } from './history.ts';
import { versionsOf, type Newsroom } from './news.ts';

export interface Releases {
  readonly faults: readonly string[];
  /** Certificates that had to be out of the list when their object was gone, and were looked for. */
  readonly checked: () => number;
}

/**
 * Looks, whenever an object that is deleted with Remove is gone, whether the certificates have left the list that were its own
 * in the record when it was deleted, and that nobody else has asked for since.
 */
export function watchReleases(news: Newsroom, histories: ReadonlyMap<SimulatedCluster, History>): Releases {
  const faults: string[] = [];
  const owned = new Map<string, ReadonlySet<string>>();
  let checked = 0;
  news.onNews(({ kind, gone, object }) => {
    if (kind !== 'CustomCATrust') return;
    const { name, namespace, deletionTimestamp, uid = '' } = object.metadata;
    const found = [...histories].find(([cluster]) => sameId(cluster.resourceId, object.spec.target.resourceId));
    if (deletionTimestamp === undefined || !found) return;
    const [cluster, history] = found;
    if (!owned.has(uid)) owned.set(uid, namedIn(versionsOf(news, cluster).at(-1), `${namespace}/${name}/`));
    if (!gone || history.deletionOf(name) !== 'Remove') return;
    const listed = fingerprintsIn(cluster.list());
    for (const one of history.lastNamedBy(name)) {
      if (!owned.get(uid)?.has(one) || history.latest.mayStay.has(one)) continue;
      checked++;
      if (listed.has(one)) faults.push(`${name} is gone, and ${nameOf(one)} is still in the list`);
    }
  });
  return { faults, checked: () => checked };
}

function namedIn(record: TargetCluster | undefined, prefix: string): ReadonlySet<string> {
  const rows = (record?.status?.slots ?? []).flatMap((slot): readonly Named[] => slot.contains ?? [slot]);
  const own = rows.filter(({ namedBy }) => namedBy?.some((naming) => naming.startsWith(prefix)));
  return new Set(own.flatMap(({ fingerprintSHA256 }) => fingerprintSHA256 ?? []));
}

interface Named {
  readonly fingerprintSHA256?: string;
  readonly namedBy?: readonly string[];
}

function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
