import { describe, expect, it } from '@jest/globals';
import type { Holder, Holding } from '../../../../src/cluster-certificates/holders/holder.ts';
import { consumersOf, dependentsOf, earlierCAs } from '../../../../src/cluster/kinds/rotate-certificates/consumers.ts';
import type { ConsumersSearch } from '../../../../src/cluster/model/follow-up.ts';
import { at, START } from '../../../harness/build.ts';
import { asking, CA, OTHER, rowOf } from '../../find-consumers/objects.ts';

const THIRD = 'c'.repeat(64);
const holder = (holding: Holding, name = 'one'): Holder => ({
  where: 'Cluster',
  kind: 'Secret',
  namespace: 'ci',
  name,
  part: 'config',
  holding,
});

function searched(more: Partial<ConsumersSearch> = {}): { search: ConsumersSearch } {
  const nothing = { holders: [], counts: {}, read: 10, notSearched: [], isAllowed: true };
  return { search: { at: START, clusterCA: CA, ...nothing, ...more } };
}

const NOT_SEARCHED = [{ where: 'Cluster', message: 'The API server does not answer.' }] as const;

describe('the consumers in a status', () => {
  it.each<[string, Partial<ConsumersSearch>, RegExp]>([
    ['nothing', {}, /^Nothing that was searched holds a CA of the cluster\.$/],
    [
      'nothing, where not everything was searched',
      { notSearched: NOT_SEARCHED },
      /^Nothing that was searched holds a CA of the cluster\. Not everything could be searched: see notSearched\.$/,
    ],
    ['no object at all', { read: 0, notSearched: NOT_SEARCHED }, /^Nothing could be searched: see notSearched\.$/],
    ['an old CA', { counts: { OldCA: 1 } }, /^1 part of an object still has a CA .* Write the present CA there\.$/],
    ['tokens', { counts: { Token: 2 } }, /^2 Secrets have a token of a service account /],
    ['a pod', { counts: { OlderThanCA: 1 } }, /^1 pod is older than the cluster CA, .* Restart such pods\.$/],
    ['the present CA', { counts: { PresentCA: 3 } }, /^3 parts of objects have the present CA, and need /],
    ['a CA that is not known', { clusterCA: undefined }, /^The cluster CA is not known, .* Nothing that was searched /],
    ['several, the worst first', { counts: { PresentCA: 1, OtherCA: 2, OldCA: 3 } }, /^3 parts .* 2 parts .* 1 part /],
  ])('say in a sentence what was found: %s', (_, found, message) => {
    expect(consumersOf(asking(), searched(found))?.message).toMatch(message);
  });

  it('name fifty holders, those that need an action first, and count all', () => {
    const holders = [
      ...Array.from({ length: 60 }, (_, index) => holder('PresentCA', `p${index}`)),
      ...Array.from({ length: 3 }, (_, index) => holder('OldCA', `o${index}`)),
    ];
    const consumers = consumersOf(asking(), searched({ holders, counts: { PresentCA: 4000, OldCA: 3 } }));
    expect(consumers?.holders).toHaveLength(50);
    expect(consumers?.holders?.slice(0, 4).map(({ name }) => name)).toEqual(['o0', 'o1', 'o2', 'p0']);
    expect(consumers?.counts).toEqual([
      { holding: 'OldCA', count: 3 },
      { holding: 'PresentCA', count: 4000 },
    ]);
  });

  it('stay, with their time, where a search read nothing', () => {
    const before = consumersOf(asking(), searched({ holders: [holder('OldCA')], counts: { OldCA: 1 } }))!;
    const one = asking({ consumers: before });
    const after = consumersOf(one, searched({ at: START + 1e6, read: 0, notSearched: NOT_SEARCHED }));
    expect(after).toMatchObject({
      searchedAt: at(START).replace('.000', ''),
      counts: before.counts,
      notSearched: NOT_SEARCHED,
    });
    expect(after?.message).toMatch(/^It could not be searched again, so this is what the last search found\. 1 part /);
    expect(consumersOf(one, undefined)).toEqual(before);
    expect(consumersOf(one, { afterMs: 1 })).toEqual(before);
  });

  it.each([
    ['the policy does not allow them any more', { isAllowed: false }, {}],
    ['the object was edited, and its access may be another one', {}, { metadata: { generation: 2 } }],
  ])('go where a search read nothing because %s', (_, found, edit) => {
    const before = consumersOf(asking(), searched({ holders: [holder('OldCA')], counts: { OldCA: 1 } }))!;
    const one = asking({ consumers: before }, edit);
    const after = consumersOf(one, searched({ read: 0, notSearched: NOT_SEARCHED, ...found }));
    expect(after).toMatchObject({ notSearched: NOT_SEARCHED });
    expect(after).not.toHaveProperty('holders');
    expect(after).not.toHaveProperty('counts');
  });

  it('go where the object no longer asks for them', () => {
    const one = asking({ consumers: consumersOf(asking(), searched())! }, { spec: { findConsumers: false } });
    expect(consumersOf(one, searched())).toBeUndefined();
  });
});

describe('what stops working with the next rotation', () => {
  const counts = { PresentCA: 3, Token: 2, OldCA: 5 };
  const withConsumers = (clusterCA: string | undefined, row = CA) => ({
    certificates: [rowOf(row)],
    consumers: consumersOf(asking(), searched({ counts, clusterCA }))!,
  });

  it('is counted, and not known where another CA was searched for, or none', () => {
    expect(dependentsOf(withConsumers(CA))).toEqual({ count: 5, searchedAt: at(START).replace('.000', '') });
    expect(dependentsOf(withConsumers(CA, OTHER))).toBeUndefined();
    expect(dependentsOf(withConsumers(undefined))).toBeUndefined();
    expect(dependentsOf({})).toBeUndefined();
    expect(dependentsOf(undefined)).toBeUndefined();
  });
});

describe('the CAs of before', () => {
  const seen = (...cas: string[]) => cas.map((fingerprintSHA256) => ({ fingerprintSHA256, firstSeenAt: at(START) }));
  const rotated = { startedAt: at(START), startedBy: 'ThisController', reason: 'Requested' } as const;

  it.each([
    ['those that were seen, but the present one', { certificates: [rowOf(CA)] }, { casSeen: seen(OTHER, CA) }, [OTHER]],
    [
      'the one that the last rotation replaced',
      { certificates: [rowOf(CA)], lastRotation: { ...rotated, oldCA: OTHER, newCA: CA } },
      {},
      [OTHER],
    ],
    [
      'the one that was searched for before',
      { certificates: [rowOf(CA)], consumers: { searchedAt: at(START), clusterCASHA256: OTHER, message: '' } },
      undefined,
      [OTHER],
    ],
    [
      'never the next one, while the row still has the one of before',
      { certificates: [rowOf(CA)] },
      { casSeen: seen(THIRD, CA, OTHER), lastRotation: { ...rotated, oldCA: CA, newCA: OTHER } },
      [THIRD],
    ],
  ])('are %s', (_, status, memory, expected) => {
    expect(earlierCAs(status, memory)).toEqual(expected);
  });
});
