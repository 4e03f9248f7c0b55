import type { CertificateRotation, CertificateRotationStatus } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { statusOf } from '../../src/cluster/kinds/rotate-certificates/status.ts';
import { readRotationIntent } from '../../src/cluster/model/rotation.ts';
import { OPEN_POLICY } from '../../src/policy/policy.ts';
import { CLUSTER_ID, failure, HOUR, observe, second, START } from '../harness/build.ts';
import { judge } from '../harness/judge.ts';

type Row = NonNullable<CertificateRotationStatus['certificates']>[number];

const DAY = 24 * HOUR;
const AT = (days: number) => second(START + days * DAY);

const CLUSTER_CA: Row = {
  name: 'ClusterCA',
  subject: 'CN=ca',
  issuer: 'CN=ca',
  fingerprintSHA256: '0a'.repeat(32),
  notBefore: AT(-700),
  notAfter: AT(-700 + 30 * 365),
  source: 'kubeconfig from ARM',
  maintainedBy: 'You',
  health: 'Unknown',
};

/** The row of an API server whose certificate lives for two years and has this many days left. */
const apiServer = (daysLeft: number): Row => ({
  name: 'APIServer',
  subject: 'CN=apiserver',
  issuer: 'CN=ca',
  fingerprintSHA256: '0b'.repeat(32),
  notBefore: AT(daysLeft - 730),
  notAfter: AT(daysLeft),
  source: 'TLS handshake',
  maintainedBy: 'Microsoft',
  health: 'Unknown',
});

export interface RotationState {
  /** Days that the API server's certificate has left; undefined where nothing was read yet. */
  readonly daysLeft?: number;
  readonly suspend?: true;
  readonly allowed?: false;
  /** ARM does not return the cluster: it is not there. Since when, in ms. */
  readonly goneForMs?: number;
}

/** A CertificateRotation as the controller leaves it in this state. */
export function rotationIn({ daysLeft, suspend, allowed, goneForMs }: RotationState): CertificateRotation {
  const grants = OPEN_POLICY.grants('team', CLUSTER_ID.resourceId);
  const rows = daysLeft === undefined ? [] : [CLUSTER_CA, apiServer(daysLeft)];
  const object = (status: CertificateRotationStatus): CertificateRotation => ({
    apiVersion: API_VERSION,
    kind: 'CertificateRotation',
    metadata: {
      namespace: 'team',
      name: 'watch',
      uid: 'uid-watch',
      generation: 1,
      creationTimestamp: second(START),
    },
    spec: { target: { resourceId: CLUSTER_ID.resourceId }, suspend: suspend ?? false },
    status,
  });
  const at = (now: number, status: CertificateRotationStatus, reads = true, isSuspended = suspend === true) => {
    const stored = object(status);
    const spec = { ...stored.spec, suspend: isSuspended };
    const intent = readRotationIntent({ ...stored, spec }, { ...grants, target: allowed !== false });
    const seen = { ...observe({ readAt: now }), intents: [intent] };
    const observation = reads ? seen : { ...seen, arm: { ok: false as const, failure: GONE, failedInARow: 3 } };
    const { decision } = judge(observation, now);
    const record = reads ? {} : { heldBackSince: second(START) };
    return statusOf({ intent, observation, decision, record, now });
  };
  const read = at(START, { certificates: rows }, true, false);
  if (suspend) return object(at(START, read));
  if (goneForMs === undefined) return object(read);
  const gone = at(START, read, false);
  return object(at(START + goneForMs, gone, false));
}

const GONE = failure(404, 'ResourceNotFound', { message: 'The cluster was not found.', call: 'GetManagedCluster' });
