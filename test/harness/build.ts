import { rootCertificates } from 'node:tls';
import type { CustomCATrust, CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import { API_VERSION, FINALIZER, RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { parseClusterId, recordName, type ClusterId } from '../../src/api/resource-id.ts';
import type { ClusterModel, PoolModel } from '../../src/azure/cluster-model.ts';
import { classifyFailure, type ArmCall, type ArmFailure } from '../../src/azure/failures.ts';
import type { OperationStatus } from '../../src/azure/managed-clusters.ts';
import type { Certificate } from '../../src/certificates/certificate.ts';
import type { ElementReading } from '../../src/certificates/element.ts';
import { createCertificateReader } from '../../src/certificates/reader.ts';
import { readTrustIntent, type TrustIntent } from '../../src/cluster/model/intent.ts';
import type { NodesObservation, NodeView, Observation } from '../../src/cluster/model/observation.ts';
import type { RecordedOperation, RecordStatus, ClusterRecord, OperationPhase } from '../../src/cluster/model/record.ts';
import { digestOf, fingerprintsOf } from '../../src/cluster/model/fingerprints.ts';
import { SOURCES } from '../../src/sources/index.ts';
import { textsOf } from '../../src/sources/resolve.ts';
import { waysOf } from '../../src/cluster/model/ways.ts';
import { type Ways, DEFAULT_RULES, type AccessRules } from '../../src/cluster/model/way.ts';

/** Where every test's time begins. */
export const START = Date.parse('2026-03-02T08:00:00.000Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export function at(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same time in whole seconds, as statuses show it. */
export function second(ms: number): string {
  return at(ms).replace('.000Z', 'Z');
}

export const reader = createCertificateReader();

/** PEM text of one of Mozilla's roots, as Node ships them. */
export function pem(index: number): string {
  const text = rootCertificates[index];
  if (text === undefined) throw new RangeError(`there is no root ${index}`);
  return `${text}\n`;
}

export function root(index: number): Certificate {
  const [item] = reader.readSource(pem(index)).items;
  if (item?.kind !== 'certificate') throw new Error(`root ${index} does not read`);
  return item.certificate;
}

/** Fingerprint of a root. */
export function mark(index: number): string {
  return root(index).fingerprint;
}

/** Number of the root that has this fingerprint. */
export function rootOf(fingerprint: string): number {
  return rootCertificates.findIndex((_, index) => mark(index) === fingerprint);
}

/** One element of the cluster's list with these roots. Without roots: an element that cannot be read. */
export function element(...indexes: number[]): string {
  return indexes.length === 0 ? btoa('not a certificate') : btoa(indexes.map(pem).join(''));
}

/** Numbers of the roots in each element. */
export function rootsIn(elements: readonly string[]): number[][] {
  return listOf(...elements).map((read) => fingerprintsOf(read).map(rootOf));
}

export function listOf(...elements: string[]): ElementReading[] {
  return elements.map((text) => reader.readElement(text));
}

/** The digest that a record has of a list of these roots. */
export function digest(...indexes: number[]): string {
  return digestOf(indexes.map(mark));
}

export const BAD_PEM = '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n';

export const CLUSTER_ID: ClusterId = parseClusterId(
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod',
)!;

export interface TrustOptions extends Partial<Omit<CustomCATrustSpec, 'target' | 'certificates'>> {
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  /** ms. */
  readonly createdAt?: number;
  /** Set while it is being deleted. */
  readonly deleting?: boolean;
  readonly requestedAt?: string;
  /** True: a kubeconfig in the Secret `nodes`. */
  readonly nodeAccess?: boolean | NonNullable<CustomCATrustSpec['target']['nodeAccess']>;
  readonly status?: CustomCATrust['status'];
}

export type TrustEntry = NonNullable<CustomCATrustSpec['certificates']>[number];

/** Entries by name: numbers of roots, or a text. Numbers alone make one entry `ca`. */
export type Entries = readonly number[] | Readonly<Record<string, readonly number[] | string>>;

export function entriesOf(entries: Entries): TrustEntry[] {
  const named: Readonly<Record<string, readonly number[] | string>> = isNumbers(entries) ? { ca: entries } : entries;
  return Object.entries(named)
    .map(([name, content]) => ({ name, pem: typeof content === 'string' ? content : content.map(pem).join('') }))
    .filter((entry) => entry.pem !== '');
}

function isNumbers(entries: Entries): entries is readonly number[] {
  return Array.isArray(entries);
}

export function trust(name: string, entries: Entries = [], options: TrustOptions = {}): CustomCATrust {
  const { namespace = 'team', uid, generation = 1, createdAt = START, deleting, requestedAt, nodeAccess } = options;
  const {
    verify,
    status,
    suspend,
    unmanagedCertificates,
    invalidCertificates,
    deletionPolicy,
    allowEmpty,
    adopt,
    window,
    settleSeconds = 0,
  } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'CustomCATrust',
    metadata: {
      namespace,
      name,
      uid: uid ?? `uid-${name}`,
      generation,
      creationTimestamp: at(createdAt),
      finalizers: [FINALIZER],
      ...(deleting ? { deletionTimestamp: at(START) } : {}),
      ...(requestedAt === undefined ? {} : { annotations: { [RECONCILE_REQUESTED_AT]: requestedAt } }),
    },
    spec: {
      target: {
        resourceId: CLUSTER_ID.resourceId,
        ...(nodeAccess
          ? { nodeAccess: nodeAccess === true ? { kubeconfigSecretRef: { name: 'nodes' } } : nodeAccess }
          : {}),
      },
      certificates: entriesOf(entries),
      settleSeconds,
      ...(suspend === undefined ? {} : { suspend }),
      ...(unmanagedCertificates === undefined ? {} : { unmanagedCertificates }),
      ...(invalidCertificates === undefined ? {} : { invalidCertificates }),
      ...(deletionPolicy === undefined ? {} : { deletionPolicy }),
      ...(verify === undefined ? {} : { verify }),
      ...(allowEmpty === undefined ? {} : { allowEmpty }),
      ...(adopt === undefined ? {} : { adopt }),
      ...(window === undefined ? {} : { window }),
    },
    ...(status === undefined ? {} : { status }),
  };
}

export function toIntent(object: CustomCATrust): TrustIntent {
  return readTrustIntent(object, textsOf(object, SOURCES), (text) => reader.readSource(text));
}

export function intent(name: string, entries: Entries = [], options: TrustOptions = {}): TrustIntent {
  return toIntent(trust(name, entries, options));
}

export function pool(options: Partial<PoolModel> = {}): PoolModel {
  return {
    name: 'system',
    osType: 'Linux',
    count: 2,
    provisioningState: 'Succeeded',
    powerState: 'Running',
    targetVersion: '1.33.1',
    currentVersion: '1.33.1',
    ...options,
  };
}

export function model(options: Partial<ClusterModel> = {}): ClusterModel {
  return {
    name: 'prod',
    eTag: 'e1',
    resourceUID: 'uid-1',
    provisioningState: 'Succeeded',
    powerState: 'Running',
    elements: [],
    version: { target: '1.33.1', current: '1.33.1' },
    pools: [pool()],
    ...options,
  };
}

export function node(name: string, createdAt: number, options: Partial<NodeView> = {}): NodeView {
  return {
    name,
    uid: `uid-${name}`,
    createdAt,
    pool: 'system',
    ready: true,
    schedulable: true,
    quarantined: false,
    kind: 'Pool',
    ...options,
  };
}

export function recordObject(status: RecordStatus | undefined): ClusterRecord | undefined {
  if (!status) return undefined;
  return {
    apiVersion: API_VERSION,
    kind: 'TargetCluster',
    metadata: { name: recordName(CLUSTER_ID), uid: 'uid-record', resourceVersion: '1' },
    spec: { resourceId: CLUSTER_ID.resourceId },
    status,
  };
}

export interface Seen extends Partial<ClusterModel> {
  readonly record?: RecordStatus | undefined;
  readonly intents?: readonly TrustIntent[];
  readonly nodes?: NodesObservation;
  /** Nodes by each namespace's own way. */
  readonly own?: Observation['own'];
  readonly counted?: Observation['counted'];
  readonly rules?: AccessRules;
  readonly readAt?: number;
  readonly operation?: OperationStatus;
}

/** A reconcile whose read ARM answered. */
export function observe(seen: Seen = {}): Observation {
  const { record, intents = [], nodes = { kind: 'NoAccess' }, readAt = START, operation, ...others } = seen;
  const { own = new Map(), counted, rules, ...overrides } = others;
  const read = model(overrides);
  return {
    id: CLUSTER_ID,
    record: recordObject(record),
    intents,
    arm: {
      ok: true,
      reading: { text: '', model: read, readAt },
      list: listOf(...read.elements),
      ...(operation ? { operation } : {}),
    },
    ways: waysFor(intents, nodes, rules),
    nodes,
    own,
    ...(counted ? { counted } : {}),
  };
}

/** Without any configured way, nodes that were read count as read by the operator's ways. */
function waysFor(intents: readonly TrustIntent[], nodes: NodesObservation, rules: AccessRules = DEFAULT_RULES): Ways {
  const ways = waysOf(CLUSTER_ID, intents, rules);
  return ways.judge === 'ARM' && nodes.kind !== 'NoAccess' ? { ...ways, judge: 'Operator' } : ways;
}

/** ARM's answers as {@link classifyFailure} knows them. */
export function failure(
  status: number,
  code: string,
  options: { message?: string; retryAfterMs?: number; call?: ArmCall } = {},
): ArmFailure {
  const { message = `says ${code}.`, call = 'PutManagedCluster', ...rest } = options;
  return classifyFailure({ status, code, message, ...rest }, call);
}

type TrustChange = NonNullable<RecordedOperation['updateTrust']>;
type OperationOptions = Partial<TrustChange> &
  Partial<Omit<RecordedOperation, 'phase' | 'rolling' | 'failed' | 'canceled'>> & {
    readonly rolling?: RecordedOperation['rolling'];
    readonly failed?: RecordedOperation['failed'];
    readonly canceled?: RecordedOperation['canceled'];
    /** Rolling, without more. */
    readonly seen?: boolean;
  };

/** An operation of which the members say the phase: without any of them it is Sent. */
export function operation(options: OperationOptions = {}): RecordedOperation {
  const { listDigest = digest(), adds, removes, correction, seen = false, ...others } = options;
  const { rolling, failed, canceled, ...rest } = others;
  const phase: OperationPhase = failed
    ? { phase: 'Failed', failed }
    : canceled
      ? { phase: 'Canceled', canceled }
      : rolling
        ? { phase: 'Rolling', rolling }
        : { phase: seen ? 'Rolling' : 'Sent' };
  return {
    id: 'op-1',
    kind: 'UpdateTrust',
    updateTrust: {
      listDigest,
      ...(adds ? { adds } : {}),
      ...(removes ? { removes } : {}),
      ...(correction ? { correction } : {}),
    },
    startedAt: at(START),
    attempts: 1,
    lastAttemptAt: at(START),
    ...rest,
    ...phase,
  };
}

/** A certificate with the names of `object/entry` that name it. */
export function named(index: number, ...namedBy: string[]): { fingerprintSHA256: string; namedBy?: string[] } {
  return { fingerprintSHA256: mark(index), ...(namedBy.length > 0 ? { namedBy } : {}) };
}

/** A slot of a record whose certificate every node had when the cluster was last at rest. */
export function onNodes(index: number, ...namedBy: string[]) {
  return { ...slot(index, ...namedBy), onNodes: true };
}

/** A slot of a record. */
export function slot(index: number, ...namedBy: string[]) {
  return { ...named(index, ...namedBy), managed: namedBy.length > 0 };
}
