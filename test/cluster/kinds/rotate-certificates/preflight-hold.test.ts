import { describe, expect, it } from '@jest/globals';
import type { MaintenanceReading } from '../../../../src/azure/maintenance-windows.ts';
import type { NodesObservation } from '../../../../src/cluster/model/observation.ts';
import type { CertificateRotation } from '../../../../src/api/generated/certificaterotations.ts';
import type { AppliedReason } from '../../../../src/api/conditions.ts';
import { preflightRows } from '../../../../src/cluster/kinds/rotate-certificates/preflight-hold.ts';
import { at, failure, HOUR, MINUTE, model, node, observe, SECOND, START } from '../../../harness/build.ts';
import type { MemoryRig, Seams } from '../../../harness/memory-rig.ts';
import {
  ROTATE_GRANTS,
  ROTATE_POLICY,
  rotation,
  rotationIntent,
  type RotationOptions,
} from '../../../harness/rotation.ts';
import { GOOD } from './preflight/input.ts';
import { conditionOf, KEY, minutes, OLD, put, rigWith, rotated, statusOf } from './rotation-rig.ts';

type Nodes = Extract<NodesObservation, { kind: 'Read' }>;

/** Nodes that are seen over a Secret, at each depth that was asked for. */
function seeing(nodes: () => Nodes['nodes'], depths: string[] = [], tightBudgets: string[] = []) {
  return (rig: MemoryRig): Seams => ({
    nodes: {
      read: async (_, depth) => {
        depths.push(depth);
        const { nodes: _nodes, ...found } = GOOD;
        const more = depth === 'Preflight' ? { ...found, tightBudgets } : {};
        return { kind: 'Read', nodes: nodes(), ...more, serverTime: rig.now };
      },
    },
  });
}
const NODE_OS = 'aksManagedNodeOSUpgradeSchedule';
const target = { replace: OLD, nodeAccess: true } as const;
const rowOf = (rig: MemoryRig, name: string) => statusOf(rig)?.preflight?.find((row) => row.name === name);

/** What the checks read of a cluster. */
interface Seen {
  readonly nodes: NodesObservation;
  readonly locks: readonly string[] | 'Unread';
  readonly versions: readonly string[] | 'Unread';
  readonly maintenance: MaintenanceReading | undefined;
  readonly armAheadMs: number | undefined;
}
const WELL: Seen = { nodes: GOOD, locks: [], versions: ['1.33'], maintenance: undefined, armAheadMs: 0 };
const LOST: Partial<Seen> = { nodes: { kind: 'Unreadable', message: 'It was reset.' } };
const { tightBudgets: _, ...WITHOUT_BUDGETS } = GOOD;
const { serverTime: __, ...WITHOUT_TIME } = GOOD;

/** By check: what fails it, and what leaves it unread. */
const SPOILED = {
  NodesReady: { bad: { nodes: { ...GOOD, nodes: [node('n1', START, { ready: false })] } }, unread: LOST },
  Evictable: { bad: { nodes: { ...GOOD, tightBudgets: ['web/web'] } }, unread: { nodes: WITHOUT_BUDGETS } },
  AutoProvisionedNodes: {
    bad: { nodes: { ...GOOD, nodes: [node('k', START, { kind: 'AutoProvisioned' })] } },
    unread: LOST,
  },
  NoLock: { bad: { locks: ['keep'] }, unread: { locks: 'Unread' } },
  VersionSupported: { bad: { versions: ['1.40'] }, unread: { versions: 'Unread' } },
  NoUpgradeWindow: {
    bad: { maintenance: { kind: 'Read', state: { kind: 'Open', until: START + 4 * HOUR } } },
    unread: { maintenance: { kind: 'Unreadable', failure: failure(429, 'TooManyRequests') } },
  },
  ClockSane: { bad: { armAheadMs: HOUR }, unread: { armAheadMs: undefined, nodes: WITHOUT_TIME } },
} satisfies Readonly<Record<string, { readonly bad: Partial<Seen>; readonly unread: Partial<Seen> }>>;

