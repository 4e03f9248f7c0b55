import { describe, expect, it } from '@jest/globals';
import type { NodesObservation } from '../../../src/cluster/model/observation.ts';
import { machineOf, ownNodes } from '../../../src/cluster/node-access/machine.ts';
import { labelsOf, type Owner } from '../../../src/cluster/node-access/wrong-cluster.ts';
import { KubernetesError } from '../../../src/kubernetes/client/connection.ts';
import { CORPUS } from '../../corpus.ts';
import { node, pool, START } from '../../harness/build.ts';

const SIGNAL = new AbortController().signal;
const OWN_SUBSCRIPTION = '8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8';
const OURS: Owner = { name: 'prod', nodeResourceGroup: 'MC_rg_prod_westeurope', subscriptionId: OWN_SUBSCRIPTION };

const read = (...groups: (string | undefined)[]): NodesObservation => ({
  kind: 'Read',
  nodes: groups.map((group, index) => node(`n${index}`, START, group === undefined ? {} : { resourceGroup: group })),
});

const machine = (group: string, subscription = OWN_SUBSCRIPTION) =>
  `azure:///subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-apps-1-vmss/virtualMachines/0`;

/** Whose the nodes are; `machines` are the providerIDs by node. */
async function judge(owner: Owner, nodes: NodesObservation, machines: Readonly<Record<string, unknown>> | Error = {}) {
  const asked: string[] = [];
  const connection = {
    async request({ path, query }: { path: string; query?: Readonly<Record<string, string>> }) {
      const name = /^metadata\.name=(.*)$/.exec(query?.['fieldSelector'] ?? '')?.[1] ?? '';
      asked.push(`${path} ${name} ${query?.['limit']}`);
      if (machines instanceof Error) throw machines;
      return { items: [{ metadata: { name }, spec: { providerID: machines[name] } }] };
    },
  };
  const own = await ownNodes(connection, owner, nodes, SIGNAL);
  return { own, asked, message: own.kind === 'Unreadable' ? own.message : undefined };
}

describe('the label of a node', () => {
  it.each(CORPUS.labels)('is the cluster’s: $id', async ({ nodeResourceGroup, label }) => {
    const nodes = read(label);
    expect(await judge({ ...OURS, nodeResourceGroup }, nodes)).toEqual({ own: nodes, asked: [], message: undefined });
  });

  it.each([
    ['in another case', 'mc_RG_PROD_westeurope', OURS.nodeResourceGroup!],
    [
      'cut, in another case',
      'mc_RG-PLATFORM-production-westeurope_aks-platform-production-00',
      'MC_rg-platform-production-westeurope_aks-platform-production-001_westeurope',
    ],
    ['of a group in another script, cut by characters', `MC_${'ü'.repeat(60)}`, `MC_${'Ü'.repeat(70)}`],
    ['of a group in another script, cut by bytes', `MC_${'生'.repeat(20)}`, `MC_${'生'.repeat(70)}`],
  ])('is the cluster’s: %s', async (_how, label, nodeResourceGroup) => {
    expect((await judge({ ...OURS, nodeResourceGroup }, read(label))).asked).toEqual([]);
  });

  it('is never longer than a label may be', () => {
    for (const { nodeResourceGroup } of CORPUS.labels)
      for (const label of labelsOf(nodeResourceGroup)) expect(label.length).toBeLessThanOrEqual(63);
  });
});

