import { describe, expect, it } from '@jest/globals';
import type { NodeFacts } from '../../../src/cluster-certificates/evidence.ts';
import type { Judgement } from '../../../src/cluster-certificates/judgement.ts';
import { nodesToAsk } from '../../../src/commands/certs/read-nodes.ts';
import { DISABLED, ENABLED, KUBELET } from './states.ts';

const node = (name: string, pool: string, ready = true): NodeFacts => ({
  name,
  pool,
  ready,
  createdAt: 0,
  servingSignedByCluster: false,
});
const NODES = [node('a0', 'apps', false), node('a1', 'apps'), node('o0', 'old'), node('s0', 'system')];
const names = (judged: Partial<Judgement>, nodes = NODES) =>
  nodesToAsk({ certificates: [], autoRotation: [], ...judged }, nodes).map(({ name }) => name);

describe('the nodes for which a command is printed', () => {
  const unknown = { name: 'KubeletClient', pool: 'apps', health: 'Unknown', maintainedBy: 'Microsoft' } as const;
  it('is one of each pool whose certificates are not known, a ready one first', () => {
    expect(names({ certificates: [unknown] })).toEqual(['a1']);
  });

  it('is that of the row where it names one', () => {
    expect(names({ certificates: [{ ...unknown, node: 'a0' }] })).toEqual(['a0']);
  });

  it('is one of each pool that is not known to renew its certificates', () => {
    expect(names({ autoRotation: [ENABLED, DISABLED] })).toEqual(['o0']);
  });

  it('is one of every pool where nothing is known of any', () => {
    expect(names({ certificates: [{ ...unknown, pool: '' }] })).toEqual(['a1', 'o0', 's0']);
  });

  it('is none where all is known, and none where no node is', () => {
    const row = { ...KUBELET, name: 'KubeletClient' } as const;
    expect(names({ certificates: [row], autoRotation: [ENABLED] })).toEqual([]);
    expect(names({ certificates: [unknown] }, [])).toEqual([]);
  });

  it('is one each of 20 pools at most', () => {
    const many = Array.from({ length: 30 }, (_, at) => node(`n${at}`, `p${at}`));
    expect(names({ certificates: [{ ...unknown, pool: '' }] }, many)).toHaveLength(20);
  });
});
