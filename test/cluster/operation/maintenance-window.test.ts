import { describe, expect, it } from '@jest/globals';
import { hasOpened, needsWindow, untilOpening } from '../../../src/cluster/operation/maintenance-window.ts';
import type { Observation } from '../../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { at, HOUR, MINUTE, observe, START } from '../../harness/build.ts';

type Refusal = NonNullable<RecordStatus['refusal']>;

const REFUSAL: Refusal = {
  reason: 'WaitingForMaintenanceWindow',
  code: 'OperationOutsideNodeDisruptionWindow',
  message: 'm.',
  at: at(START),
  until: at(START + 15 * MINUTE),
  stalled: false,
  count: 1,
};
const reading = (window: Observation['window']): Observation => ({ ...observe(), ...(window ? { window } : {}) });

describe('a refusal outside the maintenance window', () => {
  it.each<[string, Observation['window'], Partial<Refusal>]>([
    ['ends at the opening', { opensAt: START + 5 * HOUR }, { until: at(START + 5 * HOUR), atOpening: true }],
    ['ends after its own pause where no opening is known', { opensAt: undefined }, { atOpening: false }],
    ['ends after its own pause where the opening is over', { opensAt: START }, { atOpening: false }],
    ['is as it was where the window was not read', undefined, {}],
  ])('%s', (_what, window, expected) => {
    expect(untilOpening(REFUSAL, reading(window), START)).toEqual({ ...REFUSAL, ...expected });
  });

  it.each<[string, Refusal | undefined, boolean]>([
    ['has just been recorded', REFUSAL, true],
    ['has the opening', { ...REFUSAL, atOpening: true }, false],
    ['has no opening although the window was read', { ...REFUSAL, atOpening: false }, false],
    ['is for another reason', { ...REFUSAL, reason: 'DisallowedByPolicy' }, false],
    ['does not exist', undefined, false],
  ])('needs the window only once: when it %s', (_what, refusal, needed) => {
    expect(needsWindow(refusal)).toBe(needed);
    const seen = reading({ opensAt: START + HOUR });
    if (refusal) expect(untilOpening(refusal, seen, START) !== refusal).toBe(needed);
  });

  it('counts as over at the opening, and not at the end of its own pause', () => {
    const opened = (refusal: Refusal) => hasOpened(refusal, Date.parse(refusal.until!));
    expect([opened({ ...REFUSAL, atOpening: true }), opened({ ...REFUSAL, atOpening: false })]).toEqual([true, false]);
    expect(hasOpened({ ...REFUSAL, atOpening: true }, START)).toBe(false);
  });
});