describe('nodes that are read', () => {
  it.each([
    ['all of this cluster', read('mc_RG_prod_westeurope', OURS.nodeResourceGroup)],
    ['some of this cluster', read('elsewhere', OURS.nodeResourceGroup)],
    ['none', read()],
    ['of nodes that say nothing', read(undefined, undefined)],
  ])('count when they are %s', async (_which, nodes) => {
    expect((await judge(OURS, nodes)).own).toBe(nodes);
  });

  it('count where the label names another group and the machine is in the cluster’s, in any case and coding', async () => {
    const nodes = read('something-else');
    const { own, asked } = await judge(OURS, nodes, {
      n0: machine('mc_rg_prod_westeurope', OWN_SUBSCRIPTION.toUpperCase()),
    });
    expect(own).toBe(nodes);
    expect(asked).toEqual(['/api/v1/nodes n0 1']);
    const owner = { ...OURS, nodeResourceGroup: 'MC_Überwachung_prod' };
    for (const group of ['mc_überwachung_prod', 'mc_%C3%BCberwachung_prod', 'MC_U\u0308berwachung_prod'])
      expect((await judge(owner, nodes, { n0: machine(group) })).own).toBe(nodes);
  });

  it('do not count where machine and label are another cluster’s, with any names of pools', async () => {
    const nodes = read('MC_rg_test_westeurope', undefined);
    const { message } = await judge(OURS, nodes, { n0: machine('mc_rg_test_westeurope') });
    expect(message).toBe(
      'The nodes that were read belong to another cluster: their machines are in resource group mc_rg_test_westeurope, and the machines of prod are in resource group MC_rg_prod_westeurope. Correct spec.target.nodeAccess',
    );
  });

  it('do not count where the group is called the same in another subscription', async () => {
    const { message } = await judge(OURS, read('x'), { n0: machine('MC_rg_prod_westeurope', 'other-subscription') });
    expect(message).toContain('resource group MC_rg_prod_westeurope of subscription other-subscription');
  });

  it('do not count where they say by their machines alone that they are another’s', async () => {
    expect((await judge(OURS, read(undefined), { n0: machine('mc_other') })).message).toContain('mc_other');
    expect((await judge(OURS, read(undefined), { n0: 'kind://docker/kind/kind-control-plane' })).message).toContain(
      '"kind://docker/kind/kind-control-plane"',
    );
  });

  it('do not count where the label names another group and the machine cannot be read', async () => {
    expect((await judge(OURS, read('mc_other'))).message).toContain('resource group mc_other');
    const refused = new KubernetesError(403, 'Forbidden', 'nodes may not be listed');
    expect((await judge(OURS, read('mc_other'), refused)).message).toBe(
      'It is not known which cluster the nodes belong to: the label of node n0 names resource group mc_other, and its spec.providerID cannot be read: nodes may not be listed',
    );
    const nodes = read(undefined);
    expect((await judge(OURS, nodes, refused)).own).toBe(nodes);
  });

  it('are asked for one machine of each label, three at most', async () => {
    const nodes = read('a', 'a', 'b', 'c', 'd', 'e');
    expect((await judge(OURS, nodes, { n3: machine('MC_rg_prod_westeurope') })).own).toBe(nodes);
    expect((await judge(OURS, nodes)).asked).toEqual([
      '/api/v1/nodes n0 1',
      '/api/v1/nodes n2 1',
      '/api/v1/nodes n3 1',
    ]);
  });

  it('of another cluster do not count although AKS runs machines of its own beside the cluster’s', async () => {
    const owner = { ...OURS, hasManagedSystemNodes: true, pools: [pool({ count: 3 })] };
    expect((await judge(owner, read('mc_other'), { n0: machine('mc_other') })).own.kind).toBe('Unreadable');
    const nodes = read('mc_aks_own', OURS.nodeResourceGroup);
    expect((await judge(owner, nodes)).own).toBe(nodes);
  });

  it('count where there are no others than those that AKS runs itself', async () => {
    const owner = { ...OURS, hasManagedSystemNodes: true, pools: [pool({ count: 2, managedSystem: true })] };
    const nodes = read('mc_aks_own');
    expect((await judge(owner, nodes, { n0: machine('mc_aks_own', 'of-aks') })).own).toBe(nodes);
  });

  it('count where ARM does not say whose they would be', async () => {
    const nodes = read('elsewhere');
    expect(await judge({ name: 'prod', subscriptionId: 's' }, nodes)).toMatchObject({ own: nodes, asked: [] });
  });

  it('are shown without what could change a screen', async () => {
    const { message } = await judge(OURS, read('x'), { n0: machine('\u001b[2J\u202eevil') });
    expect(message).toContain('\\u{1b}[2J\\u{202e}evil');
  });
});

describe('a providerID', () => {
  it.each<[unknown, string]>([
    [machine('g'), 'Azure'],
    ['azure:///subscriptions/s/resourcegroups/g/providers/x', 'Azure'],
    ['azure:///subscriptions/s', 'Other'],
    ['gce://project/zone/name', 'Other'],
    ['', 'None'],
    [undefined, 'None'],
  ])('%s is of kind %s', (text, kind) => {
    expect(machineOf(text as string | undefined).kind).toBe(kind);
  });

  it.each(['azure:///subscriptions/', 'azure:///subscriptions/a/resourcegroups/', '/'])(
    'of a megabyte of %s is read at once',
    (part) => {
      const started = process.cpuUsage();
      machineOf(part.repeat(2 ** 20 / part.length));
      expect(process.cpuUsage(started).user).toBeLessThan(200_000);
    },
  );
});