describe('a rotation whose checks fail', () => {
  it('is not sent, and its status has each check and what to do', async () => {
    let ready = false;
    const depths: string[] = [];
    const rig = rigWith(
      { r: target },
      seeing(() => [node('n1', START), node('n2', START, { ready })], depths),
    );
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(new Set(depths)).toEqual(new Set(['Preflight']));
    expect(statusOf(rig)).toMatchObject({ phase: 'Preflight' });
    expect(rowOf(rig, 'NodesReady')).toMatchObject({ result: 'Failed', blocks: true });
    expect(rowOf(rig, 'ClusterRunning')).toMatchObject({ result: 'Passed', blocks: false });
    const message = expect.stringContaining('NodesReady. 1 node is not Ready: n2.') as unknown;
    expect(conditionOf(rig, 'PreflightPassed')).toMatchObject({ status: 'False', reason: 'PreflightFailed', message });
    expect(conditionOf(rig, 'Ready')).toMatchObject({ status: 'False', reason: 'PreflightFailed', message });
    await minutes(rig, 20);
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ reason: 'PreflightFailed' });
    ready = true;
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
    await minutes(rig, 1);
    expect(statusOf(rig)).toMatchObject({ phase: 'Rotating' });
    expect(statusOf(rig)?.preflight).toBeUndefined();
    expect(conditionOf(rig, 'PreflightPassed')).toBeUndefined();
  });

  it('is sent where its object accepts the finding, and with nothing else accepted', async () => {
    const unready = () => [node('n1', START, { ready: false })];
    const rig = rigWith({ r: { ...target, accept: ['UnevictablePods'] } }, seeing(unready, [], ['web/web']));
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(rowOf(rig, 'Evictable')).toMatchObject({ result: 'Warned', blocks: false });
    put(rig, 'r', { ...target, accept: ['UnevictablePods', 'NotReadyNodes'], generation: 2 });
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
  });

  it.each<[string, (rig: MemoryRig) => void, string]>([
    ['a lock of its nodes', (rig) => (rig.locks = ['keep']), 'NoLock'],
    ['a missing role', (rig) => (rig.mayRotate = false), 'Permission'],
    ['a version out of support', (rig) => (rig.versions = ['1.40']), 'VersionSupported'],
  ])('is held by %s, and by nothing where ARM does not say', async (_, spoil, name) => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.arm = { ...rig.arm, nodeResourceGroup: 'MC_rg_prod', location: 'westeurope' };
    spoil(rig);
    await minutes(rig, 2);
    expect(rig.rotations).toEqual([]);
    expect(rowOf(rig, name)).toMatchObject({ result: 'Failed' });
    Object.assign(rig, { locks: undefined, mayRotate: undefined, versions: undefined });
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
  });

  it.each<[string, keyof typeof SPOILED]>(
    Object.entries({
      'a node that is not Ready': 'NodesReady',
      'a budget without room': 'Evictable',
      'a node of Karpenter': 'AutoProvisionedNodes',
      'a lock of its nodes': 'NoLock',
      'a version out of support': 'VersionSupported',
      'a window of AKS': 'NoUpgradeWindow',
      'a clock of ARM that is wrong': 'ClockSane',
    } as const),
  )('that is held by %s is not sent when that cannot be read once', async (_, name) => {
    let state: 'Bad' | 'Unread' | 'Good' = 'Bad';
    const { bad, unread } = SPOILED[name];
    const rig = rigWith({ r: target }, (one) => {
      const seen = () => ({ ...WELL, ...(state === 'Bad' ? bad : state === 'Unread' ? unread : {}) });
      return {
        nodes: {
          read: async () => {
            const { nodes } = seen();
            return nodes.kind === 'Read' && seen().armAheadMs !== undefined ? { ...nodes, serverTime: one.now } : nodes;
          },
        },
        maintenance: () => seen().maintenance,
        get: () => {
          const { armAheadMs, locks, versions } = seen();
          Object.assign(one, { locks, versions });
          const reading = { text: '{}', model: one.arm, readAt: one.now };
          return { ok: true, value: { ...reading, ...(armAheadMs === undefined ? {} : { armAheadMs }) } };
        },
      };
    });
    rig.arm = { ...rig.arm, nodeResourceGroup: 'MC_rg_prod', location: 'westeurope' };
    await minutes(rig, 20);
    expect(rowOf(rig, name)).toMatchObject({ result: 'Failed', blocks: true });
    state = 'Unread';
    await minutes(rig, 2);
    expect(rig.rotations).toEqual([]);
    expect(rowOf(rig, name)).toMatchObject({ result: 'Failed', blocks: true });
    expect(rowOf(rig, name)?.message).toContain('read again with the next checks');
    state = 'Good';
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is sent to a cluster whose API server is gone for good, only where its object accepts that', async () => {
    const rig = rigWith({ r: target }, () => ({
      nodes: { read: async () => ({ kind: 'Unreadable', message: 'The API server does not answer.' }) },
    }));
    await minutes(rig, 20);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig, 'Ready')?.message).toContain('add UnreadableNodes to spec.accept');
    put(rig, 'r', { ...target, accept: ['UnreadableNodes'], generation: 2 });
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is sent although its version is out of support where certificates have expired, which a row says', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.arm = { ...rig.arm, location: 'westeurope' };
    rig.versions = ['1.40'];
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    const row = {
      name: 'APIServer',
      maintainedBy: 'Microsoft',
      health: 'Expired',
      message: 'It has expired.',
    } as const;
    const { status } = rig.others.get(KEY('r'))!;
    const stored = { ...rotation('r', { replace: OLD, generation: 2 }), status: { ...status, certificates: [row] } };
    rig.others.set(KEY('r'), stored);
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
  });

  it.each<[string, Partial<RotationOptions>, number]>([
    ['waits for the end of a window of AKS', {}, 30],
    ['does not wait for a window that its object names', { window: { maintenanceConfiguration: NODE_OS } }, 1],
  ])('%s', async (_, options, sentAfter) => {
    const closes = START + 30 * MINUTE;
    const rig = rigWith({ r: { replace: OLD, ...options } }, (one) => ({
      maintenance: () => ({
        kind: 'Read',
        state: one.now < closes ? { kind: 'Open', until: closes } : { kind: 'Closed', opensAt: START + 24 * HOUR },
      }),
    }));
    await rig.pass();
    let sent = 0;
    for (let minute = 1; minute <= 40 && sent === 0; minute++) {
      await minutes(rig, 1);
      if (rig.rotations.length > 0) sent = minute;
    }
    expect(sent).toBe(sentAfter);
  });

  it.each<[AppliedReason, 'Warned' | 'Failed']>([
    ['ClusterCertificatesExpired', 'Warned'],
    ['ClusterFailed', 'Failed'],
  ])('of an unsupported version, after a change was refused with %s, has the row %s', (reason, result) => {
    const intents = [rotationIntent('r', { replace: OLD })];
    const said = { allowed: true, locks: [], versions: [{ minor: '1.40', plans: [], isPreview: false }] };
    const refusal = { reason, code: 'BadRequest', message: 'm', at: at(START), stalled: false, count: 1 } as const;
    const rows = preflightRows(
      { ...observe({ intents: [] }), armBefore: said },
      model(),
      { refusal },
      intents,
      START,
      true,
    );
    expect(rows?.find(({ name }) => name === 'VersionSupported')).toMatchObject({ result });
  });

  it('is sent although something else holds the CA, which a row counts by the object that found most', async () => {
    const rig = rigWith({ r: { replace: OLD, accept: [] }, s: { replace: OLD } });
    rig.arm = { ...rig.arm, location: 'westeurope' };
    rig.versions = ['1.40'];
    await minutes(rig, 1);
    expect(rowOf(rig, 'Consumers')).toMatchObject({ result: 'Unknown', blocks: false });
    for (const [name, count] of [
      ['r', 2],
      ['s', 3],
    ] as const) {
      const { status } = rig.others.get(KEY(name))!;
      const ca = { name: 'ClusterCA', maintainedBy: 'You', health: 'Healthy', fingerprintSHA256: 'f', message: 'm' };
      const counts = [
        { holding: 'PresentCA', count },
        { holding: 'OtherCA', count: 9 },
      ];
      const found = { searchedAt: at(START), clusterCASHA256: 'f', message: 'm', counts };
      const stored = {
        ...rotation(name, { replace: OLD, findConsumers: true }),
        status: { ...status, certificates: [ca], consumers: found },
      };
      rig.others.set(KEY(name), stored);
    }
    await minutes(rig, 1);
    expect(rowOf(rig, 'Consumers')).toMatchObject({
      result: 'Warned',
      message: expect.stringMatching(/^3 parts/) as unknown,
    });
    rig.versions = ['1.33'];
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is sent without any access to the nodes, which the rows say', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await minutes(rig, 2);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is checked only where it is due', async () => {
    const depths: string[] = [];
    const rig = rigWith(
      { r: { replace: 42, nodeAccess: true }, m: { mode: 'Monitor', nodeAccess: true } },
      seeing(() => [], depths),
    );
    await minutes(rig, 2);
    depths.splice(0);
    await minutes(rig, 10);
    expect(depths).toEqual([]);
    expect(statusOf(rig)?.preflight).toBeUndefined();
  });
});

