import { plural } from '../../api/wording.ts';
import type { RotationReport } from './rotation-report.ts';
import { find } from './verdict.ts';

/** What a CertificateRotation object says of certificates and rotations, by subject, in the order of a view. */
export type RotationTexts = readonly (readonly [about: string, text: string])[];

/**
 * Everything but the conditions: mode and phase, the first expiry, the next rotation, and the last one with what was checked after it.
 *
 * @param at formats a time of the API
 */
export function rotationTexts(report: RotationReport, at: (time: string) => string): RotationTexts {
  const texts = [
    ['rotation', phaseText(report)],
    ['certificates', healthText(report, at)],
    ['next rotation', nextText(report, at)],
    ['last rotation', lastText(report, at)],
    ['checked after it', proofText(report)],
  ] as const;
  return texts.flatMap(([about, text]) => (text === undefined ? [] : [[about, `${about}: ${text}`] as const]));
}

/** The name of the object as commands take it; other kinds may have the same name. */
export function shownName({ namespace, name }: Pick<RotationReport, 'namespace' | 'name'>): string {
  return `crot ${namespace}/${name}`;
}

function phaseText({ mode, phase }: RotationReport): string {
  return `mode ${mode}${phase === undefined ? '' : `, phase ${phase}`}`;
}

function healthText({ conditions, certificates, earliestNotAfter }: RotationReport, at: (time: string) => string) {
  const health = find(conditions, 'CertificatesHealthy')?.reason;
  if (health === undefined || earliestNotAfter === undefined) return health;
  const first = certificates.find(({ notAfter }) => notAfter === earliestNotAfter);
  const pool = first?.pool === undefined ? '' : ` of node pool ${first.pool}`;
  return `${health}; the first expiry is at ${at(earliestNotAfter)}${first ? ` (${first.name}${pool})` : ''}`;
}

function nextText({ nextRotation }: RotationReport, at: (time: string) => string): string | undefined {
  if (!nextRotation) return undefined;
  const { reason, announcedAt } = nextRotation;
  const announced = announcedAt === undefined ? 'not announced yet' : `announced ${at(announcedAt)}`;
  return `${at(nextRotation.at)} at the earliest, for ${Object.hasOwn(MEMBERS, reason) ? MEMBERS[reason] : reason}; ${announced}`;
}

/** The members of spec that ask for a rotation, by the reasons that they give. */
const MEMBERS = { Every: 'spec.every', BeforeExpiry: 'spec.beforeExpiry' } as const;

function lastText({ lastRotation }: RotationReport, at: (time: string) => string): string | undefined {
  if (!lastRotation) return undefined;
  const { startedAt, completedAt, startedBy, attempts = 1 } = lastRotation;
  if (startedBy === 'AnotherClient') return `by another client, ${at(startedAt)}`;
  const end = completedAt === undefined ? 'not complete' : `complete ${at(completedAt)}`;
  return `begun ${at(startedAt)}, ${end}${attempts > 1 ? `, ${plural(attempts, 'attempt')}` : ''}`;
}

function proofText({ verification }: RotationReport): string | undefined {
  if (!verification) return undefined;
  const named = Map.groupBy(verification.rows, ({ result }) => result);
  const passed = named.get('Passed')?.length ?? 0;
  const others = (['Failed', 'Pending', 'Unknown'] as const).flatMap((result) => {
    const rows = named.get(result) ?? [];
    return rows.length === 0 ? [] : [`${result}: ${rows.map(({ name }) => name).join(', ')}`];
  });
  return [`${passed} of ${verification.rows.length} passed`, ...others].join('; ');
}
