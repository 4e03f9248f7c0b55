import { createHash } from 'node:crypto';
import { RECONCILE_REQUESTED_AT } from '../../api/names.ts';
import type { Decision } from '../decision.ts';
import type { Intent } from '../intent.ts';
import type { Observation } from '../observation.ts';
import { digestOf, partsOf } from '../trust/listed.ts';
import { DEFAULT_NAMESPACE, type VerifySpec } from './verification.ts';

/** What an object wants of its nodes now. */
export type Wanted =
  /** Nothing: it does not ask, or is being deleted. */
  | { readonly kind: 'None' }
  | { readonly kind: 'Suspended' }
  /** The cluster was not read, so nobody can tell. */
  | { readonly kind: 'Unknown' }
  /** It asks, and its time has not come. */
  | { readonly kind: 'Wait'; readonly message: string }
  | WantedVerification;

export interface WantedVerification {
  readonly kind: 'Verify';
  readonly spec: VerifySpec;
  readonly namespace: string;
  /** Names the verification: the same for the same list, change, spec and reconcile request. */
  readonly key: string;
  readonly listDigest: string;
  /** The list: subject by fingerprint. */
  readonly expected: ReadonlyMap<string, string>;
  /** False where the list has elements that cannot be read: a node may have certificates of them. */
  readonly complete: boolean;
}

/** Nothing is verified while a change is pending or runs: nodes are about to be replaced, and what they trust says nothing. */
export function wantedOf(intent: Intent, { arm }: Observation, { record, step, outlook }: Decision): Wanted {
  const { verify: spec, suspend } = intent.object.spec;
  if (!spec || intent.deletion) return { kind: 'None' };
  if (suspend) return { kind: 'Suspended' };
  if (!arm.ok || !outlook.view) return { kind: 'Unknown' };
  if (step.kind === 'Send' || record?.operation) return { kind: 'Wait', message: 'a change of the list runs' };
  if (record?.pending) return { kind: 'Wait', message: 'a change of the list is pending' };
  if (!outlook.settled) return { kind: 'Wait', message: 'an operation runs in the cluster, or did not succeed' };
  const listDigest = digestOf(partsOf(arm.list));
  return {
    kind: 'Verify',
    spec,
    namespace: spec.namespace ?? DEFAULT_NAMESPACE,
    key: keyOf(spec, [listDigest, record?.lastAppliedTime ?? '', requestOf(intent)]),
    listDigest,
    expected: new Map([...outlook.view.present].map(([fingerprint, { details }]) => [fingerprint, details.subject])),
    complete: arm.list.every(({ kind }) => kind !== 'unreadable'),
  };
}

/** True when pods have to be made, looked at or taken away for this object. */
export function isDue(intent: Intent, wanted: Wanted): boolean {
  const said = intent.object.status?.verification;
  switch (wanted.kind) {
    case 'Unknown':
      return false;
    case 'None':
    case 'Suspended':
    case 'Wait':
      return said?.running !== undefined;
    case 'Verify':
      return said?.running !== undefined || said?.key !== wanted.key;
  }
}

function requestOf({ object }: Intent): string {
  return object.metadata.annotations?.[RECONCILE_REQUESTED_AT] ?? '';
}

function keyOf(spec: VerifySpec, what: readonly string[]): string {
  const { image, trustStore, imagePullSecrets = [], nodes = 'PerPool', namespace = DEFAULT_NAMESPACE } = spec;
  const asked = [image ?? '', trustStore?.image ?? '', [...imagePullSecrets].sort(), nodes, namespace];
  return createHash('sha256')
    .update(JSON.stringify([...what, asked]))
    .digest('hex')
    .slice(0, 16);
}
