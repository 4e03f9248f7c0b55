import type { Finding } from '../../api/conditions.ts';
import type { CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';
import { escapeForDisplay } from '../../api/display.ts';
import type { TrustEvent } from '../events.ts';
import type { Intent } from '../intent.ts';
import { timestamp } from '../record.ts';
import type { Answer } from './plan-verification.ts';
import type { VerificationReport, VerificationStatus } from './verification.ts';
import type { Wanted, WantedVerification } from './wanted.ts';

/** Nodes that a status names; the rest is counted. */
const NAMED = 10;
/** Nodes that a message spells out. */
const SPELLED_OUT = 3;
/** Longest message of a node in a status. */
const SHOWN = 640;

/** What is kept of a verification that is done. */
export function resultOf(wanted: WantedVerification, answers: readonly Answer[], now: number): VerificationStatus {
  const of = (outcome: Answer['outcome']) => answers.filter((answer) => answer.outcome === outcome);
  const [untrusted, unclear] = [of('Untrusted'), of('Unclear')];
  const failing = [...untrusted, ...unclear].slice(0, NAMED).map(({ node, outcome, message }) => ({
    node: escapeForDisplay(node),
    outcome: outcome === 'Untrusted' ? outcome : ('Unclear' as const),
    message: message.slice(0, SHOWN),
  }));
  return {
    key: wanted.key,
    listDigest: wanted.listDigest,
    observedAt: timestamp(now),
    nodes: answers.length,
    trusted: of('Trusted').length,
    untrusted: untrusted.length,
    unclear: unclear.length,
    ...(failing.length > 0 ? { failing } : {}),
  };
}

/** `status.verification` where no step of it was taken in this pass. */
export function verificationAtRest({ object }: Intent, wanted: Wanted): VerificationStatus | undefined {
  const said = object.status?.verification;
  return wanted.kind === 'None' && !said?.running ? undefined : said;
}

/** `NodesTrust`: undefined where the object does not ask for it. */
export function nodesTrustFinding(
  { object }: Intent,
  wanted: Wanted,
  said: VerificationStatus | undefined,
  trouble: VerificationReport['trouble'],
): Finding | undefined {
  const unknown = (reason: string, message: string): Finding => ({ status: 'Unknown', reason, message });
  switch (wanted.kind) {
    case 'None':
      return undefined;
    case 'Suspended':
      return unknown('Suspended', 'nothing is verified while the object is suspended');
    case 'Unknown': {
      const before = object.status?.conditions?.find(({ type }) => type === 'NodesTrust');
      return before ?? unknown('WaitingForChange', 'the cluster could not be read');
    }
    case 'Wait':
      return unknown('WaitingForChange', `nodes are verified after the change: ${wanted.message}`);
    case 'Verify':
      if (trouble) return unknown(trouble.reason, trouble.message);
      if (said?.key === wanted.key && !said.running) return resultFinding(wanted, said);
      return unknown('Verifying', 'pods are asking the nodes');
  }
}

function resultFinding({ spec }: WantedVerification, said: VerificationStatus): Finding {
  const { nodes = 0, trusted = 0, untrusted = 0, unclear = 0 } = said;
  if (nodes === 0) return { status: 'True', reason: 'NoNodes', message: 'there is no node to ask' };
  const what =
    spec.image === undefined
      ? "have the cluster's list, and nothing else, in their trust store"
      : `trust the registry of ${escapeForDisplay(spec.image)}`;
  const whose = spec.nodes === 'Every' ? 'every node was asked' : 'one node of each pool was asked';
  const counts = `${trusted} of ${nodes} nodes ${what} (${whose})`;
  if (untrusted > 0) {
    const message = `${counts}; ${untrusted} do not: ${spelled(said, 'Untrusted', untrusted)}`;
    return { status: 'False', reason: 'NotTrusted', message: message + AGAIN };
  }
  if (unclear > 0) {
    const message = `${counts}; of ${unclear} it cannot be told: ${spelled(said, 'Unclear', unclear)}`;
    return { status: 'Unknown', reason: 'NotProven', message: message + AGAIN };
  }
  return { status: 'True', reason: 'Verified', message: counts };
}

const AGAIN = '. To ask again, annotate the object with aks-ca-trust.dev/reconcile-requested-at';

function spelled({ failing = [] }: VerificationStatus, outcome: Answer['outcome'], count: number): string {
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
  return [{ type: said.status === 'True' ? 'Normal' : 'Warning', reason: said.reason, message: said.message }];
}
