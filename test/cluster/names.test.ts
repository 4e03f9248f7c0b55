import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextConditions } from '../../src/api/conditions.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import { HOUR, START } from '../harness/build.ts';

const ID = '/subscriptions/S1/resourceGroups/Rg/providers/Microsoft.ContainerService/managedClusters/Prod_weu-1';

describe('a resource id', () => {
  it('is taken apart as it was written, and compared without case', () => {
    expect(parseClusterId(ID)).toEqual({
      resourceId: ID,
      key: ID.toLowerCase(),
      subscriptionId: 'S1',
      resourceGroup: 'Rg',
      name: 'Prod_weu-1',
    });
    expect(parseClusterId(ID.toUpperCase())?.key).toBe(ID.toLowerCase());
  });

  it.each([
    '',
    ID.slice(1),
    `${ID}/`,
    `${ID}/agentPools/x`,
    ID.replace('managedClusters', 'managedClusterSnapshots'),
    ID.replace('/Rg', ''),
    '/subscriptions/S1/resourceGroups//providers/Microsoft.ContainerService/managedClusters/x',
  ])('that does not name a managed cluster is refused: %s', (text) => {
    expect(parseClusterId(text)).toBeUndefined();
  });
});

describe('the name of a record', () => {
  const nameOf = (id: string) => recordName(parseClusterId(id)!);

  it('is the cluster’s with a hash of its id', () => {
    expect(nameOf(ID)).toMatch(/^prod-weu-1-[0-9a-f]{20}$/);
  });

  it('is the same for every spelling of the id, and another for another cluster of that name', () => {
    expect(nameOf(ID.toUpperCase())).toBe(nameOf(ID));
    expect(nameOf(ID.replace('Rg', 'Rg2'))).not.toBe(nameOf(ID));
    expect(nameOf(ID.replace('Prod_weu-1', 'Prod-weu-1'))).not.toBe(nameOf(ID));
  });

  it('distinguishes clusters whose ids have the same ten first digits of a hash', () => {
    const [one, other] = ['gvfot', 'g13cgv'].map((group) =>
      nameOf(
        `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/prod`,
      ),
    );
    expect([one, other].map((name) => name?.slice(0, 15))).toEqual(['prod-90c8f74592', 'prod-90c8f74592']);
    expect(one).not.toBe(other);
  });

  it('is one that Kubernetes takes, whatever AKS takes', () => {
    const letters = [...'abcXYZ019'];
    const inner = fc.array(fc.constantFrom(...letters, '-', '_'), { maxLength: 61 });
    const name = fc.tuple(fc.constantFrom(...letters), inner, fc.constantFrom(...letters));
    fc.assert(
      fc.property(name, ([first, middle, last]) => {
        const made = nameOf(ID.replace('Prod_weu-1', `${first}${middle.join('')}${last}`));
        expect(made.length).toBeLessThanOrEqual(253);
        expect(made).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }),
    );
  });
});

describe('the next conditions', () => {
  const yes = { status: 'True', reason: 'R', message: 'm' } as const;
  const first = nextConditions(undefined, { Ready: yes }, START, 1);

  it('have the time of their making, in whole seconds', () => {
    expect(nextConditions(undefined, { Ready: yes }, START + 999, 1)).toEqual([
      { type: 'Ready', ...yes, lastTransitionTime: '2026-03-02T08:00:00Z', observedGeneration: 1 },
    ]);
  });

  it('keep their time while the status stays, and take reason, message and generation', () => {
    const [next] = nextConditions(first, { Ready: { ...yes, reason: 'S', message: 'n' } }, START + HOUR, 2);
    expect(next).toEqual({ ...first[0], reason: 'S', message: 'n', observedGeneration: 2 });
  });

  it.each(['False', 'Unknown'] as const)('move their time when the status becomes %s', (status) => {
    const [next] = nextConditions(first, { Ready: { ...yes, status } }, START + HOUR, 1);
    expect(next?.lastTransitionTime).toBe('2026-03-02T09:00:00Z');
  });

  it('are removed without a finding, and those without an object dropped', () => {
    expect(nextConditions(first, { Ready: undefined }, START)).toEqual([]);
    expect(nextConditions(first, { Applied: yes }, START).map(({ type }) => type)).toEqual(['Applied']);
  });

  it('cut a message to what Kubernetes takes', () => {
    const [long] = nextConditions(undefined, { Ready: { ...yes, message: 'x'.repeat(40_000) } }, START);
    expect(long?.message).toHaveLength(32_768);
  });

  it('have no generation where there is none', () => {
    expect(nextConditions(undefined, { Ready: yes }, START)[0]).not.toHaveProperty('observedGeneration');
  });
});
