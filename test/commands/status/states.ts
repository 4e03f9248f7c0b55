import type { Condition } from '../../../src/api/conditions.ts';
import type {
  CertificateRotation,
  CertificateRotationStatus,
} from '../../../src/api/generated/certificaterotations.ts';
import type { CustomCATrust, CustomCATrustStatus } from '../../../src/api/generated/customcatrusts.ts';
import type { TargetCluster, TargetClusterStatus } from '../../../src/api/generated/targetclusters.ts';
import { parseClusterId, recordName } from '../../../src/api/resource-id.ts';
import { ASCII } from '../../../src/commands/status/bar.ts';
import { reportOn } from '../../../src/commands/status/cluster-report.ts';
import type { ViewOptions } from '../../../src/commands/status/layout.ts';
import { render } from '../../../src/commands/status/render.ts';
import { paint } from '../../../src/commands/status/text.ts';

/** The moment of all these states. */
export const NOW = Date.parse('2026-11-22T12:00:00Z');

export type Pool = NonNullable<TargetClusterStatus['nodePools']>[number];

export function resourceId(name: string): string {
  return `/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/${name}`;
}

export function says(type: string, status: Condition['status'], reason: string, message = ''): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-11-22T11:00:00Z', observedGeneration: 2 };
}

export const FINE: readonly Condition[] = [
  says('CertificatesValid', 'True', 'Valid', 'All 2 certificates can be read.'),
  says('WithinCertificateLimit', 'True', 'Fits', 'they fit'),
  says('Applied', 'True', 'Applied', 'the list has them'),
  says('NodesReimaged', 'True', 'Reimaged', 'all 12 nodes were replaced since the change'),
  says('FullyCovered', 'True', 'AllNodePools', 'every node gets custom CAs'),
  says('Ready', 'True', 'Trusted', 'every covered node trusts the certificates of this object'),
];

/** The good ones with some of them replaced, and others added. */
export function but(...others: readonly Condition[]): Condition[] {
  const types = new Set(others.map(({ type }) => type));
  return [...FINE.filter(({ type }) => !types.has(type)), ...others];
}

export interface TrustSeed {
  readonly name?: string;
  readonly cluster?: string;
  readonly conditions?: readonly Condition[];
  readonly status?: CustomCATrustStatus | undefined;
  readonly metadata?: Partial<CustomCATrust['metadata']>;
}

export function trust({
  name = 'roots',
  cluster = 'prod',
  conditions = FINE,
  status,
  metadata,
}: TrustSeed = {}): CustomCATrust {
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CustomCATrust',
    metadata: { name, namespace: 'platform', generation: 2, uid: name, resourceVersion: '1', ...metadata },
    spec: { target: { resourceId: resourceId(cluster) } },
    status: { observedGeneration: 2, conditions: [...conditions], ...status },
  };
}

export interface RotationSeed {
  readonly name?: string;
  readonly cluster?: string;
  readonly mode?: 'Monitor' | 'Rotate';
  readonly conditions?: readonly Condition[];
  readonly status?: CertificateRotationStatus;
  readonly metadata?: Partial<CertificateRotation['metadata']>;
}

export const WATCHED: readonly Condition[] = [
  says('CertificatesHealthy', 'True', 'Healthy', 'No certificate that is known needs an action.'),
  says('Ready', 'True', 'Watched', 'No certificate that is known needs an action.'),
];

/** A CertificateRotation; without a mode it watches. */
export function rotation({
  name = 'own',
  cluster = 'prod',
  mode,
  conditions = WATCHED,
  status,
  metadata,
}: RotationSeed = {}): CertificateRotation {
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CertificateRotation',
    metadata: { name, namespace: 'platform', generation: 2, uid: name, resourceVersion: '1', ...metadata },
    spec: { target: { resourceId: resourceId(cluster) }, ...(mode ? { mode } : {}) },
    status: { observedGeneration: 2, conditions: [...conditions], ...status },
  };
}

const CA = 'c'.repeat(64);

