import { describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { nodeResourceGroupOf } from '../simulator/target.ts';
import type { NodeObject } from '../simulator/target.ts';
import { entry, fingerprint, isReady, roots, SEES_NODES } from './rig.ts';
import { SEES_TARGET, says, targetRigOfFile, type TargetRig } from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);
const LIMIT = 60_000;

let rig: TargetRig;
targetRigOfFile((started) => (rig = started));

describe('nodes outside of the feature', () => {
  it('are said with their counts and are part of no count, and never keep an object from being Ready', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [
        { name: 'system', count: 1 },
        { name: 'old', count: 1, extra: { enableCustomCATrust: true } },
        { name: 'win', osType: 'Windows', count: 2 },
      ],
      autoProvisioned: { count: 2, driftSeconds: 3600 },
      virtualNodes: 1,
    });
    await rig.startController();
    await rig.trust('outside', cluster, PEM);
    const ready = await rig.follow('outside', cluster, isReady, 'Ready');
    expect(ready.lies).toEqual([]);
    expect(ready.object.status?.nodes).toEqual({
      total: 2,
      reimaged: 2,
      reimaging: 0,
      waiting: 0,
      excluded: 5,
      summary: '2/2',
      source: 'Nodes',
    });
    expect(ready.object.status?.nodePools?.[2]).toEqual({
      name: 'win',
      osType: 'Windows',
      nodes: 2,
      phase: 'Excluded',
      message: 'Windows node pools do not get custom CAs',
    });
    expect(says(ready.object, 'FullyCovered')).toEqual({
      status: 'False',
      reason: 'WindowsNodePools',
      message:
        'Windows node pools do not get custom CAs: win (2 nodes); ' +
        '2 of 2 auto-provisioned nodes are older than the last change; Karpenter replaces them by drift, within the disruption budgets of its NodePools; ' +
        'virtual nodes (1) have no trust store that AKS could change; ' +
        'node pools with the setting of the retired preview, which may fail when certificates change; ' +
        'remove it (az aks nodepool update --disable-custom-ca-trust): old (1 node)',
    });
  });

  it.each([
    [
      'VirtualNodes',
      { virtualNodes: 2 },
      { total: 1, excluded: 2 },
      'Virtual nodes (2) have no trust store that AKS could change',
    ],
    [
      'LegacyPoolSetting',
      { extra: { enableCustomCATrust: true } },
      { total: 1, excluded: 0 },
      'Node pools with the setting of the retired preview, which may fail when certificates change; ' +
        'remove it (az aks nodepool update --disable-custom-ca-trust): system (1 node)',
    ],
  ] as const)('are said by themselves as well (%s)', async (reason, what, counts, message) => {
    const { extra, ...seed } = { extra: {}, ...what };
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'system', count: 1, extra }], ...seed });
    await rig.startController();
    const name = reason.toLowerCase();
    await rig.trust(name, cluster, PEM);
    const ready = await rig.follow(name, cluster, isReady, 'Ready');
    expect(ready.lies).toEqual([]);
    expect(says(ready.object, 'FullyCovered')).toEqual({ status: 'False', reason, message });
    expect(ready.object.status?.nodes).toEqual({
      ...counts,
      reimaged: 1,
      reimaging: 0,
      waiting: 0,
      summary: '1/1',
      source: 'Nodes',
    });
  });

  it('that AKS manages itself are in no pool that ARM lists: they are counted apart, also where there are no others', async () => {
    const names = ['hosted-1', 'hosted-2'];
    for (const name of names) {
      const labels = { 'kubernetes.azure.com/cluster': 'elsewhere', 'kubernetes.azure.com/mode': 'system' };
      await rig.target.send('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
    }
    const hosted = { properties: { hostedSystemProfile: { enabled: true } } };
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'user', count: 0 }], extraBody: hosted });
    await rig.startController();
    await rig.trust('hosted', cluster, PEM);
    const ready = await rig.follow('hosted', cluster, isReady, 'Ready');
    expect(ready.lies).toEqual([]);
    expect(says(ready.object, 'FullyCovered')).toEqual({
      status: 'False',
      reason: 'ManagedSystemNodes',
      message: 'Managed system nodes (2 nodes of no node pool that ARM lists): AKS alone decides what they trust',
    });
    expect(ready.object.status?.nodes).toMatchObject({ total: 0, reimaged: 0, excluded: 2, summary: '0/0' });
    expect(rig.puts(cluster)).toHaveLength(1);
    for (const name of names) await rig.target.send('DELETE', `/api/v1/nodes/${name}`);
  });

  it('that Karpenter provisioned are counted apart until their drift is over, without a write to ARM', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [{ name: 'system', count: 1 }],
      autoProvisioned: { count: 2, driftSeconds: 200 },
    });
    await rig.startController();
    await rig.trust('drifting', cluster, PEM);
    const ready = await rig.follow('drifting', cluster, isReady, 'Ready');
    expect(says(ready.object, 'FullyCovered')).toMatchObject({ status: 'False', reason: 'AutoProvisionedNodes' });
    expect(says(ready.object, 'FullyCovered').message).toMatch(/^2 of 2 auto-provisioned nodes are older/);
    const told: string[] = [];
    const covered = await rig.until(
      'drifting',
      (object) => {
        const { status, message = '' } = says(object, 'FullyCovered');
        // How many there are in all changes as well while one is replaced.
        const left = /^(\d) of \d auto-provisioned/.exec(message)?.[1] ?? message;
        if (left !== told.at(-1)) told.push(left);
        return status === 'True';
      },
      'FullyCovered',
      LIMIT,
    );
    const path = '/api/v1/nodes?labelSelector=karpenter.sh%2Fnodepool';
    const there = (await rig.target.list<NodeObject>(path)).map(({ metadata }) => metadata.name);
    const having = cluster.nodes().filter(({ fingerprints }) => fingerprints.includes(fingerprint(PEM)));
    expect(there).toHaveLength(2);
    expect(having.map(({ name }) => name)).toEqual(expect.arrayContaining(there));
    expect(told).toEqual(['2', '1', 'Every node gets custom CAs']);
    expect(isReady(covered)).toBe(true);
    expect(says(covered, 'FullyCovered').reason).toBe('AllNodePools');
    expect((await rig.record(cluster))?.status?.outside?.autoProvisionedLeft).toBe(0);
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('a kubeconfig', () => {
  it('of another cluster is found out before anything is sent, and in mid-operation', async () => {
    const other = await rig.addTargetCluster({ pools: [{ name: 'system', count: 2 }] });
    const cluster = await rig.addCluster({ nodes: true, pools: [{ name: 'system', count: 3, maxSurge: 1 }] });
    // As the cloud provider writes it into spec.providerID.
    const machines = nodeResourceGroupOf(other).toLowerCase();
    const name = cluster.resourceId.split('/').at(-1)!;
    const mistaken = `The nodes that were read belong to another cluster: their machines are in resource group ${machines}, and the machines of ${name} are in resource group ${nodeResourceGroupOf(cluster)}. Correct spec.target.nodeAccess`;
    await rig.startController();
    await rig.trust('mistaken', cluster, PEM);
    const held = await rig.until('mistaken', (object) => says(object, 'Applied').status === 'False', 'held', LIMIT);
    expect(says(held, 'Applied')).toEqual({
      status: 'False',
      reason: 'NodesUnreadable',
      message: `Nothing is added while the nodes of the cluster cannot be seen. ${mistaken}. To rely on ARM alone, remove spec.target.nodeAccess.`,
    });
    expect(held.status?.nodes).toBeUndefined();

    const certificates = [entry('a', PEM)];
    await rig.apply('mistaken', cluster, { certificates, target: SEES_NODES });
    const one = (object: CustomCATrust) => object.status?.nodes?.reimaged === 1;
    await rig.follow('mistaken', cluster, one, 'one of three');
    await rig.apply('mistaken', cluster, { certificates, target: SEES_TARGET });
    const lost = await rig.until(
      'mistaken',
      (object) => says(object, 'NodesReimaged').status === 'Unknown',
      'unreadable in mid-operation',
      LIMIT,
    );
    expect(says(lost, 'NodesReimaged')).toEqual({ status: 'Unknown', reason: 'NodesUnreadable', message: mistaken });
    await cluster.idle();
    const unsure = await rig.until(
      'mistaken',
      (object) => says(object, 'Applied').message?.startsWith('ARM reports Succeeded') ?? false,
      'unsure when ARM is done',
      LIMIT,
    );
    expect(says(unsure, 'Applied').message).toBe(
      `ARM reports Succeeded, but the controller cannot read whether every node was replaced. ${mistaken}`,
    );
    expect(isReady(unsure)).toBe(false);

    await rig.apply('mistaken', cluster, { certificates, target: SEES_NODES });
    const ready = await rig.follow('mistaken', cluster, isReady, 'Ready');
    expect(ready.lies).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('3/3');
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(rig.puts(other)).toEqual([]);
  });

  it('that no object gives leaves the pool states of ARM, which are called coarse', async () => {
    const pools = [
      { name: 'system', count: 2 },
      { name: 'work', count: 3 },
    ];
    const cluster = await rig.addCluster({ pools, autoProvisioned: { count: 1 } });
    await rig.startController();
    await rig.apply('coarse', cluster, { certificates: [entry('a', PEM)] });
    const told = new Map<string, string | undefined>();
    const ready = await rig.until(
      'coarse',
      (object) => {
        const { summary } = object.status?.nodes ?? {};
        if (summary !== undefined && !isReady(object)) told.set(summary, says(object, 'NodesReimaged').message);
        return isReady(object);
      },
      'Ready',
      LIMIT,
    );
    const half = '2 of 5 nodes were replaced since the change, by the pool states that ARM reports';
    expect([...told.keys()]).toEqual(['0/5 (coarse)', '2/5 (coarse)']);
    expect(told.get('2/5 (coarse)')).toBe(half);
    expect(says(ready, 'NodesReimaged')).toEqual({
      status: 'True',
      reason: 'ReportedByARM',
      message: 'ARM reports Succeeded; the nodes themselves were not read',
    });
    expect(ready.status?.nodes).toEqual({ total: 5, reimaged: 5, excluded: 0, summary: '5/5 (coarse)', source: 'ARM' });
    expect(says(ready, 'FullyCovered')).toEqual({
      status: 'False',
      reason: 'AutoProvisionedNodes',
      message: 'Auto-provisioned nodes are replaced later, by drift, and are counted only with spec.target.nodeAccess',
    });
  });
});
