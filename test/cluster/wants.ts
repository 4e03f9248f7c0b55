import type { Intent } from '../../src/cluster/intent.ts';

export function rowsName({ rows }: Intent, fingerprint: string): boolean {
  return rows.some(({ certificate }) => certificate?.fingerprint === fingerprint);
}

/** Every object that stays says Remove, and nothing of any of them is out of sight. */
export function mayRemoveUnmanaged(intents: readonly Intent[]): boolean {
  const staying = intents.filter(({ deletion }) => !deletion);
  return (
    staying.length > 0 &&
    staying.every(
      ({ object, frozen, rows }) =>
        object.spec.unmanagedCertificates === 'Remove' && !frozen && rows.every(({ problem }) => !problem),
    )
  );
}
