import type { CertificateRotationSpec } from '../../api/generated/certificaterotations.ts';
import { readLongDuration } from '../../api/long-duration.ts';

/** Rotations that an object asks for without a request. All times are in ms. */
export interface RotationPolicy {
  /** `spec.every`: a rotation whenever the cluster CA is this old. */
  readonly every?: number;
  /** `spec.beforeExpiry`: a rotation when the cluster CA or the API server's certificate is valid for no longer than this. */
  readonly beforeExpiry?: number;
  /** `spec.notice`: how long a rotation is announced before it may begin. */
  readonly notice: number;
  /** The length of a day, which is shorter for a simulated cluster. */
  readonly day: number;
}

const NOTICE = '72h';

/** The policy of an object; undefined where it has none. A text that is no duration, which admission refuses, asks for nothing. */
export function readRotationPolicy(spec: CertificateRotationSpec, day: number): RotationPolicy | undefined {
  const every = spec.every === undefined ? undefined : readLongDuration(spec.every, day);
  const beforeExpiry = spec.beforeExpiry === undefined ? undefined : readLongDuration(spec.beforeExpiry, day);
  const notice = readLongDuration(spec.notice ?? NOTICE, day);
  if ((every === undefined && beforeExpiry === undefined) || notice === undefined) return undefined;
  return {
    ...(every === undefined ? {} : { every }),
    ...(beforeExpiry === undefined ? {} : { beforeExpiry }),
    notice,
    day,
  };
}
