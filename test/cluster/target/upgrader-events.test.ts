import { describe, expect, it } from '@jest/globals';
import { readDuration, readUpgraderEvent } from '../../../src/cluster/target/upgrader-events.ts';
import { at, START } from '../build.ts';

const NODE = 'aks-apps-12345678-vmss000001';

function event(message: string, options: { type?: string; reason?: string; kind?: string; ago?: string } = {}) {
  const { type = 'Normal', reason = 'Upgrade', kind = 'node', ago = '10s' } = options;
  return {
    metadata: { name: 'e', uid: 'u', creationTimestamp: at(START) },
    cells: [ago, type, reason, `${kind}/${NODE}`, message],
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
    expect(readUpgraderEvent(event(message), START + 10_000)).toEqual({
      node: NODE,
      step,
      about,
      since: START,
      at: START,
    });
  });

  it('is a failure when cordoning failed', () => {
    const failed = event('Cordoning node x failed', { type: 'Warning', reason: 'Cordon' });
    expect(readUpgraderEvent(failed, START)?.step).toBe('Failed');
  });

  it('says nothing of other objects, or in words nobody knows', () => {
    expect(readUpgraderEvent(event('Cordoning node', { kind: 'pod' }), START)).toBeUndefined();
    expect(readUpgraderEvent(event('Something else'), START)).toBeUndefined();
  });

  it('that comes again was said last when its column says so, and first when it was made', () => {
    const again = event('Draining node: x', { ago: '2m3s' });
    expect(readUpgraderEvent(again, START + 600_000)).toMatchObject({ since: START, at: START + 477_000 });
    expect(readUpgraderEvent(again, undefined)).toMatchObject({ since: START, at: START });
    expect(readUpgraderEvent(event('Draining node: x', { ago: '<unknown>' }), START + 600_000)?.at).toBe(START);
  });
});

describe('a time as people are told it', () => {
  it.each([
    ['0s', 0],
    ['119s', 119_000],
    ['2m3s', 123_000],
    ['12m', 12 * 60_000 + 59_000],
    ['3h4m', (3 * 60 + 4) * 60_000 + 59_000],
    ['<invalid>', undefined],
    ['', undefined],
    ['5x', undefined],
  ])('%s is at most %s ms', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });
});
