import { describe, expect, it } from '@jest/globals';
import { createNeeds, readNeeds } from '../../../src/cluster/observe/needs.ts';
import type { MaintenanceReading } from '../../../src/azure/maintenance-windows.ts';
import type { TrustIntent } from '../../../src/cluster/model/intent.ts';
import type { Counted, NodesObservation, Observation } from '../../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { DAY } from '../../../src/api/long-duration.ts';
import {
  at,
  CLUSTER_ID,
  failure,
  intent,
  mark,
  observe,
  operation,
  pem,
  recordObject,
  START,
} from '../../harness/build.ts';
import { announcerOf } from '../../../src/cluster/kinds/rotate-certificates/counted-notice.ts';
import { rotationIntent } from '../../harness/rotation.ts';
import { kubeconfigWith } from '../../harness/memory-rig.ts';

const STATUS = 'the status of the recorded operation';
const JUDGED = 'the nodes by the judging ways';
const OWN = "the nodes by the namespaces' own ways";
const WINDOW = 'the maintenance window';
const CONFIGURATIONS = 'the maintenance configurations of windows';
const GROUP = 'the resource group';
const CA = 'the cluster CA';
const SAID = 'what ARM says before a rotation';

const [NODE_OS, AUTO_UPGRADE] = ['aksManagedNodeOSUpgradeSchedule', 'aksManagedAutoUpgradeSchedule'] as const;
const OPEN: MaintenanceReading = { kind: 'Read', state: { kind: 'Open', until: START + 1 } };

const VERSIONS = [{ minor: '1.33', plans: [], isPreview: false }];
const TOKEN = { ok: true, endsAt: START } as const;
const NODES: NodesObservation = { kind: 'Read', nodes: [] };
const NEEDS = createNeeds({
  arm: {
    operationStatus: async (_, attempt) => ({ status: 'Failed', code: attempt, message: '' }),
    groupIsReadable: async () => true,
    mayRotate: async () => true,
    locksOf: async () => ['keep'],
    supportedVersions: async () => VERSIONS,
    tokenLife: async () => TOKEN,
    userKubeconfig: async () => ({ ok: true, value: kubeconfigWith(pem(40)) }),
  },
  ways: {
    read: async (_known, _model, _depth, _signal, { judge }) =>
      judge
        ? { nodes: NODES, own: new Map() }
        : { nodes: { kind: 'NotRead' }, own: new Map([['Namespace/team', NODES]]) },
  },
  maintenance: {
    nextOpening: async () => START,
    read: async (_, name) => (name === NODE_OS ? OPEN : { kind: 'Missing' }),
  },
  now: () => START,
});

const READ = observe().arm;
const FAILED = observe({ provisioningState: 'Failed' }).arm;
const GONE: Observation['arm'] = {
  ok: false,
  failedInARow: 1,
  failure: failure(404, 'ResourceNotFound', { call: 'GetManagedCluster' }),
};
const REFUSED: RecordStatus = {
  refusal: {
    reason: 'WaitingForMaintenanceWindow',
    code: 'c',
    message: 'm',
    at: at(START),
    stalled: false,
    count: 1,
  },
};
const PENDING: RecordStatus = { pending: { since: at(START), changedAt: at(START), digest: '', waitsFor: 'Nothing' } };
const waitsFor = (reason: string): RecordStatus => ({
  rotation: { pending: { since: at(START), oldCA: 'x', waitsFor: reason } },
});
const windowed = (name: string, maintenanceConfiguration: typeof NODE_OS | typeof AUTO_UPGRADE) =>
  intent(name, [0], { window: { maintenanceConfiguration } });
const UNDER_WAY: RecordStatus = { operation: operation() };
const SATURDAYS = { schedule: '0 2 * * 6', durationHours: 4 };
const [OBJECT, LEAVING] = [intent('a', [0]), intent('a', [0], { deleting: true, deletionPolicy: 'Remove' })];

function known(status: RecordStatus | undefined, intents: readonly TrustIntent[]): Counted {
  return { id: CLUSTER_ID, record: recordObject(status), intents, ways: observe({ intents }).ways };
}

