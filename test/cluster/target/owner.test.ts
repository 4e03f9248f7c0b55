import { describe, expect, it } from '@jest/globals';
import { nodesOf } from '../../../src/cluster/target/owner.ts';
import { node, START } from '../build.ts';

const OURS = { name: 'prod', nodeResourceGroup: 'MC_rg_prod_westeurope' };
const read = (...groups: (string | undefined)[]) => ({
  kind: 'Read' as const,
  nodes: groups.map((group, index) => node(`n${index}`, START, group === undefined ? {} : { resourceGroup: group })),
});

describe('nodes that are seen', () => {
  it.each([
    ['all of this cluster', read('mc_RG_prod_westeurope', OURS.nodeResourceGroup)],
    ['some of this cluster', read('elsewhere', OURS.nodeResourceGroup)],
    ['of nobody knows which', read(undefined, undefined)],
    ['none', read()],
  ])('count when they are %s', (_which, nodes) => {
    expect(nodesOf(OURS, nodes)).toBe(nodes);
  });

  it('do not count when they are all of another cluster, whatever their pools are called', () => {
    expect(nodesOf(OURS, read('MC_rg_test_westeurope', undefined))).toEqual({
      kind: 'Unreadable',
      message:
        "the nodes that are seen are another cluster's (machines in MC_rg_test_westeurope), those of prod are in MC_rg_prod_westeurope; mend spec.target.nodeAccess",
    });
  });

  it("count where AKS may run machines of its own beside the cluster's", () => {
    const nodes = read('elsewhere');
    expect(nodesOf({ ...OURS, hasManagedSystemNodes: true }, nodes)).toBe(nodes);
  });

  it('count where ARM does not say whose they would be', () => {
    const nodes = read('elsewhere');
    expect(nodesOf({ name: 'prod' }, nodes)).toBe(nodes);
  });
});
