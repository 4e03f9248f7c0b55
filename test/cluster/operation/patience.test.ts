import { describe, expect, it } from '@jest/globals';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { failure, intent, MINUTE, observe, pool, START } from '../../harness/build.ts';
import { judge } from '../../harness/judge.ts';

const unread = (status: number, code: string, record: RecordStatus | undefined) => ({
  ...observe({ intents: [intent('a', [0])], ...(record ? { record } : {}) }),
  arm: { ok: false, failure: failure(status, code, { call: 'GetManagedCluster' }), failedInARow: 3 } as const,
});

describe('a reason that only a person can end', () => {
  it.each([
    ['AccessDenied', 403, 'AuthorizationFailed'],
    ['ClusterNotFound', 404, 'ResourceNotFound'],
    ['Unreachable', 0, 'NoAnswer'],
  ] as const)('stalls the object after the patience is over, not before: %s', (reason, status, code) => {
    const first = judge(unread(status, code, undefined), START);
    expect(first.says('a', 'Ready')?.reason).toBe(reason);
    expect(first.says('a', 'Stalled')).toBeUndefined();
    const before = judge(unread(status, code, first.record), START + 14 * MINUTE);
    expect(before.says('a', 'Stalled')).toBeUndefined();
    const after = judge(unread(status, code, before.record), START + 15 * MINUTE);
    expect(after.says('a', 'Stalled')).toMatchObject({ status: 'True', reason });
  });

  it.each([
    ['ClusterFailed', { provisioningState: 'Failed' }],
    ['ClusterStopped', { powerState: 'Stopped' }],
  ] as const)('stalls an object whose cluster waits for a person, after the patience: %s', (reason, state) => {
    const seen = { intents: [intent('a', [0])], ...state };
    const failed = { ...seen, pools: [pool({ currentVersion: '1.32.0' })] };
    const first = judge(observe(failed), START);
    expect(first.says('a', 'Ready')?.reason).toBe(reason);
    expect(first.says('a', 'Stalled')).toBeUndefined();
    const later = judge(observe({ ...failed, record: first.record ?? {} }), START + 15 * MINUTE);
    expect(later.says('a', 'Stalled')).toMatchObject({ status: 'True', reason });
  });

  it('is counted across changing reasons, and anew after all was well', () => {
    const denied = judge(unread(403, 'AuthorizationFailed', undefined), START);
    const missing = judge(unread(404, 'ResourceNotFound', denied.record), START + 15 * MINUTE);
    expect(missing.says('a', 'Stalled')).toMatchObject({ status: 'True', reason: 'ClusterNotFound' });
    const well = judge(observe({ intents: [intent('a', [])], record: missing.record ?? {} }), START + 16 * MINUTE);
    expect(well.record?.heldBackSince).toBeUndefined();
    const again = judge(unread(403, 'AuthorizationFailed', well.record), START + 40 * MINUTE);
    expect(again.says('a', 'Stalled')).toBeUndefined();
  });

  it('does not count what ends by itself', () => {
    const intents = [intent('a', [0])];
    const busy = judge(observe({ intents, provisioningState: 'Upgrading' }), START);
    const later = judge(
      observe({ intents, provisioningState: 'Upgrading', record: busy.record ?? {} }),
      START + 600 * MINUTE,
    );
    expect(later.says('a', 'Ready')?.reason).toBe('ClusterBusy');
    expect(later.says('a', 'Stalled')).toBeUndefined();
  });
});