describe('a pass reads besides the cluster', () => {
  it.each<[string, RecordStatus | undefined, Observation['arm'], readonly TrustIntent[], string[]]>([
    ['nothing at rest', {}, READ, [OBJECT], []],
    ['nothing of a cluster without a record', undefined, READ, [OBJECT], []],
    ['the nodes while an operation is recorded', UNDER_WAY, READ, [OBJECT], [JUDGED, OWN]],
    ['how the operation ended as well where it may have failed', UNDER_WAY, FAILED, [OBJECT], [STATUS, JUDGED, OWN]],
    ["nothing of another client's failure", {}, FAILED, [OBJECT], []],
    [
      'the nodes for the namespaces that still count them',
      { namespaceCounts: [{ namespace: 'team', done: false }] },
      READ,
      [OBJECT],
      [OWN],
    ],
    [
      'the nodes while some are older than the list',
      { outside: { virtualNodes: 0, autoProvisionedNodes: 1, autoProvisionedLeft: 1, otherNodes: 0 } },
      READ,
      [OBJECT],
      [JUDGED],
    ],
    ['the maintenance window after a refusal for it', REFUSED, READ, [OBJECT], [WINDOW]],
    [
      'the maintenance configurations that windows name, while a change is pending',
      PENDING,
      READ,
      [OBJECT, windowed('b', NODE_OS)],
      [CONFIGURATIONS],
    ],
    ['no maintenance configuration at rest', {}, READ, [windowed('b', NODE_OS)], []],
    ['none for windows with a schedule', PENDING, READ, [intent('b', [0], { window: SATURDAYS })], []],
    [
      'none for an object that is not allowed',
      PENDING,
      READ,
      [{ ...windowed('b', NODE_OS), frozen: 'NotAllowed' }],
      [],
    ],
    ['nothing of a cluster that is not found', { ...UNDER_WAY, ...REFUSED }, GONE, [OBJECT], []],
    ['the resource group where a deletion waits for the end of the cluster', {}, GONE, [LEAVING], [GROUP]],
    ['the resource group for a record without objects', {}, GONE, [], [GROUP]],
  ])('%s', (_what, status, arm, intents, expected) => {
    const needed = NEEDS.filter(({ when }) => when(known(status, intents), arm));
    expect(needed.map(({ name }) => name)).toEqual(expected);
  });

  it.each<[string, RecordStatus, string[]]>([
    ['the cluster CA, the nodes, what ARM says, and windows of AKS', {}, [JUDGED, CA, SAID, CONFIGURATIONS]],
    ['the same while it waits for something else', waitsFor('PreflightFailed'), [JUDGED, CA, SAID, CONFIGURATIONS]],
    ['the CA alone while its window is closed', waitsFor('WaitingForWindow'), [CA]],
    ['the CA alone while its window cannot open', waitsFor('InvalidWindow'), [CA]],
    ['what shows another operation', { operation: operation() }, [JUDGED, OWN, CA]],
  ])('before a rotation that is requested: %s', (_what, status, expected) => {
    const asking = { ...known(status, []), intents: [rotationIntent('r', { replace: 40 })] };
    expect(NEEDS.filter(({ when }) => when(asking, READ)).map(({ name }) => name)).toEqual(expected);
  });

  const seenCA = (ageDays: number): NonNullable<RecordStatus['rotation']> => ({
    casSeen: [
      {
        fingerprintSHA256: mark(40),
        createdAt: at(START - ageDays * DAY),
        notAfter: at(START + 20 * 365 * DAY),
        firstSeenAt: at(START - ageDays * DAY),
      },
    ],
  });
  const EVERY = rotationIntent('r', { every: '90d', createdAt: START - 9 * DAY });
  const announced = (sinceDays: number): RecordStatus => ({
    rotation: {
      ...seenCA(100),
      notice: { since: at(START - sinceDays * DAY), confirmedAt: at(START), oldCA: mark(40), by: announcerOf(EVERY) },
    },
  });

  it.each<[string, RecordStatus, string[]]>([
    ['the cluster CA, where it was never seen', {}, [CA]],
    ['nothing while its date is far', { rotation: seenCA(80) }, []],
    ['the cluster CA, to announce it', { rotation: seenCA(88) }, [CA]],
    ['nothing while it is announced', announced(2), []],
    ['everything that the checks need once the notice is over', announced(3), [JUDGED, CA, SAID, CONFIGURATIONS]],
  ])('before a rotation for spec.every: %s', (_what, status, expected) => {
    const asking = { ...known(status, []), intents: [EVERY] };
    expect(NEEDS.filter(({ when }) => when(asking, READ)).map(({ name }) => name)).toEqual(expected);
  });

  it('of ARM what is said of the group of its nodes and of its region, and in which windows AKS upgrades it', async () => {
    const { signal } = new AbortController();
    const asking = { ...known({}, []), intents: [rotationIntent('r', { replace: 40 })] };
    const whole = observe({ nodeResourceGroup: 'MC', location: 'westeurope', upgradeChannel: 'stable' }).arm;
    const seen = await readNeeds(NEEDS, asking, whole, signal);
    expect(seen.armBefore).toEqual({ allowed: true, locks: ['keep'], versions: VERSIONS, token: TOKEN });
    expect([...seen.maintenance!.keys()].sort()).toEqual([AUTO_UPGRADE, NODE_OS]);
    const less = await readNeeds(NEEDS, asking, observe({ nodeOSUpgradeChannel: 'None' }).arm, signal);
    expect(less.armBefore).toEqual({ allowed: true, locks: undefined, versions: undefined, token: TOKEN });
    expect(less.maintenance).toBeUndefined();
  });

  it('each of these into its own part of the observation', async () => {
    const { signal } = new AbortController();
    const everything = await readNeeds(NEEDS, known({ ...UNDER_WAY, ...REFUSED }, [OBJECT]), FAILED, signal);
    expect(everything).toEqual({
      arm: { ...FAILED, operation: { status: 'Failed', code: 'op-1/1', message: '' } },
      nodes: NODES,
      own: new Map([['Namespace/team', NODES]]),
      window: { opensAt: START },
    });
    const nothing = await readNeeds(NEEDS, known({}, [OBJECT]), READ, signal);
    expect(nothing).toEqual({ arm: READ, nodes: { kind: 'NoAccess' }, own: new Map() });
    const twice = [windowed('a', NODE_OS), windowed('b', NODE_OS), windowed('c', AUTO_UPGRADE)];
    const configured = await readNeeds(NEEDS, known(PENDING, twice), READ, signal);
    expect([...configured.maintenance!]).toEqual([
      [NODE_OS, OPEN],
      [AUTO_UPGRADE, { kind: 'Missing' }],
    ]);
    const group = await readNeeds(NEEDS, known({}, [LEAVING]), GONE, signal);
    expect(group.arm).toEqual({ ...GONE, groupIsReadable: true });
  });
});
