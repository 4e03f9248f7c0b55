import type { CertificateRotation, CertificateRotationStatus } from '../../api/generated/certificaterotations.ts';
import { standingReport, type StandingReport } from './standing-report.ts';

type Rows<T extends 'certificates' | 'autoRotation' | 'preflight'> = NonNullable<CertificateRotationStatus[T]>;

/** One CertificateRotation object, reduced to what a view shows. */
export interface RotationReport extends StandingReport {
  readonly mode: 'Monitor' | 'Rotate';
  readonly phase: CertificateRotationStatus['phase'];
  readonly certificates: Rows<'certificates'>;
  readonly autoRotation: Rows<'autoRotation'>;
  readonly preflight: Rows<'preflight'>;
  readonly earliestNotAfter: string | undefined;
  readonly lastRotation: CertificateRotationStatus['lastRotation'];
  readonly nextRotation: CertificateRotationStatus['nextRotation'];
  readonly verification: CertificateRotationStatus['verification'];
}

export function rotationReport(object: CertificateRotation): RotationReport {
  const { spec, status } = object;
  return {
    ...standingReport(object),
    mode: spec.mode ?? 'Monitor',
    phase: status?.phase,
    certificates: status?.certificates ?? [],
    autoRotation: status?.autoRotation ?? [],
    preflight: status?.preflight ?? [],
    earliestNotAfter: status?.earliestNotAfter,
    lastRotation: status?.lastRotation,
    nextRotation: status?.nextRotation,
    verification: status?.verification,
  };
}
