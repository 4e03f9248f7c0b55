import { shownName } from '../../certificates/x509/shown-name.ts';
import { createHash } from 'node:crypto';
import { RECONCILE_REQUESTED_AT } from '../../api/names.ts';
import { isChange } from '../model/trust.ts';
import type { Decision } from '../model/decision.ts';
import type { Intent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { digestOf, opaquePartsOf, partsOf } from '../model/fingerprints.ts';
import { idOf, type VerifyAccess } from '../model/way.ts';
import type { VerificationStatus, VerifySpec } from './types.ts';

/** What an object wants of its nodes now. */
export type Wanted =
  /** Nothing: it does not ask, or is being deleted. */
  | { readonly kind: 'None' }
  | { readonly kind: 'Suspended' }
  /** The cluster was not read, so nobody can tell. */
  | { readonly kind: 'Unknown' }
  /** It asks for what it may not have, or what the operator has not configured. */
  | { readonly kind: 'Refused'; readonly reason: 'NoNodeAccess' | 'NotConfigured'; readonly message: string }
  /** It asks, and its time has not come. An operation may leave other nodes behind than those that were asked before. */
  | { readonly kind: 'Wait'; readonly message: string; readonly mayReplaceNodes: boolean }
  | WantedVerification;

export interface WantedVerification {
  readonly kind: 'Verify';
  readonly spec: VerifySpec;
  /** Where the pods run. */
  readonly namespace: string;
  /** What they pull: the object's image, or the operator's for reading a trust store. */
  readonly image: string;
  /** Names of Secrets of that namespace with which it is pulled. */
  readonly pullSecrets: readonly string[];
  /** Names the verification: the same for the same list, change, spec, reconcile request and way to the nodes. */
  readonly key: string;
  readonly listDigest: string;
  /** Nodes that were made up to then may be older than our last change, in ms. */
  readonly appliedAt?: number;
  /** The list: subject by fingerprint. */
  readonly expected: ReadonlyMap<string, string>;
  /** False where the list has elements that cannot be read: a node may have certificates of them. */
  readonly complete: boolean;
}

/** Nothing is verified while a change is pending or runs: nodes are about to be replaced, and what they trust says nothing. */
export function wantedOf(intent: Intent, { arm, ways }: Observation, { record, step, outlook }: Decision): Wanted {
  const { verify: spec, suspend } = intent.object.spec;
  if (!spec || intent.deletion || intent.frozen === 'NotAllowed') return { kind: 'None' };
  if (suspend) return { kind: 'Suspended' };
  if (!arm.ok || !outlook.view) return { kind: 'Unknown' };
  const { namespace, trustStoreImage, access } = ways.verification;
  const way = access.get(intent.name);
  if (!way || way.refusal !== undefined)
    return { kind: 'Refused', reason: 'NoNodeAccess', message: way?.refusal ?? '' };
  const image = spec.trustStore ? trustStoreImage : spec.image;
  if (image === undefined) return { kind: 'Refused', reason: 'NotConfigured', message: NOT_CONFIGURED };
  const wait = (message: string, mayReplaceNodes: boolean): Wanted => ({ kind: 'Wait', message, mayReplaceNodes });
  if (step.kind === 'Send' || record?.operation) return wait('a change of the list runs', true);
  if (!outlook.settled) return wait('an operation runs in the cluster, or did not succeed', true);
  // A change that is held for another object only says nothing of this one.
  if (isChange(outlook.view.merge) || outlook.shares?.has(intent.name))
    return wait('a change of the list is pending', false);
  const listDigest = digestOf(partsOf(arm.list));
  const appliedAt = latestOf([record?.lastAppliedTime, record?.outside?.since]);
  return {
    kind: 'Verify',
    ...{ spec, namespace, image },
    pullSecrets: way.pullSecrets ? (spec.imagePullSecrets ?? []) : [],
    key: keyOf(spec, [listDigest, record?.lastAppliedTime ?? '', requestOf(intent), wayTo(way), namespace, image]),
    listDigest,
    ...(appliedAt === undefined ? {} : { appliedAt }),
    expected: new Map(
      [...outlook.view.present].map(([fingerprint, { details }]) => [fingerprint, shownName(details.subject)]),
    ),
    complete: arm.list.every((element) => opaquePartsOf(element).length === 0),
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
    case 'Refused':
    case 'Wait':
      return said?.running !== undefined;
    case 'Verify':
      return said?.running !== undefined || said?.key !== wanted.key || awaitsDrift(said);
  }
}

/** True once nodes were found that Karpenter has yet to replace: their successors are to be asked. */
export function awaitsDrift({ awaited = 0 }: VerificationStatus): boolean {
  return awaited > 0;
}

/**
 * Since when the cluster has had its list at the latest, in ms; undefined where nobody knows. What was said last is of the list
 * that it was said of. `serverNow` is by the target's own clock.
 */
export function listSinceOf(
  said: VerificationStatus,
  { listDigest, appliedAt }: WantedVerification,
  serverNow: number,
): number | undefined {
  if (said.listDigest !== undefined && said.listDigest !== listDigest) return serverNow;
  return latestOf([said.listSince, appliedAt]);
}

/** In ms. What our clock says of a change is joined with the target's own account of nodes that were there before it. */
function latestOf(times: readonly (string | number | undefined)[]): number | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : typeof time === 'number' ? time : Date.parse(time)));
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** How nodes are reached: another way may lead to other nodes. */
function wayTo({ ways: [first] }: VerifyAccess): string {
  return first ? idOf(first) : '';
}

const NOT_CONFIGURED =
  'Verification of the trust store is not configured: the operator of the controller names an image for it with --verify-trust-store-image. Use spec.verify.image instead, or ask the operator.';

function requestOf({ object }: Intent): string {
  return object.metadata.annotations?.[RECONCILE_REQUESTED_AT] ?? '';
}

function keyOf(spec: VerifySpec, what: readonly string[]): string {
  const { trustStore, imagePullSecrets = [], nodes = 'PerPool' } = spec;
  const asked = [trustStore !== undefined, [...imagePullSecrets].sort(), nodes];
  return createHash('sha256')
    .update(JSON.stringify([...what, asked]))
    .digest('hex')
    .slice(0, 16);
}
