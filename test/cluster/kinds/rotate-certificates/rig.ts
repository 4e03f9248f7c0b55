import type {
  CertificateRotation,
  CertificateRotationStatus,
} from '../../../../src/api/generated/certificaterotations.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from '../../../../src/api/names.ts';
import type { CertificatesReport, FollowUp } from '../../../../src/cluster/model/follow-up.ts';
import { rotationsOf } from '../../../../src/cluster/model/rotation.ts';
import type { Evidence } from '../../../../src/cluster-certificates/evidence.ts';
import { at, CLUSTER_ID, START } from '../../../harness/build.ts';
import { memoryRig, type MemoryRig, type Seams } from '../../../harness/memory-rig.ts';

export interface RotationOptions {
  readonly namespace?: string;
  readonly generation?: number;
  readonly suspend?: boolean;
  readonly requestedAt?: string;
  readonly status?: CertificateRotationStatus;
}

export function rotation(name = 'own', options: RotationOptions = {}): CertificateRotation {
  const { namespace = 'team', generation = 1, suspend, requestedAt, status } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'CertificateRotation',
    metadata: {
      ...{ namespace, name, uid: `uid-rotation-${name}`, generation, creationTimestamp: at(START) },
      ...(requestedAt === undefined ? {} : { annotations: { [RECONCILE_REQUESTED_AT]: requestedAt } }),
    },
    spec: { target: { resourceId: CLUSTER_ID.resourceId }, ...(suspend === undefined ? {} : { suspend }) },
    ...(status ? { status } : {}),
  };
}

/** A rig in which every step reads what `evidence` is then; undefined: none is due. */
export interface RotationRig extends MemoryRig {
  evidence: Omit<Evidence, 'readAt'> | undefined;
  put(object: CertificateRotation): void;
  status(name?: string): CertificateRotationStatus | undefined;
}

export function rotationRig(more: Partial<Seams> = {}): RotationRig {
  const reads: FollowUp = {
    name: 'certificates',
    isDue: (intent) => rig.evidence !== undefined && !intent.frozen && rotationsOf([intent]).length > 0,
    async step({ intents, arm }) {
      const evidence = arm.ok && rig.evidence ? { ...rig.evidence, readAt: rig.now } : undefined;
      const watched = rotationsOf(intents).filter(({ frozen, deletion }) => !frozen && !deletion);
      const reports = new Map<string, CertificatesReport>();
      if (evidence) for (const { name } of watched) reports.set(name, { evidence });
      return reports;
    },
  };
  const key = (namespace: string, name: string) => `${namespace}/certificaterotations/${name}`;
  const rig: RotationRig = Object.assign(
    memoryRig({}, () => ({ followUps: [reads], ...more })),
    {
      evidence: undefined,
      put: (object: CertificateRotation) =>
        void rig.others.set(key(object.metadata.namespace ?? '', object.metadata.name), object),
      status: (name = 'own') => (rig.others.get(key('team', name)) as CertificateRotation | undefined)?.status,
    },
  );
  return rig;
}
