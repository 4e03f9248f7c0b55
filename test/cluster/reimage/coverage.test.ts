import { describe, expect, it } from '@jest/globals';
import type { ClusterModel } from '../../../src/azure/cluster-model.ts';
import { coverageOf, isDrifting, outsideOf, type Outside } from '../../../src/cluster/reimage/coverage.ts';
import { at, model, node, pool, START } from '../../harness/build.ts';

const NONE: Outside = { virtualNodes: 0, autoProvisionedNodes: 0, autoProvisionedLeft: 0, otherNodes: 0 };
const SINCE = { newestNode: START, countedAt: START, nodeNames: undefined };

describe('nodes outside of the pools', () => {
  const nodes = [
    node('a', START - 1000),
    node('v', START - 1000, { kind: 'Virtual', pool: '' }),
    node('k1', START - 1000, { kind: 'AutoProvisioned', pool: '' }),
    node('k2', START + 1000, { kind: 'AutoProvisioned', pool: '' }),
    node('m', START - 1000, { pool: 'hosted' }),
  ];

  it('are counted by kind, auto-provisioned ones by whether they are older than the change', () => {
    expect(outsideOf(model(), { kind: 'Read', nodes }, SINCE, undefined)).toEqual({
      virtualNodes: 1,
      autoProvisionedNodes: 2,
      autoProvisionedLeft: 1,
      otherNodes: 1,
      since: at(START),
    });
  });

  it('are counted on after the operation, by its baseline', () => {
    const before = outsideOf(model(), { kind: 'Read', nodes }, SINCE, undefined);
    expect(isDrifting({ ...(before ? { outside: before } : {}) })).toBe(true);
    const replaced = nodes.filter(({ name }) => name !== 'k1');
    const after = outsideOf(model(), { kind: 'Read', nodes: replaced }, undefined, before);
    expect(after).toMatchObject({ autoProvisionedNodes: 1, autoProvisionedLeft: 0 });
    expect(isDrifting({ ...(after ? { outside: after } : {}) })).toBe(false);
  });

  it('stay as they were seen last, and are forgotten where the nodes may not be read', () => {
    const before = { ...NONE, virtualNodes: 1 };
    expect(outsideOf(model(), { kind: 'NotRead' }, SINCE, before)).toBe(before);
    expect(outsideOf(model(), { kind: 'Unreadable', message: 'm' }, SINCE, before)).toBe(before);
    expect(outsideOf(model(), { kind: 'NoAccess' }, SINCE, before)).toBeUndefined();
    expect(outsideOf(model(), { kind: 'Read', nodes: [node('a', START)] }, SINCE, before)).toBeUndefined();
  });
});

describe('FullyCovered', () => {
  it('is True where every node gets custom CAs', () => {
    expect(coverageOf(model(), undefined, true)).toMatchObject({ status: 'True', reason: 'AllNodePools' });
    expect(coverageOf(model(), { ...NONE, autoProvisionedNodes: 3 }, true)).toMatchObject({ status: 'True' });
    expect(coverageOf(model({ autoProvisions: true }), undefined, true)).toMatchObject({ status: 'True' });
  });

  it.each<[string, Partial<ClusterModel>, Partial<Outside>, string]>([
    [
      'WindowsNodePools',
      {
        pools: [
          pool(),
          pool({ name: 'win', osType: 'Windows', count: 3 }),
          pool({ name: 'w2', osType: 'WINDOWS', count: 1 }),
        ],
      },
      {},
      'Windows node pools do not get custom CAs: win (3 nodes), w2 (1 node)',
    ],
    [
      'AutoProvisionedNodes',
      {},
      { autoProvisionedNodes: 4, autoProvisionedLeft: 2 },
      '2 of 4 auto-provisioned nodes are older than the last change; Karpenter replaces them by drift, within the disruption budgets of its NodePools',
    ],
    ['VirtualNodes', {}, { virtualNodes: 1 }, 'Virtual nodes (1) have no trust store that AKS could change'],
    ['VirtualNodes', { hasVirtualNodes: true }, {}, 'Virtual nodes have no trust store that AKS could change'],
    [
      'ManagedSystemNodes',
      {},
      { otherNodes: 2 },
      '2 nodes of no node pool that ARM lists, such as managed system nodes: AKS alone decides what they trust',
    ],
    [
      'ManagedSystemNodes',
      { hasManagedSystemNodes: true },
      {},
      'Managed system nodes: AKS alone decides what they trust',
    ],
    [
      'ManagedSystemNodes',
      { hasManagedSystemNodes: true },
      { otherNodes: 3 },
      'Managed system nodes (3 nodes of no node pool that ARM lists): AKS alone decides what they trust',
    ],
    [
      'ManagedSystemNodes',
      { pools: [pool(), pool({ name: 'hosted', count: 1, managedSystem: true })] },
      {},
      'Node pools that AKS manages, for which AKS alone decides what they trust: hosted (1 node)',
    ],
    [
      'LegacyPoolSetting',
      { pools: [pool({ legacyTrust: true })] },
      {},
      'Node pools with the setting of the retired preview, which may fail when certificates change; remove it (az aks nodepool update --disable-custom-ca-trust): system (2 nodes)',
    ],
  ])('is False for %s (%#), with counts', (reason, overrides, outside, message) => {
    expect(coverageOf(model(overrides), { ...NONE, ...outside }, true)).toEqual({ status: 'False', reason, message });
  });

  it('says that auto-provisioned nodes are not counted where the nodes may not be read', () => {
    expect(coverageOf(model({ autoProvisions: true }), undefined, false)).toMatchObject({
      reason: 'AutoProvisionedNodes',
      message: expect.stringContaining('nodeAccess') as unknown,
    });
  });

  it('covers node pools only where the nodes are not read', () => {
    expect(coverageOf(model(), undefined, false)).toMatchObject({
      status: 'True',
      reason: 'AllNodePools',
      message:
        'Every node pool gets custom CAs. Nodes outside of node pools are counted only with spec.target.nodeAccess',
    });
    expect(coverageOf(model(), undefined, true).message).toBe('Every node gets custom CAs');
  });

  it('spells out some pools, the largest first, and counts the others', () => {
    const pools = Array.from({ length: 100 }, (_, index) =>
      pool({ name: `win${index}`, osType: 'Windows', count: index }),
    );
    const { message } = coverageOf(model({ pools }), undefined, true);
    expect(message).toMatch(/: win99 \(99 nodes\), win98 \(98 nodes\), /);
    expect(message).toMatch(/, win90 \(90 nodes\) and 90 more \(4005 nodes\)$/);
    expect(message.length).toBeLessThan(300);
  });

  it('has every gap in its message, and the first as its reason', () => {
    const pools = [pool({ name: 'win', osType: 'Windows' }), pool({ legacyTrust: true })];
    const { reason, message } = coverageOf(model({ pools }), { ...NONE, virtualNodes: 2 }, true);
    expect(reason).toBe('WindowsNodePools');
    expect(message.split('; ')).toHaveLength(4);
  });
});