describe('the checks of a rotation that objects of two namespaces ask for', () => {
  const IN = { team: 'team/certificaterotations/r', guests: 'guests/certificaterotations/r' } as const;
  const statusIn = (rig: MemoryRig, namespace: keyof typeof IN) =>
    (rig.others.get(IN[namespace]) as CertificateRotation).status!;
  const seen: Nodes = {
    ...GOOD,
    nodes: [node('secret-node', START, { ready: false }), node('secret-karpenter', START, { kind: 'AutoProvisioned' })],
    tightBudgets: ['secret/budget'],
    troubledRequests: { count: 2, first: ['Request secret-csr of node secret-node was denied.'] },
    localVolumes: { count: 1, first: ['secret-volume'] },
    localSets: { count: 1, first: ['secret/set'] },
  };

  it.each<[string, NodesObservation, readonly RegExp[]]>([
    [
      'that were read',
      seen,
      [
        /1 node is not Ready\. .*2 requests have got no certificate\./,
        /1 PodDisruptionBudget allows no eviction\. /,
        /1 node is auto-provisioned\. /,
        /1 PersistentVolume is on disks of nodes\. 1 StatefulSet keeps data in emptyDir volumes alone\. /,
      ],
    ],
    [
      'that were not',
      { kind: 'Unreadable', message: 'The secret-node is odd.' },
      [/over the access of another object/],
    ],
  ])('name nodes %s only to the one whose access shows them', async (_, nodes, counts) => {
    const rig = rigWith({}, () => ({ nodes: { read: async () => nodes } }));
    const guests = { ...ROTATE_GRANTS, nodeAccess: [] };
    rig.policy = { ...ROTATE_POLICY, grants: (namespace) => (namespace === 'team' ? ROTATE_GRANTS : guests) };
    const own = rotation('r', { replace: OLD });
    const target = { ...own.spec.target, nodeAccess: { azure: {} } };
    rig.others.set(IN.team, { ...own, spec: { ...own.spec, target } });
    rig.others.set(IN.guests, rotation('r', { replace: OLD, namespace: 'guests' }));
    rig.versions = ['1.40'];
    rig.arm = { ...rig.arm, location: 'westeurope' };
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(statusIn(rig, 'team').conditions?.find(({ type }) => type === 'Ready')?.message).toContain(
      'VersionSupported',
    );
    expect(JSON.stringify(statusIn(rig, 'team').preflight)).toContain('secret-node');
    const shown = JSON.stringify(statusIn(rig, 'guests'));
    expect(shown).not.toContain('secret');
    expect(JSON.stringify(rig.record)).not.toContain('secret');
    expect(JSON.stringify(rig.events.filter(({ object }) => object.startsWith('guests')))).not.toContain('secret');
    for (const count of counts) expect(shown).toMatch(count);
  });
});

