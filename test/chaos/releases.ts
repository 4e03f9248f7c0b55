import type { SimulatedCluster } from '../../simulator/index.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { fingerprintsIn } from '../rules/certificates.ts';
import { faultsOfRelease } from '../rules/release-rules.ts';
import type { History } from './history.ts';
import type { Newsroom } from './news.ts';

export interface Releases {
  readonly faults: readonly string[];
  /** Objects that were seen to go, and certificates that had to be out of the list by then. */
  readonly gone: () => number;
  readonly left: () => number;
}

/**
 * Checks, whenever an object is gone, that what its deletion policy says is done. Records and objects come in the order in
 * which they were written, so that the latest version of the record is the one over which the finaliser was taken off.
 */
export function watchReleases(news: Newsroom, histories: ReadonlyMap<SimulatedCluster, History>): Releases {
  const faults: string[] = [];
  const owned = new Map<string, ReadonlySet<string>>();
  let gone = 0;
  let left = 0;
  news.onNews((one) => {
    if (one.kind !== 'CustomCATrust') return;
    const { metadata, spec } = one.object;
    const { name, namespace, deletionTimestamp, uid = '' } = metadata;
    const found = [...histories].find(([cluster]) => sameId(cluster.resourceId, spec.target.resourceId));
    if (deletionTimestamp === undefined || !found) return;
    const [cluster, history] = found;
    const record = news.recordOf(cluster.resourceId);
    const naming = `"${namespace}/${name}/`;
    if (!owned.has(uid)) owned.set(uid, certificatesNamed(record, naming));
    if (!one.gone) return;
    gone++;
    const policy = history.deletionOf(name) === 'Retain' ? 'Retain' : 'Remove';
    const own = history
      .lastNamedBy(name)
      .filter((one) => owned.get(uid)?.has(one) === true && !history.latest.mayStay.has(one));
    if (policy === 'Remove') left += own.length;
    const release = { name: `${namespace}/${name}`, policy, record: record?.status, own } as const;
    faults.push(...faultsOfRelease({ ...release, listed: fingerprintsIn(cluster.list()) }));
  });
  return { faults, gone: () => gone, left: () => left };
}

/** Certificates of the cluster's list that are an object's own by the record. */
function certificatesNamed(record: TargetCluster | undefined, naming: string): ReadonlySet<string> {
  const rows = (record?.status?.slots ?? []).flatMap((slot): readonly Named[] => slot.contains ?? [slot]);
  // What was there before stays without an object that adopts it.
  const own = rows.filter(({ managed, namedBy }) => managed && JSON.stringify(namedBy ?? []).includes(naming));
  return new Set(own.flatMap(({ fingerprintSHA256 }) => fingerprintSHA256 ?? []));
}

interface Named {
  readonly fingerprintSHA256?: string;
  readonly managed?: boolean;
  readonly namedBy?: readonly string[];
}

function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
