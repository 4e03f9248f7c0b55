import { describe, expect, it } from '@jest/globals';
import type { UpgraderEvent, UpgraderStep } from '../../../src/cluster/model/observation.ts';
import { latestEvents } from '../../../src/cluster/reimage/latest-events.ts';

const said = (step: UpgraderStep, at: number, node = 'a'): UpgraderEvent => ({ node, step, about: '', since: at, at });

describe('the latest event of a node', () => {
  it.each<[string, UpgraderEvent[], UpgraderStep]>([
    [
      'is the one with the latest time',
      [said('Draining', 3000), said('Cordoned', 5000), said('DrainFailed', 4000)],
      'Cordoned',
    ],
    [
      'is of one second that of the later step',
      [said('DrainFailed', 3000), said('EvictionRefused', 3000)],
      'DrainFailed',
    ],
    ['is so in any order', [said('EvictionRefused', 3000), said('DrainFailed', 3000)], 'DrainFailed'],
    ['is not that of another node', [said('Cordoned', 3000), said('Upgraded', 9000, 'b')], 'Cordoned'],
  ])('%s', (_what, events, step) => {
    expect(latestEvents(events).get('a')?.step).toBe(step);
  });

  it('is none where there are no events', () => {
    expect(latestEvents([]).size).toBe(0);
  });
});
