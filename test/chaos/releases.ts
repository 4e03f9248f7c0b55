import type { SimulatedCluster } from '../../simulator/index.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { fingerprintsIn, nameOf } from '../simulation/certificates.ts';
import type { History } from './history.ts';
import type { Newsroom } from './news.ts';

export interface Releases {
  readonly faults: readonly string[];
  /** Objects that were seen to go, and certificates that had to be out of the list by then. */
  readonly gone: () => number;
  readonly left: () => number;
}

/**
 * Looks, whenever an object is gone, whether what its deletion policy says is done. Records and objects come in the order in
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
    const { operation, slots, missing, discarded } = record?.status ?? {};
    // An operation that ARM has finished may still wait for nodes.
    if (operation && !operation.seen && JSON.stringify(operation).includes(naming))
      faults.push(`${name} is gone while its operation has not arrived`);
    if (history.deletionOf(name) === 'Retain') {
      if (JSON.stringify([slots, missing, discarded]).includes(naming))
        faults.push(`${name} is gone with Retain and still named in the record`);
      return;
    }
    const listed = fingerprintsIn(cluster.list());
    for (const fingerprint of history.lastNamedBy(name)) {
      if (!owned.get(uid)?.has(fingerprint) || history.latest.mayStay.has(fingerprint)) continue;
      left++;
      if (listed.has(fingerprint)) faults.push(`${name} is gone, and ${nameOf(fingerprint)} is still in the list`);
    }
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
