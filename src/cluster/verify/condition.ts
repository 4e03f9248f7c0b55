import { isDeepStrictEqual } from 'node:util';
import type { ConditionValue } from '../../api/conditions.ts';
import type { CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';
import { escapeForDisplay } from '../../api/display.ts';
import type { TrustEvent } from '../model/trust-event.ts';
import type { TrustIntent } from '../model/intent.ts';
import { timestamp, wholeSeconds } from '../model/record.ts';
import type { NodeAnswer } from './plan.ts';
import type { VerificationReport } from '../model/follow-up.ts';
import type { VerificationStatus } from './types.ts';
import { provenCount } from './verified-nodes.ts';
import type { Wanted, WantedVerification } from './request.ts';
import { omit } from '../model/omit.ts';

/** Most nodes that a status names; the others are counted. */
const NAMED = 10;

/** Most nodes that a message names. */
const SPELLED_OUT = 3;

/** Longest message of a node in a status. */
const SHOWN = 640;

/**
 * The status of a finished verification. `begun` is carried over from the status while it ran: its list, since when the cluster
 * has that list, and the nodes that were shown to trust. `observedAt` changes only when something else changes.
 */
export function resultOf(
  { key }: WantedVerification,
  answers: readonly NodeAnswer[],
  begun: Pick<VerificationStatus, 'listDigest' | 'listSince' | 'proven'>,
  before: VerificationStatus,
  now: number,
): VerificationStatus {
  const of = (outcome: NodeAnswer['outcome']) => answers.filter((answer) => answer.outcome === outcome);
  const [untrusted, unclear, awaited] = [of('Untrusted'), of('Unclear'), of('Awaited')];
  const autoProvisioned = answers.filter(({ nodePool }) => nodePool !== undefined).length;
  const failing = [...untrusted, ...unclear, ...awaited]
    .slice(0, NAMED)
    .map((answer) => failingNode(answer, key, before));
  const found = {
    key,
    ...begun,
    observedAt: before.observedAt ?? wholeSeconds(timestamp(now)),
    nodes: answers.length,
    ...(autoProvisioned > 0 ? { autoProvisioned } : {}),
    trusted: of('Trusted').length,
    untrusted: untrusted.length,
    unclear: unclear.length,
    ...(awaited.length > 0 ? { awaited: awaited.length } : {}),
    ...(failing.length > 0 ? { failing } : {}),
  };
  return isDeepStrictEqual(found, before) ? found : { ...found, observedAt: wholeSeconds(timestamp(now)) };
}

/** The entry of a node that does not trust yet. An awaited node keeps the message that its own pod once gave. */
function failingNode({ node, nodePool, outcome, message }: NodeAnswer, key: string, before: VerificationStatus) {
  const same = outcome === 'Awaited' && before.key === key;
  const stored = same ? before.failing?.find((one) => one.node === node && one.outcome === outcome) : undefined;
  return (
    stored ?? {
      node: escapeForDisplay(node),
      ...(nodePool === undefined ? {} : { nodePool: escapeForDisplay(nodePool) }),
      outcome: outcome === 'Trusted' ? ('Unclear' as const) : outcome,
      message: escapeForDisplay(message, SHOWN),
    }
  );
}

/** `status.verification` when this reconcile took no step of it. */
export function verificationAtRest({ object }: TrustIntent, wanted: Wanted): VerificationStatus | undefined {
  const stored = object.status?.verification;
  if (!stored || stored.running) return stored;
  if (wanted.kind === 'None') return undefined;
  if (wanted.kind !== 'Wait' || !wanted.mayReplaceNodes) return stored;
  // Without a key the result counts for no verification. Nodes that stay are recognised by their marks.
  return omit(stored, ['key']);
}

/** `NodesTrust`: undefined where the object does not ask for it. */
export function nodesTrustCondition(
  { object }: TrustIntent,
  wanted: Wanted,
  verification: VerificationStatus | undefined,
  trouble: VerificationReport['trouble'],
): ConditionValue | undefined {
  const unknown = (reason: string, message: string): ConditionValue => ({ status: 'Unknown', reason, message });
  switch (wanted.kind) {
    case 'None':
      return undefined;
    case 'Suspended':
      return unknown('Suspended', 'Nodes are not verified while the object is suspended.');
    case 'Unknown': {
      const before = object.status?.conditions?.find(({ type }) => type === 'NodesTrust');
      return before ?? unknown('WaitingForChange', 'Nodes are not verified yet: the cluster could not be read.');
    }
    case 'Refused':
      return unknown(wanted.reason, wanted.message);
    case 'Wait':
      return unknown('WaitingForChange', `Nodes will be verified after the change: ${wanted.message}.`);
    case 'Verify':
      if (trouble) return unknown(trouble.reason, trouble.message);
      if (verification?.key === wanted.key && !verification.running) return conditionOf(wanted, verification);
      return unknown('Verifying', `Pods are verifying the nodes${soFar(verification)}.`);
  }
}

function soFar(verification: VerificationStatus | undefined): string {
  const count = provenCount((verification?.running && verification.proven) ?? '');
  return count > 0 ? `; so far ${count} ${count === 1 ? 'trusts' : 'trust'}` : '';
}

/** The condition of a finished verification. */
function conditionOf({ spec }: WantedVerification, result: VerificationStatus): ConditionValue {
  const { nodes = 0, trusted = 0, untrusted = 0, unclear = 0, awaited = 0, autoProvisioned = 0 } = result;
  if (nodes === 0) return { status: 'True', reason: 'NoNodes', message: 'The cluster has no node to verify.' };
  const what =
    spec.image === undefined
      ? "have the cluster's list, and nothing else, in their trust store"
      : `trust the registry of ${escapeForDisplay(spec.image)}`;
  const sample = spec.nodes === 'Every' ? 'every node was verified' : 'one node of each pool was verified';
  const ofKarpenter = autoProvisioned > 0 ? `, ${autoProvisioned} of them auto-provisioned` : '';
  const counts = `${trusted} of ${nodes} nodes ${what} (${sample}${ofKarpenter})`;
  const later = awaited > 0 ? `; ${awaited} older than the list ${DRIFT}` : '';
  if (untrusted > 0) {
    const message = `${counts}; ${untrusted} do not: ${spelled(result, 'Untrusted', untrusted)}${later}`;
    // A node gets its CAs before containerd starts. Where they changed later, containerd reads them only after a restart.
    const hint = spec.image === undefined ? '' : RESTART;
    return { status: 'False', reason: 'NotTrusted', message: message + hint + AGAIN };
  }
  if (unclear > 0) {
    const message = `${counts}; ${unclear} could not be verified: ${spelled(result, 'Unclear', unclear)}${later}`;
    return { status: 'Unknown', reason: 'NotProven', message: message + AGAIN };
  }
  if (awaited > 0) {
    const message = `${counts}; ${awaited} older than the list ${DRIFT}: ${spelled(result, 'Awaited', awaited)}`;
    return { status: 'Unknown', reason: 'WaitingForDrift', message };
  }
  return { status: 'True', reason: 'Verified', message: counts };
}

const DRIFT = 'may lack it until Karpenter replaces them; their successors are verified then';
const RESTART =
  '. If such a node was replaced since the change, restart containerd on it: systemctl restart containerd';
const AGAIN = '. To verify again, annotate the object with aks-ca-trust.dev/reconcile-requested-at';

function spelled({ failing = [] }: VerificationStatus, outcome: NodeAnswer['outcome'], count: number): string {
  const some = failing.filter((one) => one.outcome === outcome).slice(0, SPELLED_OUT);
  const more = count - some.length;
  return some.map(({ node, message }) => `${node}: ${message}`).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** One event for each finished verification, unless `others`, the object's other events, have its reason already. */
export function verificationEvents(
  before: CustomCATrustStatus | undefined,
  after: CustomCATrustStatus,
  others: readonly TrustEvent[],
): TrustEvent[] {
  const { observedAt } = after.verification ?? {};
  const condition = after.conditions?.find(({ type }) => type === 'NodesTrust');
  if (!condition || observedAt === undefined || observedAt === before?.verification?.observedAt) return [];
  if (others.some(({ reason }) => reason === condition.reason)) return [];
  const isWell = condition.status === 'True' || condition.reason === 'WaitingForDrift';
  return [{ type: isWell ? 'Normal' : 'Warning', reason: condition.reason, message: condition.message }];
}
