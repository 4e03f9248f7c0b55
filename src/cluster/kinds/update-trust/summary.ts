import type { ConditionValue, ConditionValues } from '../../../api/conditions.ts';
import { sentences, withCapital } from '../../../api/sentences.ts';
import type { TrustIntent } from '../../model/intent.ts';
import { isStalled } from '../../operation/patience.ts';
import type { StatusInput } from './status-input.ts';

const SUSPENDED: ConditionValue = {
  status: 'True',
  reason: 'Suspended',
  message: 'The object is suspended (spec.suspend): edits of it have no effect.',
};

/**
 * The conditions that people and GitOps tools wait for: `Ready`, and `Reconciling`, `Stalled` and `Suspended` while they are true. They
 * follow from the other conditions.
 */
export function summaryOf(findings: Readonly<ConditionValues>, input: StatusInput): ConditionValues {
  const { ready, stalled } = readyCondition(findings, input);
  const { reason, message } = ready;
  const isSuspended = input.intent.frozen === 'Suspended' && !input.intent.deletion;
  const isWorking = ready.status !== 'True' && !stalled && reason !== 'Suspended';
  return {
    Suspended: isSuspended ? SUSPENDED : undefined,
    Reconciling: isWorking ? { status: 'True', reason, message } : undefined,
    Stalled: stalled ? { status: 'True', reason, message } : undefined,
    Ready: ready,
  };
}

/** `Ready` is derived from the other conditions: it reports the most important obstacle. */
function readyCondition(
  findings: Readonly<ConditionValues>,
  input: StatusInput,
): { ready: ConditionValue; stalled: boolean } {
  const { intent } = input;
  const valid = findings.CertificatesValid;
  const suspended = intent.frozen === 'Suspended';
  const counts = [
    valid?.reason === 'PartiallyInvalid' || intent.deletion ? undefined : valid,
    intent.deletion ? undefined : findings.WithinCertificateLimit,
    findings.Applied,
    findings.NodesReimaged,
    suspended ? undefined : findings.NodesTrust,
  ];
  const first =
    counts.find((finding) => finding?.status === 'False') ?? counts.find((finding) => finding?.status === 'Unknown');
  const reimaged = findings.NodesReimaged;
  // A blocker says more than the operation that it blocks.
  const worst = first?.reason === 'Updating' && reimaged?.reason === 'ReimageBlocked' ? reimaged : first;
  if (!worst) return { ready: readyAs(intent, suspended), stalled: false };
  const { status, reason, message } = worst;
  // A suspended object is not stalled: a person put it aside, and no action is due.
  if (suspended && !intent.deletion) {
    const why =
      reason === 'Suspended'
        ? message
        : sentences('The object is suspended: edits have no effect', withCapital(message));
    return { ready: { status, reason: 'Suspended', message: why }, stalled: false };
  }
  return { ready: { status, reason, message }, stalled: isStalled(worst, intent.object.status?.conditions, input) };
}

function readyAs({ rows }: TrustIntent, suspended: boolean): ConditionValue {
  if (rows.length === 0 && !suspended)
    return { status: 'True', reason: 'NothingWanted', message: 'The object wants no certificate.' };
  const bad = rows.filter(({ problem }) => problem).length;
  const trusted =
    bad === 0
      ? 'Every covered node trusts the certificates of this object.'
      : `Every covered node trusts the certificates of this object that read; ${bad} ${bad === 1 ? 'does' : 'do'} not (see CertificatesValid).`;
  return suspended
    ? { status: 'True', reason: 'Suspended', message: `${trusted} The object is suspended: edits have no effect.` }
    : { status: 'True', reason: 'Trusted', message: trusted };
}
