import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { nameOf } from '../simulation/certificates.ts';
import type { Write } from './journal-rules.ts';

interface Attempt {
  readonly id: string;
  readonly number: number;
  readonly come: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** Every attempt that versions of a record speak of, in order. */
export function attemptsIn(versions: readonly TargetCluster[]): Attempt[] {
  const attempts: Attempt[] = [];
  for (const { status } of versions) {
    const operation = status?.operation;
    if (!operation) continue;
    const known = attempts.some(({ id, number }) => id === operation.id && number === operation.attempts);
    if (known) continue;
    attempts.push({
      id: operation.id,
      number: operation.attempts,
      come: new Set(operation.adds?.map(({ fingerprintSHA256 }) => fingerprintSHA256)),
      gone: new Set(operation.removes?.map(({ fingerprintSHA256 }) => fingerprintSHA256)),
    });
  }
  return attempts;
}

/** Nothing was sent that the record did not say before, and nothing that it says once was sent twice. */
export function faultsOfWrites(writes: readonly Write[], versions: readonly TargetCluster[]): string[] {
  const attempts = attemptsIn(versions);
  let next = 0;
  return writes.flatMap(({ seq, come, gone }) => {
    const found = attempts.findIndex((attempt, index) => {
      if (index < next) return false;
      // Sent again, the list has no difference to what is there.
      if (attempt.number > 1) return come.size + gone.size === 0;
      return same(attempt.come, come) && same(attempt.gone, gone);
    });
    if (found < 0) return [`write ${seq}, +${names(come)} -${names(gone)}, is in no record that was not used before`];
    next = found + 1;
    return [];
  });
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

function names(fingerprints: ReadonlySet<string>): string {
  return [...fingerprints].map(nameOf).join(' ');
}
