import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../../src/api/names.ts';
import { readRotationIntent, type RotationIntent } from '../../../src/cluster/model/rotation.ts';
import { OPEN_GRANTS, type Grants } from '../../../src/policy/policy.ts';
import { CLUSTER_ID } from '../../harness/build.ts';

export type Status = NonNullable<CertificateRotation['status']>;

export const CA = 'a'.repeat(64);
export const OTHER = 'b'.repeat(64);

/** The row of the cluster CA. */
export function rowOf(
  fingerprintSHA256: string | undefined,
  more: object = {},
): NonNullable<Status['certificates']>[number] {
  return {
    name: 'ClusterCA',
    maintainedBy: 'You',
    health: 'Healthy',
    subject: 'CN=ca',
    notBefore: '2026-01-01T00:00:00Z',
    ...(fingerprintSHA256 === undefined ? {} : { fingerprintSHA256 }),
    ...more,
  };
}

/** An object that asks for a search, in a cluster whose CA was read. */
export function asking(
  status: Status = {},
  {
    spec = {},
    metadata = {},
    grants = {},
  }: { spec?: Partial<CertificateRotation['spec']>; metadata?: object; grants?: Partial<Grants> } = {},
): RotationIntent {
  const object: CertificateRotation = {
    apiVersion: API_VERSION,
    kind: 'CertificateRotation',
    metadata: { namespace: 'team', name: 'prod', uid: 'u1', generation: 1, ...metadata },
    spec: { target: { resourceId: CLUSTER_ID.resourceId }, findConsumers: true, ...spec },
    status: { observedGeneration: 1, certificates: [rowOf(CA)], ...status },
  };
  return readRotationIntent(object, { ...OPEN_GRANTS, ...grants });
}