/** After a rotation of this controller, whose proof is not complete. */
export const ROTATED: CertificateRotationStatus = {
  phase: 'Completed',
  earliestNotAfter: '2028-11-21T10:14:00Z',
  certificates: [
    { name: 'ClusterCA', maintainedBy: 'You', health: 'Healthy', notAfter: '2056-11-14T10:14:00Z' },
    { name: 'APIServer', maintainedBy: 'Microsoft', health: 'Healthy', notAfter: '2028-11-21T10:14:00Z' },
    { name: 'KubeletClient', pool: 'apps', maintainedBy: 'Microsoft', health: 'Unknown', message: 'It is not known.' },
  ],
  autoRotation: [{ pool: 'apps', state: 'Unknown', message: 'It is not known.' }],
  preflight: [{ name: 'ClusterRunning', result: 'Passed', blocks: true, message: 'The cluster runs.' }],
  lastRotation: {
    startedAt: '2026-11-22T10:14:00Z',
    completedAt: '2026-11-22T10:31:00Z',
    startedBy: 'ThisController',
    reason: 'Requested',
    oldCA: 'a'.repeat(64),
    newCA: CA,
    attempts: 2,
  },
  nextRotation: { at: '2027-02-20T10:14:00Z', reason: 'Every' },
  verification: {
    clusterCASHA256: CA,
    rows: [
      { name: 'OldClientCertificateRejected', result: 'Passed', message: 'It is rejected.' },
      { name: 'OldTokenRejected', result: 'Pending', message: 'It is tried again.' },
    ],
  },
};

export function record(status: TargetClusterStatus = {}, cluster = 'prod'): TargetCluster {
  const id = resourceId(cluster);
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'TargetCluster',
    metadata: { name: recordName(parseClusterId(id)!), uid: cluster, resourceVersion: '1' },
    spec: { resourceId: id },
    status: {
      clusterName: cluster,
      state: 'Idle',
      certificateSlots: { limit: 10, used: 4, free: 6, summary: '4/10' },
      conditions: [says('NodesReimaged', 'True', 'Reimaged')],
      ...status,
    },
  };
}

export function pool(name: string, nodes: number, reimaged: number, others: Partial<Pool> = {}): Pool {
  const phase = reimaged === nodes ? 'Done' : 'Reimaging';
  return { name, osType: 'Linux', nodes, reimaged, reimaging: 0, waiting: nodes - reimaged, phase, ...others };
}

export const OPERATION: NonNullable<TargetClusterStatus['operation']> = {
  id: 'o',
  kind: 'UpdateTrust',
  updateTrust: { listDigest: 'd' },
  startedAt: '2026-11-22T11:30:00Z',
  attempts: 1,
  lastAttemptAt: '2026-11-22T11:30:00Z',
  phase: 'Rolling',
};

/** A change under way in three pools, one of which takes no part. */
export const UPDATING: TargetClusterStatus = {
  state: 'Updating',
  operation: OPERATION,
  nodes: { total: 12, reimaged: 4, reimaging: 1, waiting: 7, excluded: 3, summary: '4/12' },
  nodePools: [
    pool('system', 3, 3),
    pool('apps', 9, 1, { reimaging: 1, waiting: 7 }),
    {
      name: 'win',
      osType: 'Windows',
      nodes: 3,
      phase: 'Excluded',
      message: 'Windows node pools do not get custom CAs',
    },
  ],
  estimate: { nodesLeft: 8, earliest: '2026-11-22T12:10:00Z', likely: '2026-11-22T12:30:00Z' },
  conditions: [says('NodesReimaged', 'False', 'ReimageInProgress')],
};

/** The conditions of an object during the change. */
export const ROLLING: readonly Condition[] = but(
  says('Applied', 'False', 'Updating', 'a list was sent to ARM'),
  says('NodesReimaged', 'False', 'ReimageInProgress', '4 of 12 nodes were replaced since the change'),
  says('Reconciling', 'True', 'Updating', 'a list was sent to ARM'),
  says('Ready', 'False', 'Updating', 'a list was sent to ARM'),
);

export const DEFAULT_VIEW: ViewOptions = { columns: Infinity, glyphs: ASCII, certificates: false, now: NOW };

/** The lines of a view, plain. */
export function view(
  trusts: readonly CustomCATrust[],
  records: readonly TargetCluster[],
  options: Partial<ViewOptions> = {},
  rotations: readonly CertificateRotation[] = [],
): string[] {
  return render(reportOn({ trusts, rotations, records }), { ...DEFAULT_VIEW, ...options }).map((line) =>
    paint(line, false),
  );
}
