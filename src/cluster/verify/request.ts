import { shownName } from '../../certificates/x509/shown-name.ts';
import { createHash } from 'node:crypto';
import { RECONCILE_REQUESTED_AT } from '../../api/names.ts';
import { isChange } from '../model/trust.ts';
import type { Decision } from '../model/decision.ts';
import type { TrustIntent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { digestOf, opaquePartsOf, partsOf } from '../model/fingerprints.ts';
import { idOf, type VerifyAccess } from '../model/way.ts';
import type { VerificationStatus, VerifySpec } from './types.ts';

/** The verification that an object requests now, or why none can start. */
export type Wanted =
  /** The object requests no verification, or is being deleted. */
  | { readonly kind: 'None' }
  | { readonly kind: 'Suspended' }
  /** The cluster could not be read. */
  | { readonly kind: 'Unknown' }
  /** The policy does not allow the request, or the operator has not configured it. */
  | { readonly kind: 'Refused'; readonly reason: 'NoNodeAccess' | 'NotConfigured'; readonly message: string }
  /** The verification waits for a change. `mayReplaceNodes`: an operation may replace the nodes that were verified before. */
  | { readonly kind: 'Wait'; readonly message: string; readonly mayReplaceNodes: boolean }
  | WantedVerification;

export interface WantedVerification {
  readonly kind: 'Verify';
  readonly spec: VerifySpec;
  /** Namespace of the pods. */
  readonly namespace: string;
  /** The image that they pull: the object's, or the operator's for reading a trust store. */
  readonly image: string;
  /** Names of the image pull Secrets, in that namespace. */
  readonly pullSecrets: readonly string[];
  /** Identifies the verification: the same for the same list, change, spec, reconcile request and way to the nodes. */
  readonly key: string;
  readonly listDigest: string;
  /** Nodes made until this time, in ms, may be older than the last change. */
  readonly appliedAt?: number;
  /** The list: subject by fingerprint. */
  readonly expected: ReadonlyMap<string, string>;
  /** False where the list has elements that cannot be read: a node may have certificates of them. */
  readonly complete: boolean;
}

/** Decides whether to verify. Nothing is verified while a change is pending or runs, because nodes are about to be replaced. */
export function wantedOf(intent: TrustIntent, { arm, ways }: Observation, { record, step, outlook }: Decision): Wanted {
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
  if (step.kind === 'Send' || record?.operation) return wait('a change of the list is in progress', true);
  if (!outlook.settled) return wait('an operation on the cluster is in progress, or did not succeed', true);
  // A change that is held only for another object does not affect this one.
  if (isChange(outlook.view.merge) || outlook.shares?.has(intent.name))
    return wait('a change of the list is pending', false);
  const listDigest = digestOf(partsOf(arm.list));
  const appliedAt = latestOf([record?.lastApplied?.at, record?.outside?.since]);
  return {
    kind: 'Verify',
    ...{ spec, namespace, image },
    pullSecrets: way.pullSecrets ? (spec.imagePullSecrets ?? []) : [],
    key: keyOf(spec, [listDigest, record?.lastApplied?.at ?? '', requestOf(intent), wayTo(way), namespace, image]),
    listDigest,
    ...(appliedAt === undefined ? {} : { appliedAt }),
    expected: new Map(
      [...outlook.view.present].map(([fingerprint, { details }]) => [fingerprint, shownName(details.subject)]),
    ),
    complete: arm.list.every((element) => opaquePartsOf(element).length === 0),
  };
}

/** True when pods have to be created, read or deleted for this object. */
export function isDue(intent: TrustIntent, wanted: Wanted): boolean {
  const stored = intent.object.status?.verification;
  switch (wanted.kind) {
    case 'Unknown':
      return false;
    case 'None':
    case 'Suspended':
    case 'Refused':
    case 'Wait':
      return stored?.running !== undefined;
    case 'Verify':
      return stored?.running !== undefined || stored?.key !== wanted.key || awaitsDrift(stored);
  }
}

/** True once nodes were found that Karpenter has yet to replace: their successors must be verified. */
export function awaitsDrift({ awaited = 0 }: VerificationStatus): boolean {
  return awaited > 0;
}

/**
 * The latest time since when the cluster has had its list, in ms; undefined where it is not known. A stored time counts only for
 * the list it was stored with. `serverNow` is by the target's own clock.
 */
export function listSinceOf(
  stored: VerificationStatus,
  { listDigest, appliedAt }: WantedVerification,
  serverNow: number,
): number | undefined {
  if (stored.listDigest !== undefined && stored.listDigest !== listDigest) return serverNow;
  return latestOf([stored.listSince, appliedAt]);
}

/** The latest of these times, in ms. Times by our clock and by the target's may be mixed: the later one is the safe choice. */
function latestOf(times: readonly (string | number | undefined)[]): number | undefined {
  const ms = times.flatMap((time) => (time === undefined ? [] : typeof time === 'number' ? time : Date.parse(time)));
  return ms.length > 0 ? Math.max(...ms) : undefined;
}

/** Identifies the way to the nodes: another way may lead to other nodes. */
function wayTo({ ways: [first] }: VerifyAccess): string {
  return first ? idOf(first) : '';
}

const NOT_CONFIGURED =
  'Verification of the trust store is not configured: the operator of the controller names an image for it with --verify-trust-store-image. Use spec.verify.image instead, or ask the operator.';

function requestOf({ object }: TrustIntent): string {
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
