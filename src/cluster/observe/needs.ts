import type { ClusterId } from '../../api/resource-id.ts';
import type { MaintenanceWindows } from '../../azure/maintenance-windows.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { Depth } from '../node-access/node-reader.ts';
import { notRead, type WaysReader } from '../node-access/ways-reader.ts';
import type { ArmObservation, Counted, Observation } from '../model/observation.ts';
import { isState, runningOperation } from '../model/provisioning-state.ts';
import { attemptOf, type RecordStatus } from '../model/record.ts';
import type { ReadCluster } from '../operation/kind.ts';
import { needsWindow } from '../operation/maintenance-window.ts';
import type { Handshake } from '../../cluster-certificates/read/source.ts';
import { isRotating } from '../kinds/rotate-certificates/assess.ts';
import { checkedWindows } from '../kinds/rotate-certificates/preflight/windows.ts';
import { needsClusterCA, needsPreflight, needsServerCertificate } from '../kinds/rotate-certificates/request.ts';
import { createAgreeingCAs } from './agreeing-cas.ts';
import { createRunningRotations } from './running-rotations.ts';
import { readClusterCA } from './cluster-ca.ts';
import { isDrifting } from '../reimage/coverage.ts';
import { countingOn } from '../reimage/hand-over.ts';

/** The parts of an observation that are read only when they are needed. */
export type Needed = Pick<
  Observation,
  'arm' | 'nodes' | 'own' | 'window' | 'maintenance' | 'clusterCA' | 'ranLately' | 'armBefore' | 'noted'
>;

/** Something that only some reconciles read. */
export interface Need {
  readonly name: string;
  /** True when the reconcile needs it; `arm` is the cluster as read, or the failure to read it. */
  readonly when: (known: Counted, arm: ArmObservation) => boolean;
  readonly read: (known: Counted, arm: ArmObservation, signal: AbortSignal) => Promise<Partial<Needed>>;
}

/** The readers behind the needs. */
export interface NeedInput {
  readonly arm: Pick<
    ManagedClusters,
    | 'operationStatus'
    | 'groupIsReadable'
    | 'userKubeconfig'
    | 'mayRotate'
    | 'locksOf'
    | 'supportedVersions'
    | 'tokenLife'
  >;
  readonly ways: WaysReader;
  readonly maintenance: MaintenanceWindows;
  /** What was noted before a rotation that is due. Absent: nothing is noted, and no rotation waits for that. */
  readonly noted?: ((id: ClusterId) => NonNullable<Observation['noted']>) | undefined;
  /** Reads the certificate that an API server shows. Absent: it is not read. */
  readonly handshake?: Handshake | undefined;
  readonly now: () => number;
}

/** Between two reads of a cluster that belong together, in ms. No rotation begins and ends within it. */
const LONGEST_GAP = 2 * 60_000;

