import { isDeepStrictEqual } from 'node:util';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import type { ClusterObject } from '../../src/api/cluster-object.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { createBrake } from '../../src/cluster/operation/brake.ts';
import type { ArmFailure } from '../../src/azure/failures.ts';
import type { ClusterModel } from '../../src/azure/cluster-model.ts';
import type { MaintenanceReading } from '../../src/azure/maintenance-windows.ts';
import type { ManagedClusters, OperationStatus } from '../../src/azure/managed-clusters.ts';
import type { TrustEvent } from '../../src/cluster/model/trust-event.ts';
import { createGather, type GatherInput } from '../../src/cluster/observe/gather.ts';
import { createObjectWrites, type WriteKind } from '../../src/cluster/act/object-writes.ts';
import { createMutationCache } from '../../src/kubernetes/cache/mutation-cache.ts';
import { reconcileCluster, type ReconcileSummary, type ReconcileTools } from '../../src/cluster/reconcile.ts';
import type { RecordStatus } from '../../src/cluster/model/record.ts';
import type { RecordConflict, Records } from '../../src/cluster/model/records.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import type { AccessRules } from '../../src/cluster/model/way.ts';
import { KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import { OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { CLUSTER_ID, failure, model, pem, reader, recordObject, rootsIn, START } from './build.ts';

/** A write to the API server that has the objects. */
export interface Write {
  readonly kind: 'finalizers' | 'status';
  /** namespace/name. */
  readonly object: string;
}

/** Whole reconciles of one cluster, with an API server and ARM in memory. */
export interface MemoryRig {
  readonly objects: Map<string, CustomCATrust>;
  /** Objects of other kinds, by namespace/plural/name. */
  readonly others: Map<string, ClusterObject>;
  readonly events: { readonly object: string; readonly event: TrustEvent }[];
  readonly refused: { readonly object: string; readonly kind: WriteKind; readonly message: string }[];
  readonly writes: Write[];
  /** Lists that were sent to ARM, by roots. */
  readonly puts: number[][][];
  /** The attempts with which ARM was asked to rotate the certificates of the cluster. */
  readonly rotations: string[];
  /** The root that is the cluster CA, in the kubeconfig that ARM returns. */
  clusterCA: number;
  /** ARM's answers before a rotation. */
  mayRotate: boolean | undefined;
  locks: readonly string[] | 'Unread' | undefined;
  /** Minor versions of Kubernetes that AKS supports in the region; undefined: they may not be read. */
  versions: readonly string[] | 'Unread' | undefined;
  /** How long the token for ARM lasts, in ms. */
  tokenLasts: number;
  /** Requests for that kubeconfig. */
  caReads: number;
  /** Reads of the cluster from ARM, and of its nodes. */
  reads: number;
  /** Writes of the record that changed it. */
  recordWrites: number;
  nodeReads: number;
  now: number;
  arm: ClusterModel;
  /** Undefined: ARM does not answer for the cluster. */
  armIsAway: boolean;
  /** ARM's answer instead of the cluster. */
  armFailure: ArmFailure | undefined;
  record: RecordStatus | undefined;
  /** True: the record of that name is another cluster's. */
  recordConflict: RecordConflict | undefined;
  policy: Policy;
  /** The API server's refusal of a write; undefined: it takes the write. */
  refuse: (write: Write) => KubernetesError | undefined;
  /** The refusal of a write of the record. */
  refuseRecord: KubernetesError | undefined;
  add(...objects: CustomCATrust[]): void;
  pass(): Promise<ReconcileSummary>;
  condition(object: string, type: string): { status: string; reason: string; message: string } | undefined;
}

const { signal } = new AbortController();

/** Replacements for parts of the rig, whose own parts see no nodes. */
export interface Seams {
  readonly nodes?: GatherInput['nodes'];
  /** The kinds of certificate entries. */
  readonly sources?: GatherInput['sources'];
  readonly followUps?: ReconcileTools['followUps'];
  readonly kinds?: ReconcileTools['kinds'];
  readonly rules?: () => AccessRules;
  /** ARM's answer to a read; undefined: it shows `rig.arm`. */
  readonly get?: () => Awaited<ReturnType<ManagedClusters['get']>> | undefined;
  /** ARM's answer to a write; undefined: it takes the write. */
  readonly put?: (
    elements: readonly string[],
    eTag: string | undefined,
  ) => Awaited<ReturnType<ManagedClusters['put']>> | undefined;
  /** ARM's answer to the request to rotate; undefined: it takes it. */
  readonly rotate?: () => Awaited<ReturnType<ManagedClusters['rotateClusterCertificates']>> | undefined;
  /** ARM's answer to the request for a kubeconfig; undefined: it has `rig.clusterCA`. */
  readonly kubeconfig?: () => Awaited<ReturnType<ManagedClusters['userKubeconfig']>> | undefined;
  /** The certificate that the API server shows. Absent: no handshake is made. */
  readonly handshake?: GatherInput['handshake'];
  /** The status of the recorded operation. */
  readonly operationStatus?: () => OperationStatus | undefined;
  readonly newId?: () => string;
  /** Checks after those of every change. */
  readonly holds?: ReconcileTools['holds'];
  /** The record as reads show it, when it differs from the stored one. */
  readonly recordAsRead?: (stored: RecordStatus | undefined) => RecordStatus | undefined;
  /** Happens before the record is written. */
  readonly beforeRecord?: () => void;
  /** The time until the client-side limit allows a write, in ms. */
  readonly waitToPut?: () => number;
  /** When writes open again, in ms. */
  readonly nextWindow?: () => number | undefined;
  /** A maintenance configuration of the cluster; undefined: it has none of that name. */
  readonly maintenance?: (name: string) => MaintenanceReading | undefined;
  /** Happens while ARM is asked for the cluster. */
  readonly whileReading?: () => void;
  /** An object as the API server has it, when the cache differs. */
  readonly objectNow?: (name: string) => CustomCATrust | undefined;
}

/** A kubeconfig as ARM returns it, with this CA and a token. */
export function kubeconfigWith(caPem: string): string {
  return JSON.stringify({
    'current-context': 'prod',
    contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'user' } }],
    clusters: [
      { name: 'prod', cluster: { server: 'https://prod.example:443', 'certificate-authority-data': btoa(caPem) } },
    ],
    users: [{ name: 'user', user: { token: 'a-token-of-the-test' } }],
  });
}

