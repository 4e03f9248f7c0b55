import { describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { wholeSeconds } from '../../src/cluster/model/record.ts';
import { condition, eventually, isReady, roots } from './rig.ts';
import {
  nodeNames,
  POOL_MINUTE,
  poolOf,
  says,
  targetRigOfFile,
  warningsOf,
  type Followed,
  type TargetRig,
} from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);

let rig: TargetRig;
targetRigOfFile((started) => (rig = started), { readyTimeoutSeconds: 3000 });

const isBlocked = (object: CustomCATrust) => condition(object, 'Ready')?.reason === 'ReimageBlocked';
const goesOn = (object: CustomCATrust) => condition(object, 'NodesReimaged')?.reason === 'ReimageInProgress';
const UPGRADER_EVENTS = '/api/v1/namespaces/default/events?fieldSelector=source%3Dupgrader';

interface SaidEvent {
  readonly message: string;
  readonly metadata: { readonly creationTimestamp: string };
}

const ONE_AT_A_TIME = { maxSurge: 0, maxUnavailable: 1 };

/** What a status says of a roll that is held up, whole; and that it was warned of. */
async function expectBlocked(object: CustomCATrust, message: string): Promise<void> {
  const blocked = { status: 'False', reason: 'ReimageBlocked', message };
  expect(says(object, 'NodesReimaged')).toEqual(blocked);
  expect(says(object, 'Ready')).toEqual(blocked);
  expect(says(object, 'Reconciling')).toEqual({ ...blocked, status: 'True' });
  expect(says(object, 'Applied')).toMatchObject({ status: 'False', reason: 'Updating' });
  expect(condition(object, 'Stalled')).toBeUndefined();
  const { name } = object.metadata;
  await eventually(async () => (await warningsOf(rig, name)).length > 0);
  expect(await warningsOf(rig, name)).toEqual([{ reason: 'ReimageBlocked', note: message, count: 1 }]);
}

/** When what holds a pool up began, each time that it was said. */
const begins = (...parts: Followed[]) =>
  new Set(parts.flatMap(({ seen }) => seen.flatMap(({ nodePools = [] }) => nodePools[0]?.blockedSince ?? [])));

describe('a new node that is not Ready for long', () => {
  it('is named with the fix and since when it exists, until it is Ready', async () => {
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'system', count: 2, ...ONE_AT_A_TIME }] });
    const [first = ''] = nodeNames(cluster, 'system');
    cluster.delayMachines({ pool: 'system', seconds: 500 });
    await rig.startController({ timing: { notReady: 1000 } });
    await rig.trust('late', cluster, PEM);
    const blocked = await rig.follow('late', cluster, isBlocked, 'held up by the node');
    const { createdAt } = cluster.nodes().find(({ name }) => name === first)!;
    const by = `${first} registered but is not Ready`;
    expect(blocked.object.status?.nodes).toEqual({
      total: 2,
      reimaged: 0,
      reimaging: 1,
      waiting: 1,
      excluded: 0,
      summary: '0/2',
      source: 'Nodes',
    });
    expect(blocked.object.status?.nodePools).toEqual([
      {
        name: 'system',
        osType: 'Linux',
        nodes: 2,
        reimaged: 0,
        reimaging: 1,
        waiting: 1,
        phase: 'Reimaging',
        blockedBy: by,
        blockedReason: 'NodeNotReady',
        blockedSince: wholeSeconds(new Date(createdAt).toISOString()),
      },
    ]);
    await expectBlocked(
      blocked.object,
      `0 of 2 nodes were replaced since the change. Node pool system: ${by}. ` +
        'Find the cause (kubectl describe node); its machine may have to be deleted (az aks nodepool delete-machines)',
    );

    const going = await rig.follow('late', cluster, goesOn, 'Ready again');
    expect(says(going.object, 'NodesReimaged').message).toBe('1 of 2 nodes were replaced since the change');
    expect(poolOf(going.object, 'system')?.blockedBy).toBeUndefined();
    const ready = await rig.follow('late', cluster, isReady, 'Ready');
    expect([...blocked.lies, ...going.lies, ...ready.lies]).toEqual([]);
    expect(begins(blocked, going, ready).size).toBe(1);
    expect(await warningsOf(rig, 'late')).toHaveLength(1);
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('a roll in which no node moves', () => {
  it('is reported after drain timeout, soak and some more, with the fix, which ends it; the rest is resumed on request', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [
        { name: 'system', count: 2, ...ONE_AT_A_TIME, drainTimeoutInMinutes: 20, nodeSoakDurationInMinutes: 5 },
        { name: 'work', count: 1 },
      ],
    });
    const [first = '', second = ''] = nodeNames(cluster, 'system');
    const [third = ''] = nodeNames(cluster, 'work');
    cluster.delayMachines({ pool: 'system', unregistered: true });
    // The simulator hurries; the longest that a drain, a soak and a reimage may take are 4 s here.
    await rig.startController({ timing: { poolMinute: 100, standstill: 1500 } });
    await rig.trust('hanging', cluster, PEM);
    const blocked = await rig.follow('hanging', cluster, isBlocked, 'standing still');
    const by = "no node was drained or replaced for more than 40 minutes, the pool's drain timeout and soak included";
    const counts = { reimaged: 0, reimaging: 1, waiting: 1 };
    expect(blocked.object.status?.nodes).toEqual({
      ...counts,
      total: 3,
      waiting: 2,
      excluded: 0,
      summary: '0/3',
      source: 'Nodes',
    });
    const system = poolOf(blocked.object, 'system');
    const moved = Date.parse(system?.blockedSince ?? '');
    expect(system).toEqual({
      name: 'system',
      osType: 'Linux',
      nodes: 2,
      ...counts,
      phase: 'Reimaging',
      blockedBy: by,
      blockedReason: 'NoProgress',
      blockedSince: wholeSeconds(new Date(moved).toISOString()),
    });
    const said = await rig.target.list<SaidEvent>(UPGRADER_EVENTS);
    const last = said.filter(({ message }) => message === `Reimaging node: ${first}`);
    expect(last.map(({ metadata }) => Date.parse(metadata.creationTimestamp))).toEqual([moved]);
    expect(Date.now() - moved).toBeGreaterThan(4000);
    expect(poolOf(blocked.object, 'work')).not.toHaveProperty('blockedBy');
    await expectBlocked(
      blocked.object,
      `0 of 3 nodes were replaced since the change. Node pool system: ${by}. ` +
        'Check the events of its nodes and the activity log; az aks operation-abort ends an operation that hangs',
    );

    cluster.abort();
    const isHeld = (object: CustomCATrust) => condition(object, 'Ready')?.reason === 'UpdateCanceled';
    const held = await rig.follow('hanging', cluster, isHeld, 'held');
    expect(says(held.object, 'NodesReimaged')).toEqual({
      status: 'False',
      reason: 'ReimageFailed',
      message: `0 of 3 nodes were replaced since the change; without the new certificates: ${second}, ${third}`,
    });
    expect(poolOf(held.object, 'system')).toMatchObject({ ...counts, phase: 'Failed' });
    expect(poolOf(held.object, 'system')).not.toHaveProperty('blockedBy');
    await rig.annotate('hanging', { 'aks-ca-trust.dev/reconcile-requested-at': 'now' });
    const ready = await rig.follow('hanging', cluster, isReady, 'Ready');
    expect([...blocked.lies, ...held.lies, ...ready.lies]).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('3/3');
    expect(rig.puts(cluster)).toHaveLength(2);
    expect((await warningsOf(rig, 'hanging')).map(({ reason, count }) => [reason, count])).toEqual([
      ['ReimageBlocked', 1],
      ['UpdateCanceled', 1],
    ]);
  });
});

