import { describe, expect, it } from '@jest/globals';
import {
  ACCEPTABLE,
  type Acceptable,
  type PreflightInput,
} from '../../../../../src/cluster/kinds/rotate-certificates/preflight/check.ts';
import { PREFLIGHT, preflight } from '../../../../../src/cluster/kinds/rotate-certificates/preflight/index.ts';
import { MINUTE, model, node, operation, pool, SECOND, START } from '../../../../harness/build.ts';
import { expectRow, GOOD, input, nodes, rowOf, SAID, type Case } from './input.ts';

const DEAD = { kind: 'Rejected' } as const;
const NONE = { kind: 'None' } as const;
/** What cannot be read from a cluster before something has failed there. */
const UNKNOWABLE = ['SurgeQuota', 'SubnetIPs'];
const LOST: Partial<PreflightInput> = { nodes: { kind: 'Unreadable', message: 'x'.repeat(9000) } };
const NO_RIGHT: Partial<PreflightInput> = {
  nodes: { kind: 'Unreadable', message: 'Bind the role.', forbidden: true },
};
const MANY = Array.from({ length: 5000 }, (_, index) => node(`n${index}`, START, { ready: false }));

describe('the checks before a rotation', () => {
  it('let a healthy cluster pass, each with a row', () => {
    const rows = preflight(input());
    expect(rows.map(({ name }) => name)).toEqual(PREFLIGHT.map(({ name }) => name));
    expect(rows.filter(({ result }) => result !== 'Passed').map(({ name }) => name)).toEqual(UNKNOWABLE);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  it.each<Case>([
    ['ClusterRunning', 'stopped', { model: model({ powerState: 'Stopped' }) }, 'Failed', /az aks start/],
    [
      'PoolsRunning',
      'running, with a stopped node pool',
      { model: model({ pools: [pool(), pool({ name: 'gpu', powerState: 'Stopped' })] }) },
      'Failed',
      /stopped node pools would keep the old certificates: gpu\./,
    ],
    ['Idle', 'busy', { model: model({ provisioningState: 'Upgrading' }) }, 'Failed', /busy: Upgrading/],
    ['Idle', 'Failed', { model: model({ provisioningState: 'Failed' }) }, 'Failed', /in state Failed/],
    [
      'Idle',
      'Succeeded, with a busy node pool',
      { model: model({ pools: [pool({ provisioningState: 'Scaling' })] }) },
      'Failed',
      /Scaling of node pool system/,
    ],
    [
      'OnTarget',
      'in the middle of an upgrade',
      { model: model({ version: { target: '1.34.0', current: '1.33.1' } }) },
      'Failed',
      /is meant to run 1\.34\.0/,
    ],
    [
      'NoOtherOperation',
      'changed by a list',
      { record: { operation: operation({ seen: true }) } },
      'Failed',
      /UpdateTrust/,
    ],
    [
      'Permission',
      'not ours to rotate',
      { arm: { ...SAID, allowed: false } },
      'Failed',
      /rotateClusterCertificates\/action/,
    ],
    [
      'PositiveControl',
      'with dead credentials',
      { noted: { clientCertificate: DEAD, token: NONE } },
      'Warned',
      /rejects/,
    ],
    ['PositiveControl', 'with none', { noted: { clientCertificate: NONE, token: NONE } }, 'Unknown', /has none/],
    ['PositiveControl', 'that was not tried', { noted: undefined }, 'Unknown', /not tried/],
    ['Permission', 'without an answer of ARM', { arm: undefined }, 'Unknown', /when the rotation is sent/],
    ['NoLock', 'locked', { arm: { ...SAID, locks: ['keep', 'b'] } }, 'Failed', /recreating the nodes: keep, b\./],
    [
      'NoLock',
      'whose locks could not be read this time',
      { arm: { ...SAID, locks: 'Unread' } },
      'Failed',
      /could not be read, .* read again with the next checks/,
    ],
    ['NoLock', 'without rights to read locks', { arm: { ...SAID, locks: undefined } }, 'Unknown', /locks\/read/],
    ['ClockSane', 'behind our clock', nodes({ serverTime: START - 6 * MINUTE }), 'Failed', /6 minutes ahead of/],
    ['ClockSane', 'ahead of our clock', nodes({ serverTime: START + 600 * MINUTE }), 'Failed', /600 minutes behind/],
    [
      'ClockSane',
      'without access, and without a clock of ARM',
      { nodes: { kind: 'NoAccess' }, armAheadMs: undefined },
      'Failed',
      /spec\.target\.nodeAccess/,
    ],
    [
      'ClockSane',
      'without any clock',
      { nodes: { kind: 'Read', nodes: [] }, armAheadMs: undefined },
      'Failed',
      /was not read\. It is read again/,
    ],
    ['ClockSane', 'in time, and ARM is not', { armAheadMs: 6 * MINUTE }, 'Failed', /6 minutes behind that of ARM/],
    [
      'ClockSane',
      'without access, with an ARM that is behind our clock',
      { nodes: { kind: 'NoAccess' }, armAheadMs: -48 * 60 * MINUTE },
      'Failed',
      /2880 minutes ahead of that of ARM/,
    ],
    ['ClockSane', 'without access', { nodes: { kind: 'NoAccess' } }, 'Passed', /agrees with that of ARM\.$/],
    ['ClockSane', 'in time', {}, 'Passed', /that of ARM and that of the API server/],
    [
      'NodesReady',
      'without certificates for its kubelets',
      nodes({ troubledRequests: { count: 7, first: ['Request csr-1 of node n1 was denied.'] } }),
      'Failed',
      /Request csr-1 of node n1 was denied\. 6 other requests have got no certificate either\. To rotate .* NotReadyNodes/,
    ],
    [
      'NodesReady',
      'whose requests for certificates could not be read this time',
      { nodes: { kind: 'Read', nodes: GOOD.nodes } },
      'Failed',
      /Every node is Ready\. .*read again .* add UnreadableNodes to spec\.accept/,
    ],
    [
      'NodesReady',
      'whose requests for certificates may not be read',
      nodes({ troubledRequests: 'Forbidden' }),
      'Unknown',
      /list certificatesigningrequests \(deploy\/target-cluster\/certificates-role\.yaml\)/,
    ],
    [
      'NodesReady',
      'with a node that is not Ready',
      nodes({ nodes: [node('n1', START), node('n2', START, { ready: false })] }),
      'Failed',
      /1 node is not Ready: n2\..*add NotReadyNodes to spec\.accept/,
    ],
    [
      'NodesReady',
      'with many',
      nodes({ nodes: MANY }),
      'Failed',
      /5000 nodes are not Ready: n0, n1, n10 and 4997 more/,
    ],
    [
      'NodesReady',
      'unreadable',
      { nodes: { kind: 'Unreadable', message: 'The Secret is gone.' } },
      'Failed',
      /The Secret is gone\. It is read again .* add UnreadableNodes to spec\.accept/,
    ],
    ['NodesReady', 'unreadable, in endless words', LOST, 'Failed', /xxx….*read again/],
    ['NodesReady', 'without the right to list nodes', NO_RIGHT, 'Unknown', /Bind the role\.$/],
    ['NodesReady', 'not read', { nodes: { kind: 'NotRead' } }, 'Failed', /not read yet/],
    ['NodesReady', 'without access', { nodes: { kind: 'NoAccess' } }, 'Unknown', /Set spec\.target\.nodeAccess/],
    ['Evictable', 'unreadable', LOST, 'Failed', /add UnreadableNodes/],
    ['Evictable', 'without the right to list nodes', NO_RIGHT, 'Unknown', /Bind the role/],
    ['Evictable', 'without access', { nodes: { kind: 'NoAccess' } }, 'Unknown', /Set spec\.target\.nodeAccess/],
    ['AutoProvisionedNodes', 'unreadable', LOST, 'Failed', /add UnreadableNodes/],
    [
      'AutoProvisionedNodes',
      'unreadable, and provisions nodes',
      { ...LOST, model: model({ autoProvisions: true }), accepted: new Set<Acceptable>(['UnreadableNodes']) },
      'Failed',
      /mode Auto.*add AutoProvisionedNodes/,
    ],
    ['AutoProvisionedNodes', 'without the right to list nodes', NO_RIGHT, 'Passed', /is off/],
    ['AutoProvisionedNodes', 'without access', { nodes: { kind: 'NoAccess' } }, 'Passed', /is off/],
    ['VirtualNodes', 'unreadable', LOST, 'Failed', /add UnreadableNodes/],
    ['VirtualNodes', 'without access', { nodes: { kind: 'NoAccess' } }, 'Passed', /has no virtual nodes/],
    [
      'Evictable',
      'with a budget without room',
      nodes({ tightBudgets: ['web/web-pdb'] }),
      'Failed',
      /1 PodDisruptionBudget allows no eviction: web\/web-pdb\..*add UnevictablePods/,
    ],
    [
      'Evictable',
      'whose budgets could not be read this time',
      { nodes: { kind: 'Read', nodes: GOOD.nodes, serverTime: START } },
      'Failed',
      /could not be read\. It is read again .* add UnreadableNodes/,
    ],
    [
      'Evictable',
      'whose budgets may not be read',
      nodes({ tightBudgets: 'Forbidden' }),
      'Unknown',
      /deploy\/target-cluster/,
    ],
    [
      'AutoProvisionedNodes',
      'with nodes of Karpenter',
      nodes({ nodes: [node('aks-1', START, { kind: 'AutoProvisioned' })] }),
      'Failed',
      /1 node is auto-provisioned: aks-1\..*add AutoProvisionedNodes/,
    ],
    [
      'AutoProvisionedNodes',
      'that provisions nodes, without access',
      { model: model({ autoProvisions: true }), nodes: { kind: 'NoAccess' } },
      'Failed',
      /mode Auto/,
    ],
    [
      'VirtualNodes',
      'with virtual nodes',
      nodes({ nodes: [node('virtual-node-aci-linux', START, { kind: 'Virtual' })] }),
      'Failed',
      /add VirtualNodes/,
    ],
    [
      'VirtualNodes',
      'with the add-on, without access',
      { model: model({ hasVirtualNodes: true }), nodes: { kind: 'NoAccess' } },
      'Failed',
      /virtual nodes add-on/,
    ],
    ['SelfHosted', 'with the controller in it', { ways: [{ kind: 'InCluster' }] }, 'Warned', /runs in this cluster/],
  ])('%s of a cluster that is %s', expectRow);

  it.each<[string, Partial<PreflightInput>]>([
    ['a clock five minutes off', nodes({ serverTime: START - 5 * MINUTE })],
    [
      'a node of another kind that is not Ready',
      nodes({ nodes: [...GOOD.nodes, node('v', START, { ready: false, kind: 'Virtual' })] }),
    ],
    ['auto-provisioning without such nodes', { model: model({ autoProvisions: true }) }],
    ['the own clock a second off', { now: START + SECOND }],
  ])('accept %s', (_, change) => {
    const failed = preflight(input(change)).filter(
      ({ name, result }) => result === 'Failed' && name !== 'VirtualNodes',
    );
    expect(failed).toEqual([]);
  });

  describe('that a person may accept', () => {
    const bad: Readonly<Record<Exclude<Acceptable, 'UnreadableNodes'>, Partial<PreflightInput>>> = {
      UnevictablePods: nodes({ tightBudgets: ['web/web-pdb'] }),
      AutoProvisionedNodes: nodes({ nodes: [node('aks-1', START, { kind: 'AutoProvisioned' })] }),
      VirtualNodes: nodes({ nodes: [node('v', START, { kind: 'Virtual' })] }),
      NotReadyNodes: nodes({ nodes: [node('n1', START, { ready: false })] }),
    };

    const findings = ACCEPTABLE.filter((word) => word !== 'UnreadableNodes');

    it.each(findings)('%s: only warn where it is accepted, and nothing else is accepted with it', (word) => {
      const blocking = (accepted: readonly Acceptable[]) =>
        preflight(input({ ...bad[word], accepted: new Set(accepted) })).filter(({ blocks }) => blocks);
      expect(blocking([])).toHaveLength(1);
      expect(blocking([word])).toEqual([]);
      expect(blocking(ACCEPTABLE.filter((other) => other !== word))).toHaveLength(1);
      const [check] = PREFLIGHT.filter(({ acceptedAs }) => acceptedAs === word);
      const row = rowOf(check!.name, { ...bad[word], accepted: new Set([word]) });
      expect(row).toMatchObject({ result: 'Warned', message: expect.stringContaining('It is accepted') as unknown });
    });

    it('UnreadableNodes: all that the nodes would show is accepted, and nothing that they do show', () => {
      const blocking = (change: Partial<PreflightInput>, ...accepted: readonly Acceptable[]) =>
        preflight(input({ ...change, accepted: new Set(accepted) })).flatMap(({ name, blocks }) =>
          blocks ? [name] : [],
        );
      const all = ['NodesReady', 'Evictable', 'AutoProvisionedNodes', 'VirtualNodes'];
      expect(blocking(LOST)).toEqual(all);
      expect(blocking(LOST, 'UnreadableNodes')).toEqual([]);
      expect(blocking(LOST, ...findings)).toEqual([]);
      for (const [index, word] of (['NotReadyNodes', 'UnevictablePods', 'AutoProvisionedNodes'] as const).entries())
        expect(blocking(LOST, word)).toEqual(all.filter((_, place) => place !== index));
      for (const word of findings) expect(blocking(bad[word], 'UnreadableNodes')).toHaveLength(1);
      expect(blocking({ ...LOST, armAheadMs: undefined }, ...ACCEPTABLE)).toEqual(['ClockSane']);
    });

    it('are four of checks, and all others hold the rotation whatever is accepted', () => {
      expect(PREFLIGHT.flatMap(({ acceptedAs }) => acceptedAs ?? []).sort()).toEqual([...findings].sort());
      const stopped = { model: model({ powerState: 'Stopped' }), accepted: new Set(ACCEPTABLE) };
      expect(rowOf('ClusterRunning', stopped).blocks).toBe(true);
    });
  });
});