/** Everything that is read besides the cluster itself, and when. */
export function createNeeds({ arm, ways, maintenance, noted, handshake, now }: NeedInput): readonly Need[] {
  const agreeing = createAgreeingCAs(LONGEST_GAP);
  const running = createRunningRotations(LONGEST_GAP, now);
  return [
    // Only the attempt's own status proves that the failure is that of our operation.
    ofCluster(
      'the status of the recorded operation',
      ({ operation }, { reading: { model } }) =>
        operation !== undefined &&
        (isState(model.provisioningState, 'Failed') ||
          isState(model.provisioningState, 'Canceled') ||
          // ARM does not show a rotation in the model of the cluster, so its own status may be all there is.
          (operation.kind === 'RotateCertificates' && isState(model.provisioningState, 'Succeeded'))),
      async ({ id, record }, seen, signal) => {
        const operation = record?.status?.operation;
        if (!operation) return {};
        return { arm: { ...seen, operation: await arm.operationStatus(id, attemptOf(operation), signal) } };
      },
    ),
    {
      name: 'the nodes by the judging ways',
      when: ({ record, intents }, seen) =>
        seen.ok &&
        (record?.status?.operation !== undefined ||
          isDrifting(record?.status) ||
          needsPreflight(record?.status ?? {}, intents, now())),
      async read(known, seen, signal) {
        if (!seen.ok) return {};
        const isChecked = needsPreflight(known.record?.status ?? {}, known.intents, now());
        const depth = isChecked ? 'Preflight' : depthFor(known, seen);
        const { nodes } = await ways.read(known, seen.reading.model, depth, signal, JUDGE);
        return { nodes };
      },
    },
    ofCluster(
      "the nodes by the namespaces' own ways",
      (status) => status.operation !== undefined || countingOn(status).size > 0,
      async (known, seen, signal) => {
        const { operation } = known.record?.status ?? {};
        const counting = countingOn(known.record?.status);
        const { judge } = known.ways;
        const which = { judge: false, own: (key: string) => (operation ? key !== judge : counting.has(key)) };
        const { own } = await ways.read(known, seen.reading.model, depthFor(known, seen), signal, which);
        return { own };
      },
    ),
    ofCluster(
      'whether the recorded rotation ran a moment ago',
      ({ operation }) => operation?.kind === 'RotateCertificates',
      async ({ id, record }, { reading: { model } }) => {
        const operation = record?.status?.operation;
        return operation ? { ranLately: running.note(id.key, attemptOf(operation), isRotating(model)) } : {};
      },
    ),
    // A rotation is decided and proved by the CA, which ARM alone can show while the API server is away.
    {
      name: 'the cluster CA',
      when: ({ record, intents }, seen) => seen.ok && needsClusterCA(record?.status ?? {}, intents, now()),
      async read({ id, record, intents }, seen, signal) {
        const shown = needsServerCertificate(record?.status ?? {}, intents) ? handshake : undefined;
        const isIdle = seen.ok && runningOperation(seen.reading.model) === undefined;
        return { clusterCA: agreeing.note(id.key, await readClusterCA(arm, id, now, signal, shown), isIdle) };
      },
    },
    {
      name: 'what ARM says before a rotation',
      when: ({ record, intents }, seen) => seen.ok && needsPreflight(record?.status ?? {}, intents, now()),
      read: async ({ id }, seen, signal) => {
        if (!seen.ok) return {};
        const { nodeResourceGroup: group, location } = seen.reading.model;
        const [allowed, locks, versions, token] = await Promise.all([
          arm.mayRotate(id, signal),
          group === undefined ? undefined : arm.locksOf(id, group, signal),
          location === undefined ? undefined : arm.supportedVersions(id, location, signal),
          arm.tokenLife(),
        ]);
        return { armBefore: { allowed, locks, versions, token }, ...(noted ? { noted: noted(id) } : {}) };
      },
    },
    // A write that ARM refused for the window waits for its opening.
    ofCluster(
      'the maintenance window',
      ({ refusal }) => needsWindow(refusal),
      async ({ id }, _, signal) => ({ window: { opensAt: await maintenance.nextOpening(id, now(), signal) } }),
    ),
    {
      name: 'the maintenance configurations of windows',
      // Without a pending change, no window holds anything. The first reconcile of a change only notes it.
      when: (known, seen) => seen.ok && neededConfigurations(known, seen, now()).length > 0,
      read: async (known, seen, signal) => {
        const names = seen.ok ? neededConfigurations(known, seen, now()) : [];
        const readings = names.map(
          async (name) => [name, await maintenance.read(known.id, name, now(), signal)] as const,
        );
        return { maintenance: new Map(await Promise.all(readings)) };
      },
    },
    {
      name: 'the resource group',
      // Only a group that can be read shows that the cluster is gone. A record without objects waits for that as well.
      when: ({ intents }, seen) =>
        !seen.ok &&
        seen.failure.reason === 'ClusterNotFound' &&
        (intents.length === 0 || intents.some(({ deletion }) => deletion === 'Remove')),
      read: async ({ id }, seen, signal) =>
        seen.ok ? {} : { arm: { ...seen, groupIsReadable: await arm.groupIsReadable(id, signal) } },
    },
  ];
}

/** Reads what the reconcile needs, all at the same time. */
export async function readNeeds(
  needs: readonly Need[],
  known: Counted,
  arm: ArmObservation,
  signal: AbortSignal,
): Promise<Needed> {
  const due = needs.filter(({ when }) => when(known, arm));
  const parts = await Promise.all(due.map(({ read }) => read(known, arm, signal)));
  const nothing: Needed = { arm, nodes: notRead(known.ways.judge), own: new Map() };
  return parts.reduce<Needed>((seen, part) => ({ ...seen, ...part }), nothing);
}

/** True while a change or a rotation waits to be sent, or an object may release one that has ended. */
function isPending({ pending, rotation, operation }: RecordStatus): boolean {
  const isHeld = operation?.kind === 'RotateCertificates' && (operation.canceled ?? operation.failed) !== undefined;
  return pending !== undefined || rotation?.pending !== undefined || isHeld;
}

/** The maintenance configurations that windows of objects name, and those in which AKS would disturb a rotation. */
function neededConfigurations({ record, intents }: Counted, { reading }: ReadCluster, now: number): string[] {
  const status = record?.status ?? {};
  const windows = intents.filter(({ frozen }) => frozen !== 'NotAllowed').map(({ object }) => object.spec.window);
  return [
    ...new Set([
      ...(isPending(status) ? windows.flatMap((window) => window?.maintenanceConfiguration ?? []) : []),
      ...(needsPreflight(status, intents, now) ? checkedWindows(reading.model) : []),
    ]),
  ];
}

/** A need of a cluster that was read. */
function ofCluster(
  name: string,
  when: (record: RecordStatus, seen: ReadCluster) => boolean,
  read: (known: Counted, seen: ReadCluster, signal: AbortSignal) => Promise<Partial<Needed>>,
): Need {
  return {
    name,
    when: ({ record }, seen) => seen.ok && when(record?.status ?? {}, seen),
    read: async (known, seen, signal) => (seen.ok ? read(known, seen, signal) : {}),
  };
}

const JUDGE = { judge: true, own: () => false };

/** While AKS works, nodes show progress. They decide the outcome only after AKS has finished, and are read more closely then. */
function depthFor({ record }: Counted, { reading: { model } }: ReadCluster): Depth {
  if (!record?.status?.operation) return 'Nodes';
  return runningOperation(model) === undefined ? 'Outcome' : 'Progress';
}