describe('a node that is soaked', () => {
  it('is being replaced and no standstill, however long that takes, and the estimate includes it', async () => {
    const SOAK = 8;
    const cluster = await rig.addTargetCluster({
      pools: [
        { name: 'system', count: 2, ...ONE_AT_A_TIME, drainTimeoutInMinutes: 1, nodeSoakDurationInMinutes: SOAK },
      ],
    });
    const [first = ''] = nodeNames(cluster, 'system');
    // But for the soak, a roll would stand still after 2.4 s.
    await rig.startController({ timing: { poolMinute: POOL_MINUTE, standstill: 3 * POOL_MINUTE } });
    await rig.trust('soaked', cluster, PEM);
    const isSoaked = async () =>
      (await rig.target.events(first)).some(
        ({ message }) => message === `Soak duration ${SOAK}m0s after draining node: ${first}`,
      );
    await eventually(isSoaked);
    const begun = await rig.follow('soaked', cluster, (object) => object.status?.nodes?.reimaging === 1, 'begun');
    expect(begun.object.status?.nodes).toEqual({
      total: 2,
      reimaged: 0,
      reimaging: 1,
      waiting: 1,
      excluded: 0,
      summary: '0/2',
      source: 'Nodes',
    });
    const one = await rig.follow('soaked', cluster, (object) => object.status?.nodes?.reimaged === 1, 'one replaced');
    const { countedAt = '' } = (await rig.record(cluster))?.status?.operation ?? {};
    const came = Date.parse(cluster.nodes().find(({ name }) => name === first)!.createdAt);
    const pace = came - Date.parse(countedAt);
    expect(pace).toBeGreaterThan((SOAK - 2) * POOL_MINUTE);
    const end = wholeSeconds(new Date(Math.ceil((came + pace) / 60_000) * 60_000).toISOString());
    expect(one.object.status?.estimate).toEqual({ nodesLeft: 1, earliest: end, likely: end });

    const ready = await rig.follow('soaked', cluster, isReady, 'Ready');
    expect([...begun.lies, ...one.lies, ...ready.lies]).toEqual([]);
    const all = [...begun.seen, ...one.seen, ...ready.seen];
    expect(all.flatMap(({ nodePools }) => nodePools?.[0]?.blockedBy ?? [])).toEqual([]);
    const reasons = all.map(({ conditions }) => conditions?.find(({ type }) => type === 'NodesReimaged')?.reason);
    expect(new Set(reasons.slice(1))).toEqual(new Set(['ReimageInProgress', 'Reimaged']));
    expect(await warningsOf(rig, 'soaked')).toEqual([]);
  });
});
