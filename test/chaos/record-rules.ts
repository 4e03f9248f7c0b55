import type { TargetCluster, TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';
import { nameOf } from '../rules/certificates.ts';
import { faultsOfAttempt, faultsOfStep } from '../rules/record-rules.ts';
import type { Write } from './journal-rules.ts';

type Operation = NonNullable<TargetClusterStatus['operation']>;

/** Every attempt that versions of a record speak of, in order. */
export function attemptsIn(versions: readonly TargetCluster[]): Operation[] {
  const attempts: Operation[] = [];
  for (const { status } of versions) {
    const operation = status?.operation;
    if (!operation) continue;
    const isKnown = attempts.some((one) => one.id === operation.id && one.attempts === operation.attempts);
    if (!isKnown) attempts.push(operation);
  }
  return attempts;
}

/** Each write was recorded before it was sent, and no attempt was sent twice. */
export function faultsOfWrites(writes: readonly Write[], versions: readonly TargetCluster[]): string[] {
  const attempts = attemptsIn(versions);
  let next = 0;
  return writes.flatMap((write) => {
    const found = attempts.findIndex((attempt, index) => index >= next && faultsOfAttempt(attempt, write).length === 0);
    const { seq, come, gone } = write;
    if (found < 0) return [`write ${seq}, +${names(come)} -${names(gone)}, is in no record that was not used before`];
    next = found + 1;
    return [];
  });
}

/** Every version of a record may follow the one before it. */
export function faultsOfVersions(versions: readonly TargetCluster[]): string[] {
  return versions.flatMap(({ metadata, status = {} }, index) => {
    const before = versions.slice(0, index).findLast((one) => one.metadata.uid === metadata.uid);
    return before ? faultsOfStep(before.status ?? {}, status).map((fault) => `${metadata.name}: ${fault}`) : [];
  });
}

function names(fingerprints: ReadonlySet<string>): string {
  return [...fingerprints].map(nameOf).join(' ');
}
