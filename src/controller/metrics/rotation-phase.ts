import type { CertificateRotation, CertificateRotationStatus } from '../../api/generated/certificaterotations.ts';

type Phase = NonNullable<CertificateRotationStatus['phase']>;

/** The phases that an object may have. The record makes the compiler ask for a new one. */
const PHASES: Readonly<Record<Phase, true>> = {
  Idle: true,
  Noticed: true,
  Preflight: true,
  Rotating: true,
  Completed: true,
  Failed: true,
};
export const ROTATION_PHASES = Object.keys(PHASES) as readonly Phase[];

/** The phase of an object; undefined where it asks for no rotation, and while it is suspended, when its phase is that of before. */
export function phaseOf({ spec, status }: CertificateRotation): Phase | undefined {
  if (spec.suspend === true || status?.phase === undefined) return undefined;
  return Object.hasOwn(PHASES, status.phase) ? status.phase : undefined;
}
