import type { CertificateRotationStatus } from '../api/generated/certificaterotations.ts';

/** One certificate, or one kind of it in one node pool. */
export type CertificateRow = NonNullable<CertificateRotationStatus['certificates']>[number];

/** Whether the kubelets of one node pool renew their certificates by themselves. */
export type AutoRotationRow = NonNullable<CertificateRotationStatus['autoRotation']>[number];

/** What the evidence shows of a cluster's own certificates. */
export interface Judgement {
  readonly certificates: readonly CertificateRow[];
  readonly autoRotation: readonly AutoRotationRow[];
  /** RFC 3339; undefined where no date is known. */
  readonly earliestNotAfter?: string;
}
