import { isDeepStrictEqual } from 'node:util';
import type { ConditionValue } from '../../api/conditions.ts';
import type { CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';
import { escapeForDisplay } from '../../api/display.ts';
import type { TrustEvent } from '../model/trust-event.ts';
import type { Intent } from '../model/intent.ts';
import { timestamp, wholeSeconds } from '../model/record.ts';
import type { NodeAnswer } from './plan.ts';
import type { VerificationReport, VerificationStatus } from './types.ts';
import { provenCount } from './verified-nodes.ts';
import type { Wanted, WantedVerification } from './request.ts';

/** Nodes that a status names; the rest is counted. */
const NAMED = 10;

/** Nodes that a message spells out. */
const SPELLED_OUT = 3;

/** Longest message of a node in a status. */
const SHOWN = 640;

/**
 * What is kept of a verification that is done. `begun` is what was said while it ran: its list, since when, and who was shown to
 * trust. When all else is as `before` says, so is the time.
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

/** Of a node that is waited for, what its pod has shown when it was asked. */
function failingNode({ node, nodePool, outcome, message }: NodeAnswer, key: string, said: VerificationStatus) {
  const same = outcome === 'Awaited' && said.key === key;
  const before = same ? said.failing?.find((one) => one.node === node && one.outcome === outcome) : undefined;
  return (
    before ?? {
      node: escapeForDisplay(node),
      ...(nodePool === undefined ? {} : { nodePool: escapeForDisplay(nodePool) }),
      outcome: outcome === 'Trusted' ? ('Unclear' as const) : outcome,
      message: escapeForDisplay(message, SHOWN),
    }
  );
}

/** `status.verification` where no step of it was taken in this pass. */
export function verificationAtRest({ object }: Intent, wanted: Wanted): VerificationStatus | undefined {
  const said = object.status?.verification;
  if (!said || said.running) return said;
  if (wanted.kind === 'None') return undefined;
  if (wanted.kind !== 'Wait' || !wanted.mayReplaceNodes) return said;
  // Without its key it holds for no verification; whose nodes are still the same by then is known by their marks.
  const { key: _, ...rest } = said;
  return rest;
}

/** `NodesTrust`: undefined where the object does not ask for it. */
export function nodesTrustCondition(
  { object }: Intent,
  wanted: Wanted,
  said: VerificationStatus | undefined,
  trouble: VerificationReport['trouble'],
): ConditionValue | undefined {
  const unknown = (reason: string, message: string): ConditionValue => ({ status: 'Unknown', reason, message });
  switch (wanted.kind) {
    case 'None':
      return undefined;
    case 'Suspended':
      return unknown('Suspended', 'nothing is verified while the object is suspended');
    case 'Unknown': {
      const before = object.status?.conditions?.find(({ type }) => type === 'NodesTrust');
      return before ?? unknown('WaitingForChange', 'the cluster could not be read');
    }
    case 'Refused':
      return unknown(wanted.reason, wanted.message);
    case 'Wait':
      return unknown('WaitingForChange', `nodes are verified after the change: ${wanted.message}`);
    case 'Verify':
      if (trouble) return unknown(trouble.reason, trouble.message);
      if (said?.key === wanted.key && !said.running) return resultFinding(wanted, said);
      return unknown('Verifying', `pods are asking the nodes${soFar(said)}`);
  }
}

function soFar(said: VerificationStatus | undefined): string {
  const count = provenCount((said?.running && said.proven) ?? '');
  return count > 0 ? `; so far ${count} ${count === 1 ? 'trusts' : 'trust'}` : '';
}

function resultFinding({ spec }: WantedVerification, said: VerificationStatus): ConditionValue {
  const { nodes = 0, trusted = 0, untrusted = 0, unclear = 0, awaited = 0, autoProvisioned = 0 } = said;
  if (nodes === 0) return { status: 'True', reason: 'NoNodes', message: 'there is no node to ask' };
  const what =
    spec.image === undefined
      ? "have the cluster's list, and nothing else, in their trust store"
      : `trust the registry of ${escapeForDisplay(spec.image)}`;
  const whose = spec.nodes === 'Every' ? 'every node was asked' : 'one node of each pool was asked';
  const ofKarpenter = autoProvisioned > 0 ? `, ${autoProvisioned} of them auto-provisioned` : '';
  const counts = `${trusted} of ${nodes} nodes ${what} (${whose}${ofKarpenter})`;
  const later = awaited > 0 ? `; ${awaited} older than the list ${DRIFT}` : '';
  if (untrusted > 0) {
    const message = `${counts}; ${untrusted} do not: ${spelled(said, 'Untrusted', untrusted)}${later}`;
    // A node gets its CAs before containerd starts; one that was changed later has to be asked to read them.
    const hint = spec.image === undefined ? '' : RESTART;
    return { status: 'False', reason: 'NotTrusted', message: message + hint + AGAIN };
  }
  if (unclear > 0) {
    const message = `${counts}; of ${unclear} it cannot be told: ${spelled(said, 'Unclear', unclear)}${later}`;
    return { status: 'Unknown', reason: 'NotProven', message: message + AGAIN };
  }
  if (awaited > 0) {
    const message = `${counts}; ${awaited} older than the list ${DRIFT}: ${spelled(said, 'Awaited', awaited)}`;
    return { status: 'Unknown', reason: 'WaitingForDrift', message };
  }
  return { status: 'True', reason: 'Verified', message: counts };
}

const DRIFT = 'may lack it until Karpenter replaces them, and their successors are asked then';
const RESTART =
  '. If such a node was replaced since the change, restart containerd on it: systemctl restart containerd';
const AGAIN = '. To ask again, annotate the object with aks-ca-trust.dev/reconcile-requested-at';

function spelled({ failing = [] }: VerificationStatus, outcome: NodeAnswer['outcome'], count: number): string {
  const some = failing.filter((one) => one.outcome === outcome).slice(0, SPELLED_OUT);
  const more = count - some.length;
  return some.map(({ node, message }) => `${node}: ${message}`).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** One event for each verification that was done. `others` are told of the object already. */
export function verificationEvents(
  before: CustomCATrustStatus | undefined,
  after: CustomCATrustStatus,
  others: readonly TrustEvent[],
): TrustEvent[] {
  const { observedAt } = after.verification ?? {};
  const said = after.conditions?.find(({ type }) => type === 'NodesTrust');
  if (!said || observedAt === undefined || observedAt === before?.verification?.observedAt) return [];
  if (others.some(({ reason }) => reason === said.reason)) return [];
  const isWell = said.status === 'True' || said.reason === 'WaitingForDrift';
  return [{ type: isWell ? 'Normal' : 'Warning', reason: said.reason, message: said.message }];
}
