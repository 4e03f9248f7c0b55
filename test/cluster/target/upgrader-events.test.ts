import { describe, expect, it } from '@jest/globals';
import { readUpgraderEvent } from '../../../src/cluster/target/upgrader-events.ts';
import { at, START } from '../build.ts';

const NODE = 'aks-apps-12345678-vmss000001';

function event(message: string, options: { type?: string; reason?: string; kind?: string } = {}) {
  const { type = 'Normal', reason = 'Upgrade', kind = 'Node' } = options;
  return {
    metadata: { creationTimestamp: at(START) },
    involvedObject: { kind, name: NODE },
    type,
    reason,
    message,
    firstTimestamp: at(START + 1000),
    lastTimestamp: at(START + 2000),
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
      since: START + 1000,
      at: START + 2000,
    });
  });

  it('is a failure when cordoning failed', () => {
    const failed = event('Cordoning node x failed', { type: 'Warning', reason: 'Cordon' });
    expect(readUpgraderEvent(failed)?.step).toBe('Failed');
  });

  it('says nothing of other objects, or in words nobody knows', () => {
    expect(readUpgraderEvent(event('Cordoning node', { kind: 'Pod' }))).toBeUndefined();
    expect(readUpgraderEvent(event('Something else'))).toBeUndefined();
    expect(readUpgraderEvent({ metadata: { creationTimestamp: at(START) } })).toBeUndefined();
  });

  it('was said when the event was made, where it has no times of its own', () => {
    const { firstTimestamp: _, lastTimestamp: __, ...rest } = event('Reimaging node');
    expect(readUpgraderEvent({ ...rest, lastTimestamp: null })).toMatchObject({ since: START, at: START });
    expect(readUpgraderEvent({ ...rest, eventTime: at(START + 5) })).toMatchObject({ at: START + 5 });
  });
});
