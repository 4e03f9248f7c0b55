import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';
import type { Difference } from './put-rules.ts';

type Operation = NonNullable<TargetClusterStatus['operation']>;

/** The first attempt of an operation sends what the record says; a later one sends the list that is there. */
export function faultsOfAttempt(
  {
    attempts,
    updateTrust: { adds = [], removes = [] } = { listDigest: '' },
  }: Pick<Operation, 'attempts' | 'updateTrust'>,
  { come, gone }: Difference,
): string[] {
  const differs = come.size + gone.size > 0;
  if (attempts > 1) return differs ? ['a list that is sent again is not the one that is there'] : [];
  if (!differs) return ['no certificate comes or goes'];
  return isOf(come, adds) && isOf(gone, removes) ? [] : ['the record does not say what comes and goes'];
}

function isOf(fingerprints: ReadonlySet<string>, rows: readonly { readonly fingerprintSHA256?: string }[]): boolean {
  return (
    rows.length === fingerprints.size && rows.every(({ fingerprintSHA256 = '' }) => fingerprints.has(fingerprintSHA256))
  );
}

/** An operation stays as it was begun until it is over: its list or the CA that it replaces, when it began, and what its nodes are compared with. */
export function faultsOfStep(
  { operation: before }: TargetClusterStatus,
  { operation: after }: TargetClusterStatus,
): string[] {
  if (!before || !after || before.id !== after.id) return [];
  const kept = [
    ['baselines', baselinesOf(before), baselinesOf(after)],
    ['kind', before.kind, after.kind],
    ['oldCA', before.rotateCertificates?.oldCA, after.rotateCertificates?.oldCA],
    ['listDigest', before.updateTrust?.listDigest, after.updateTrust?.listDigest],
    ['startedAt', before.startedAt, after.startedAt],
  ] as const;
  return kept.flatMap(([what, was, is]) => (was === is ? [] : [`an operation keeps its ${what}: ${was} became ${is}`]));
}

/** Who counted the nodes, and when the newest of them was born; which of the counts is used may change. */
function baselinesOf({ baseline, countedBy, otherBaselines = [] }: Operation): string {
  const main = baseline === undefined ? [] : [{ countedBy: countedBy ?? '', baseline }];
  return [...main, ...otherBaselines]
    .map((one) => `${one.countedBy} ${one.baseline}`)
    .sort()
    .join(', ');
}