export function memoryRig(seen: Partial<ClusterModel> = {}, seams: (rig: MemoryRig) => Seams = () => ({})): MemoryRig {
  const connection = {
    request: async ({ method = 'GET', path, body }: { method?: string; path: string; body: unknown }) => {
      const [, namespace = '', plural = '', name = '', sub] =
        /namespaces\/([^/]+)\/([^/]+)\/([^/]+)(\/status)?/.exec(path) ?? [];
      const isTrust = plural === 'customcatrusts';
      const object = isTrust ? `${namespace}/${name}` : `${namespace}/${plural}/${name}`;
      const stored: Map<string, ClusterObject> = isTrust ? rig.objects : rig.others;
      if (method === 'GET') {
        const present = stored.get(object);
        if (!present) throw new KubernetesError(404, 'NotFound', 'no such object');
        return present;
      }
      const write: Write = { kind: sub ? 'status' : 'finalizers', object };
      rig.writes.push(write);
      const refusal = rig.refuse(write);
      if (refusal) throw refusal;
      const before = stored.get(object);
      if (!before) throw new KubernetesError(404, 'NotFound', 'no such object');
      const after = sub
        ? { ...before, status: (body as { value: object }[])[1]!.value }
        : { ...before, metadata: { ...before.metadata, ...(body as { metadata: object }).metadata } };
      if (after.metadata.deletionTimestamp && !after.metadata.finalizers?.length) stored.delete(object);
      else stored.set(object, after);
      return after;
    },
  } as unknown as Connection;
  /** A status that the next write of the record brings, over the record as it was then. */
  let deferred: { readonly over: RecordStatus | undefined; readonly status: RecordStatus } | undefined;
  const shown = () => (deferred && deferred.over === rig.record ? deferred.status : rig.record);
  const records: Records = {
    conflict: () => rig.recordConflict,
    read: () => (rig.recordConflict ? undefined : recordObject((seam.recordAsRead ?? ((one) => one))(shown()))),
    write: async (_, __, status) => {
      seam.beforeRecord?.();
      if (rig.refuseRecord) throw rig.refuseRecord;
      if (!isDeepStrictEqual(rig.record, status)) rig.recordWrites += 1;
      rig.record = status;
      deferred = undefined;
      return recordObject(status)!;
    },
    defer: (_, status) => {
      deferred = { over: rig.record, status };
      return recordObject(status)!;
    },
    remove: async () => void (rig.record = undefined),
    confirm: async () => {},
    receiveFromWatch: () => false,
    newest: (record) => record,
  };
  const arm = {
    get: async () => {
      rig.reads += 1;
      const readAt = rig.now;
      seam.whileReading?.();
      const instead = seam.get?.();
      if (instead) return instead;
      if (rig.armFailure) return { ok: false, failure: rig.armFailure };
      if (rig.armIsAway) return { ok: false, failure: failure(404, 'ResourceNotFound', { call: 'GetManagedCluster' }) };
      const text = JSON.stringify({
        properties: { securityProfile: { customCATrustCertificates: rig.arm.elements } },
      });
      return { ok: true, value: { text, model: rig.arm, readAt, armAheadMs: 0 } };
    },
    put: async (_: unknown, body: string, eTag: string | undefined) => {
      const sent = JSON.parse(body) as { properties: { securityProfile: { customCATrustCertificates: string[] } } };
      const elements = sent.properties.securityProfile.customCATrustCertificates;
      rig.puts.push(rootsIn(elements));
      const instead = seam.put?.(elements, eTag);
      if (instead) return instead;
      rig.arm = { ...rig.arm, elements };
      return { ok: true, value: undefined };
    },
    rotateClusterCertificates: async (_: unknown, attempt: string) => {
      rig.rotations.push(attempt);
      return seam.rotate?.() ?? { ok: true, value: undefined };
    },
    userKubeconfig: async () => {
      rig.caReads += 1;
      return seam.kubeconfig?.() ?? { ok: true, value: kubeconfigWith(pem(rig.clusterCA)) };
    },
    waitToPut: () => seam.waitToPut?.() ?? 0,
    operationStatus: async () => seam.operationStatus?.(),
    groupIsReadable: async () => true,
    mayRotate: async () => rig.mayRotate,
    locksOf: async () => rig.locks,
    tokenLife: async () => ({ ok: true, endsAt: rig.now + rig.tokenLasts }),
    supportedVersions: async () =>
      rig.versions === 'Unread' ? rig.versions : rig.versions?.map((minor) => ({ minor, plans: [], isPreview: false })),
  } as unknown as ManagedClusters;
  const nodes = {
    read: async () => {
      rig.nodeReads += 1;
      return { kind: 'NoAccess' } as const;
    },
  };
  const now = () => rig.now;
  const nameOf = ({ metadata }: ClusterObject | TargetCluster) => `${metadata.namespace}/${metadata.name}`;
  const rig: MemoryRig = {
    objects: new Map(),
    others: new Map(),
    events: [],
    refused: [],
    writes: [],
    puts: [],
    rotations: [],
    clusterCA: 40,
    caReads: 0,
    mayRotate: true,
    locks: [],
    versions: ['1.33'],
    tokenLasts: 60 * 60_000,
    reads: 0,
    recordWrites: 0,
    nodeReads: 0,
    now: START,
    arm: model(seen),
    armIsAway: false,
    armFailure: undefined,
    record: undefined,
    recordConflict: undefined,
    policy: OPEN_POLICY,
    refuse: () => undefined,
    refuseRecord: undefined,
    add(...added) {
      for (const object of added) rig.objects.set(nameOf(object), object);
    },
    pass: () => reconcileCluster(CLUSTER_ID, tools, signal),
    condition: (object, type) => rig.objects.get(object)?.status?.conditions?.find((one) => one.type === type),
  };
  const seam = seams(rig);
  let operations = 0;
  const tools: ReconcileTools = {
    brake: createBrake({ limit: 0, now, wake: () => {}, askAgainMs: DEFAULT_TIMING.busy[1] }),
    objects: createObjectWrites({
      connection,
      overlay: createMutationCache<ClusterObject>(),
      now,
      onRefused: (object, kind, message) => void rig.refused.push({ object: nameOf(object), kind, message }),
    }),
    arm,
    records,
    now,
    random: () => 0.5,
    timing: DEFAULT_TIMING,
    ...(seam.holds ? { holds: seam.holds } : {}),
    newId: seam.newId ?? (() => `op-${(operations += 1)}`),
    emit: (object, event) => void rig.events.push({ object: nameOf(object), event }),
    followUps: seam.followUps ?? [],
    ...(seam.kinds ? { kinds: seam.kinds } : {}),
    gather: createGather({
      records,
      intentsOf: () => [...rig.objects.values(), ...rig.others.values()],
      objectNow: async ({ name }) => (seam.objectNow ?? ((one) => rig.objects.get(one)))(name),
      arm,
      nodes: seam.nodes ?? nodes,
      maintenance: {
        nextOpening: async () => seam.nextWindow?.(),
        read: async (_, name) => seam.maintenance?.(name) ?? { kind: 'Missing' },
      },
      reader,
      policy: () => rig.policy,
      ...(seam.rules ? { rules: seam.rules() } : {}),
      ...(seam.sources ? { sources: seam.sources } : {}),
      ...(seam.kinds ? { kinds: seam.kinds } : {}),
      handshake: seam.handshake,
      now,
    }),
  };
  return rig;
}