describe('a rotation with a window', () => {
  /** START is 8:00 UTC. */
  const window = { schedule: '0 9 * * *', durationHours: 1 };
  const NINE = START + HOUR;

  it('is sent at its opening, and its nodes are not read before', async () => {
    const depths: string[] = [];
    const rig = rigWith(
      { r: { ...target, window } },
      seeing(() => [node('n1', START)], depths),
    );
    await minutes(rig, 2);
    depths.splice(0);
    await minutes(rig, 50);
    expect(depths).toEqual([]);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({
      reason: 'WaitingForWindow',
      message: expect.stringMatching(/^The rotation waits .* opens at 2026-03-02T09:00:00Z/) as unknown,
    });
    expect(conditionOf(rig, 'Stalled')).toBeUndefined();
    rig.now = NINE;
    const { afterMs } = await rig.pass();
    expect(afterMs).toBeLessThanOrEqual(SECOND);
    rig.now += SECOND;
    await rig.pass();
    // The CA was read last some minutes before.
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
  });

  it('does not hold one of the same CA for another object', async () => {
    const rig = rigWith({ r: { replace: OLD, window }, s: { replace: OLD } });
    await minutes(rig, 2);
    expect(rig.rotations).toHaveLength(1);
  });

  it('goes on after the end of the window', async () => {
    const rig = rigWith({ r: { replace: OLD, window } });
    await minutes(rig, 1);
    rig.now = NINE + 58 * MINUTE;
    await rig.pass();
    rig.now += SECOND;
    await rig.pass();
    // The CA was read last some minutes before.
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(1);
    await rotated(rig);
    expect(conditionOf(rig)).toMatchObject({ status: 'True', reason: 'Rotated' });
  });

  it('that names a missing configuration of the cluster is Stalled', async () => {
    const rig = rigWith({ r: { replace: OLD, window: { maintenanceConfiguration: 'aksManagedAutoUpgradeSchedule' } } });
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ reason: 'InvalidWindow' });
  });
});
