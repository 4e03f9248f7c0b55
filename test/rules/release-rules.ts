import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';
import { nameOf } from './certificates.ts';

/** An object that lost its finalizer, and how everything was at that moment. */
export interface Release {
  /** namespace/name. */
  readonly name: string;
  readonly policy: 'Retain' | 'Remove';
  readonly record: TargetClusterStatus | undefined;
  /** Certificates of the cluster's list. */
  readonly listed: ReadonlySet<string>;
  /** Certificates that only this object wanted. */
  readonly own: Iterable<string>;
}

/** An object goes when the record has forgotten it (Retain), or when its certificates have left (Remove). */
export function faultsOfRelease({ name, policy, record = {}, listed, own }: Release): string[] {
  const isNamedIn = (rows: unknown) => JSON.stringify(rows ?? []).includes(`"${name}/`);
  const { slots, missing, discarded, operation } = record;
  const faults: string[] = [];
  // An operation that ARM has finished may still wait for nodes that AKS leaves old, or that cannot be seen.
  if (operation?.phase === 'Sent' && isNamedIn(operation))
    faults.push(`${name} goes while its operation has not arrived`);
  if (policy === 'Retain') {
    if (isNamedIn([slots, missing, discarded, operation?.updateTrust]))
      faults.push(`${name} goes with Retain and is still named in the record`);
    return faults;
  }
  for (const one of own) if (listed.has(one)) faults.push(`${name} goes and ${nameOf(one)} is still in the list`);
  return faults;
}
