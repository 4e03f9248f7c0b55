import { describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { condition, eventually, isReady, roots } from './rig.ts';
import {
  nodeNames,
  poolOf,
  refusalsSaid,
  says,
  targetRigOfFile,
  warningsOf,
  type Followed,
  type TargetRig,
  on,
  MAKE_ROOM,
} from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);

let rig: TargetRig;
targetRigOfFile((started) => (rig = started));

const isBlocked = (object: CustomCATrust) => condition(object, 'Ready')?.reason === 'ReimageBlocked';
const nodesReimaged = ({ conditions }: NonNullable<CustomCATrust['status']>) =>
  conditions?.find(({ type }) => type === 'NodesReimaged');
const blockers = (...parts: Followed[]) =>
  parts.flatMap(({ seen }) => seen.flatMap(({ nodePools = [] }) => nodePools[0]?.blockedBy ?? []));

describe('an eviction that is refused', () => {
  it('for a moment is part of a drain, and for longer holds it up since it was first refused', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [{ name: 'system', count: 2, maxSurge: 1 }],
    });
    const [first = '', second = ''] = nodeNames(cluster, 'system');
    const [brief, lasting] = [await rig.deploy(1, on(first), 0), await rig.deploy(1, on(second), 0)];
    await rig.startController({ timing: { eviction: 3000 } });
    await rig.trust('patient', cluster, PEM);
    await eventually(async () => (await refusalsSaid(rig.target, first)).length > 0);
    await brief.allow(1);
    const blocked = await rig.follow('patient', cluster, isBlocked, 'held up at the second node');
    const at = Date.now();
    const [pod] = await lasting.pods();
    const by = `default/${lasting.name} allows no eviction of default/${pod!.metadata.name}, on node ${second}`;
    const message = `1 of 2 nodes were replaced since the change. Node pool system: ${by}. ${MAKE_ROOM}`;
    expect(says(blocked.object, 'NodesReimaged')).toEqual({
      status: 'False',
      reason: 'ReimageBlocked',
      message,
    });
    const [refusal] = await refusalsSaid(rig.target, second);
    // AKS does not say the namespace of the pod.
    expect(refusal!.message).toMatch(/: [^/]+$/);
    expect(Date.parse(poolOf(blocked.object, 'system')?.blockedSince ?? '')).toBe(refusal!.createdAt);
    expect(at - refusal!.createdAt).toBeGreaterThanOrEqual(3000);

    await lasting.allow(1);
    const ready = await rig.follow('patient', cluster, isReady, 'Ready');
    expect([...blocked.lies, ...ready.lies]).toEqual([]);
    expect(new Set(blockers(blocked, ready))).toEqual(new Set([by]));
    expect(await warningsOf(rig, 'patient')).toEqual([{ reason: 'ReimageBlocked', note: message, count: 1 }]);
  });

  it('is reported since then and warned of once, whichever controller reads and whatever the API server drops, until its budget is gone', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [{ name: 'system', count: 2, maxSurge: 1 }],
    });
    const [first = ''] = nodeNames(cluster, 'system');
    const web = await rig.deploy(1, on(first), 0);
    const timing = { eviction: 2000 };
    const killed = await rig.startController({ timing });
    await rig.trust('kept', cluster, PEM);
    const blocked = await rig.follow('kept', cluster, isBlocked, 'held up at the first node');
    const pool = poolOf(blocked.object, 'system')!;
    const [pod] = await web.pods();
    const by = `default/${web.name} allows no eviction of default/${pod!.metadata.name}, on node ${first}`;
    expect(pool.blockedBy).toBe(by);
    await eventually(async () => (await warningsOf(rig, 'kept')).length > 0);

    killed.kill();
    await rig.startController({ timing });
    await untilLookedAt(5);
    await cluster.loseEvents();
    await untilLookedAt(5);
    await eventually(async () => (await refusalsSaid(rig.target, first)).length > 0);
    await untilLookedAt(5);
    const still = await rig.get('kept');
    expect(poolOf(still!, 'system')).toEqual(pool);
    expect(nodesReimaged(still!.status!)).toEqual(nodesReimaged(blocked.object.status!));

    expect((await warningsOf(rig, 'kept')).map(({ reason, count }) => [reason, count])).toEqual([
      ['ReimageBlocked', 1],
    ]);
    await rig.target.send('DELETE', `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${web.name}`);
    const going = await rig.follow('kept', cluster, (object) => !isBlocked(object), 'going on');
    expect(poolOf(going.object, 'system')).not.toHaveProperty('blockedBy');
    const ready = await rig.follow('kept', cluster, isReady, 'Ready');
    expect([...blocked.lies, ...going.lies, ...ready.lies]).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('2/2');
    expect(new Set(blockers(blocked, going, ready))).toEqual(new Set([by]));
    const message = `0 of 2 nodes were replaced since the change. Node pool system: ${by}. ${MAKE_ROOM}`;
    expect(await warningsOf(rig, 'kept')).toEqual([{ reason: 'ReimageBlocked', note: message, count: 1 }]);
    expect(rig.puts(cluster)).toHaveLength(1);
  });

  it('on a surge node, which is removed when all others are replaced, is reported too', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [{ name: 'system', count: 1, maxSurge: 1 }],
    });
    const [node = ''] = nodeNames(cluster, 'system');
    const web = await rig.deploy(1, { agentpool: 'system' }, 1);
    // Both machines are late, so that there is time between the two drains.
    cluster.delayMachines({ pool: 'system', seconds: 250, machines: 2 });
    await rig.startController();
    await rig.trust('surge', cluster, PEM);
    const [pod] = await eventually(async () => {
      const pods = await web.pods();
      return pods.length === 1 && pods[0]?.spec.nodeName !== node && pods[0]?.status.phase === 'Running' && pods;
    }, 30_000);
    await web.allow(0);
    const blocked = await rig.follow('surge', cluster, isBlocked, 'held up at the surge node');
    const [surge = ''] = nodeNames(cluster, 'system').filter((name) => name !== node);
    expect(pod!.spec.nodeName).toBe(surge);
    expect(poolOf(blocked.object, 'system')).toMatchObject({
      phase: 'Done',
      blockedBy: `default/${web.name} allows no eviction of default/${pod!.metadata.name}, on node ${surge}`,
    });
    const message =
      `1 of 1 nodes were replaced since the change. Node pool system: ` +
      `default/${web.name} allows no eviction of default/${pod!.metadata.name}, on node ${surge}. ${MAKE_ROOM}`;
    expect(blocked.object.status?.nodes).toEqual({
      total: 1,
      reimaged: 1,
      reimaging: 0,
      waiting: 0,
      excluded: 0,
      summary: '1/1',
      source: 'Nodes',
    });
    expect(says(blocked.object, 'NodesReimaged')).toEqual({
      status: 'False',
      reason: 'ReimageBlocked',
      message,
    });
    expect(says(blocked.object, 'Ready')).toEqual({
      status: 'False',
      reason: 'ReimageBlocked',
      message,
    });

    await web.allow(1);
    const ready = await rig.follow('surge', cluster, isReady, 'Ready');
    expect([...blocked.lies, ...ready.lies]).toEqual([]);
    expect(nodeNames(cluster, 'system')).toEqual([node]);
    expect(await warningsOf(rig, 'surge')).toEqual([{ reason: 'ReimageBlocked', note: message, count: 1 }]);
  });
});

/** Resolves when so many more passes have looked at a cluster. */
async function untilLookedAt(times: number): Promise<void> {
  const looks = () => rig.logs.filter((line) => line.includes('"msg":"The reconcile sent nothing."')).length;
  const before = looks();
  await eventually(async () => looks() >= before + times);
}
