import type { ConditionValue } from '../../../api/conditions.ts';
import type { HealthReason } from '../../../api/reasons.ts';
import { sentences } from '../../../api/sentences.ts';
import type { CertificateRow, Judgement } from '../../../cluster-certificates/judgement.ts';

/** The most problems that a message spells out. The rows have all of them. */
const SPELLED_OUT = 3;

/** The rows without which nothing certain can be said: AKS renews every other certificate. */
const NEEDED: ReadonlySet<CertificateRow['name']> = new Set(['ClusterCA', 'APIServer']);

/** The worst first. */
const BY_SEVERITY = ['Expired', 'Intercepted', 'Late', 'Expiring'] as const;

interface Problem {
  readonly reason: HealthReason;
  readonly text: string;
}

/** `CertificatesHealthy`: the certificates and node pools with a problem, the worst first, and what to do. */
export function healthCondition(judged: Judgement): ConditionValue {
  const { certificates } = judged;
  if (certificates.length === 0) return NOT_READ_YET;
  const problems = problemsOf(judged);
  const [worst] = problems;
  if (worst) return { status: 'False', reason: worst.reason, message: spelledOut(problems) };
  const unknown = certificates.filter(({ health }) => health === 'Unknown');
  const missing = unknown.filter(({ name }) => NEEDED.has(name));
  if (missing.length > 0)
    return {
      status: 'Unknown',
      reason: 'NotKnown',
      message: sentences(...missing.map((row) => `${shownAs(row)}: ${row.message ?? 'It is not known.'}`)),
    };
  const first = judged.earliestNotAfter;
  return {
    status: 'True',
    reason: 'Healthy',
    message: sentences(
      `No certificate that is known needs an action${first === undefined ? '' : `; the first one expires at ${first}`}`,
      unknown.length > 0 ? `Not known are ${namesOf(unknown)}: see the rows for what would make them known` : '',
    ),
  };
}

const NOT_READ_YET: ConditionValue = {
  status: 'Unknown',
  reason: 'NotReadYet',
  message: 'The certificates of the cluster were not read yet.',
};

/** The certificate that a row shows, for a sentence. */
export function shownAs({ name, pool }: CertificateRow): string {
  return pool === undefined || pool === '' ? name : `${name} of node pool ${pool}`;
}

function problemsOf({ certificates, autoRotation }: Judgement): Problem[] {
  const ofRows = BY_SEVERITY.flatMap((reason) =>
    certificates
      .filter(({ health, sameAsClusterCA }) => health === reason && !sameAsClusterCA)
      .map((row): Problem => ({ reason, text: `${shownAs(row)}: ${row.message ?? `It is ${reason}.`}` })),
  );
  const late = new Set(certificates.filter(({ health }) => health === 'Late').map(({ pool }) => pool));
  const ofPools = autoRotation.flatMap(({ pool, state, message }): Problem[] => {
    const text = `Node pool ${pool}: ${message}`;
    if (state === 'Late' && !late.has(pool)) return [{ reason: 'Late', text }];
    return state === 'Disabled' ? [{ reason: 'AutoRotationDisabled', text }] : [];
  });
  return [...ofRows, ...ofPools];
}

function spelledOut(problems: readonly Problem[]): string {
  const others = problems.length - SPELLED_OUT;
  const more = others > 0 ? `${others} more ${others === 1 ? 'row has' : 'rows have'} a problem` : '';
  return sentences(...problems.slice(0, SPELLED_OUT).map(({ text }) => text), more);
}

function namesOf(rows: readonly CertificateRow[]): string {
  return [...new Set(rows.map(({ name }) => name))].join(', ');
}
