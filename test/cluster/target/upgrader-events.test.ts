import { describe, expect, it } from '@jest/globals';
import { readUpgraderEvent, UPGRADER_EVENTS, type EventObject } from '../../../src/cluster/target/upgrader-events.ts';
import { at, START } from '../build.ts';

const NODE = 'aks-apps-12345678-vmss000001';

function event(message: string, options: Partial<EventObject> = {}): EventObject {
  return {
    metadata: { name: 'e', creationTimestamp: at(START) },
    involvedObject: { kind: 'Node', name: NODE },
    ...{ type: 'Normal', reason: 'Upgrade', message, lastTimestamp: at(START) },
    ...options,
  };
}

describe('what the upgrader says about a node', () => {
  // As logs of real upgrades have it (learn.microsoft.com/azure/aks/tutorial-kubernetes-upgrade-cluster), with its variants.
  it.each([
    ['Upgrade started for agent pool apps', 'Started', 'apps'],
    [`Created a surge node ${NODE} for agentpool apps`, 'SurgeCreated', NODE],
    [`Created a surge node [${NODE} apps] for agentpool apps`, 'SurgeCreated', NODE],
    [`Removing surge node: ${NODE}`, 'SurgeRemoved', NODE],
    [`Cordoning node ${NODE}`, 'Cordoned', ''],
    [`Draining node: ${NODE}`, 'Draining', ''],
    [`Draining node: [${NODE}]`, 'Draining', ''],
    [
      'Eviction blocked by Too many Requests (usually a pdb): web/web-7d4b9-x2x',
      'EvictionRefused',
      'web/web-7d4b9-x2x',
    ],
    ['Eviction blocked by Too many Requests (usually a pdb): [web/web-1, web/web-2]', 'EvictionRefused', 'web/web-1'],
    [`Error draining node ${NODE}: timed out`, 'DrainFailed', ''],
    [`Soak duration 5m0s after draining node: ${NODE}`, 'Soaking', ''],
    [`Deleting node ${NODE} from API server`, 'Deleted', ''],
    [`Reimaging node: ${NODE}`, 'Reimaging', ''],
    [`Successfully upgraded node: ${NODE}`, 'Upgraded', ''],
    [`Unable to delete node ${NODE}`, 'Failed', ''],
    [`Failed to reimage node ${NODE}`, 'Failed', ''],
  ])('%s', (message, step, about) => {
    expect(readUpgraderEvent(event(message))).toEqual({
      node: NODE,
      step,
      about,
      since: START,
      at: START,
    });
  });

  it('is a failure when cordoning failed', () => {
    const failed = event('Cordoning node x failed', { type: 'Warning', reason: 'Cordon' });
    expect(readUpgraderEvent(failed)?.step).toBe('Failed');
  });

  it('says nothing of other objects, or in words nobody knows', () => {
    const pod = event('Cordoning node', { involvedObject: { kind: 'Pod', name: NODE } });
    expect(readUpgraderEvent(pod)).toBeUndefined();
    expect(readUpgraderEvent(event('Cordoning node', { involvedObject: {} }))).toBeUndefined();
    expect(readUpgraderEvent(event('Something else'))).toBeUndefined();
  });

  it('was said first when the event was made, and last when it came again, counted up or as a series', () => {
    const draining = (options: Partial<EventObject>) => readUpgraderEvent(event('Draining node: x', options));
    const later = at(START + 477_000);
    expect(draining({ lastTimestamp: later })).toMatchObject({ since: START, at: START + 477_000 });
    const series = { lastObservedTime: later.replace(/(\.\d+)?Z$/, '.000000Z') };
    expect(draining({ lastTimestamp: null, series })).toMatchObject({ since: START, at: START + 477_000 });
    for (const lastTimestamp of [null, 'soon', at(START - 60_000)])
      expect(draining({ lastTimestamp })).toMatchObject({ since: START, at: START });
  });

  it('comes in pages of a list, and one by one in a watch', () => {
    const read = UPGRADER_EVENTS.reader();
    const [draining, other] = [event('Draining node: x'), event('Something else')];
    const steps = (body: unknown) => [...read(body)].map(({ name, value }) => [name, value?.step]);
    expect(steps({ items: [draining, other] })).toEqual([
      ['e', 'Draining'],
      ['e', undefined],
    ]);
    expect(steps(draining)).toEqual([['e', 'Draining']]);
  });
});
