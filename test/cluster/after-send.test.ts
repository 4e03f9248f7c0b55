import { describe, expect, it } from '@jest/globals';
import type { ArmFailure } from '../../src/azure/failures.ts';
import { recordAfterSend, type SendOutcome } from '../../src/cluster/after-send.ts';
import type { RecordedOperation, RecordStatus } from '../../src/cluster/record.ts';
import { at, failure, HOUR, intent, mark, MINUTE, named, operation, SECOND, slot, START } from './build.ts';

const INTENTS = [intent('a', [0]), intent('b', [1])];
const NOW = START + SECOND;
const first = operation({ adds: [named(0, 'team/a/ca')] });
const resumed = operation({ adds: [named(0, 'team/a/ca')], attempts: 2, seen: true });
const failed = operation({ ...resumed, attempts: 1, ended: 'Failed' });
const base: RecordStatus = {
  slots: [slot(5)],
  pending: { since: at(START), changedAt: at(START), digest: 'd', waitsFor: 'Nothing' },
};

function after(outcome: SendOutcome, sent: RecordedOperation, before?: RecordedOperation, more: RecordStatus = {}) {
  return recordAfterSend({ ...base, ...more, operation: sent }, before, outcome, INTENTS, NOW);
}
const refused = (reason: ArmFailure): SendOutcome => ({ kind: 'Refused', failure: reason });
const POLICY = refused(failure(403, 'RequestDisallowedByPolicy'));
const CONFLICT = refused(failure(412, 'PreconditionFailed'));
const REJECTED = refused(failure(400, 'BadRequest', { message: 'cannot decode CustomCATrustCertificates' }));

describe('the record after a write that ARM accepted', () => {
  it('is as it was', () => {
    expect(after({ kind: 'Accepted' }, first)).toEqual({ ...base, operation: first });
  });

  it('counts a correction', () => {
    const { corrections, correctionCount } = after({ kind: 'Accepted' }, { ...first, correction: true });
    expect(corrections).toEqual([{ at: at(NOW), requests: expect.any(String) }]);
    expect(correctionCount).toBe(1);
  });

  it('does not count a correction that is resumed', () => {
    expect(after({ kind: 'Accepted' }, { ...resumed, correction: true }).corrections).toBeUndefined();
  });
});

describe('the record after a write whose answer was lost', () => {
  it.each([first, resumed, { ...first, correction: true }])('is as it was', (sent) => {
    const lost: SendOutcome = { kind: 'Lost', failure: failure(0, 'NoAnswer') };
    expect(after(lost, sent)).toEqual({ ...base, operation: sent });
  });
});

describe('the record after a write that ARM refused', () => {
  it('has no operation when there was none before', () => {
    const { operation: kept, ...record } = after(POLICY, first);
    expect(kept).toBeUndefined();
    expect(record).toMatchObject(base);
  });

  it('has the refusal, until when it holds, and for which state of the objects', () => {
    expect(after(POLICY, first).refusal).toEqual({
      reason: 'DisallowedByPolicy',
      code: 'RequestDisallowedByPolicy',
      message: expect.stringContaining('Exempt the cluster') as unknown,
      at: at(NOW),
      until: at(NOW + HOUR),
      stalled: true,
      count: 1,
      heldFor: INTENTS.map(({ token }) => token),
    });
  });

  it('has the operation that was to be resumed as it was, with how it had ended', () => {
    expect(after(POLICY, resumed, failed).operation).toEqual(failed);
  });

  it('has the operation back that a new one was to take the place of', () => {
    const replacement = operation({ id: 'op-2', adds: [named(1, 'team/b/ca')] });
    expect(after(POLICY, replacement, failed).operation).toEqual(failed);
    expect(after(REJECTED, replacement, failed).operation).toEqual(failed);
  });

  it('waits longer for the same refusal again, and anew for another', () => {
    const busy = refused(failure(409, 'OperationNotAllowed', { message: 'Another operation is in progress' }));
    const { refusal } = after(busy, first);
    const again = after(busy, first, undefined, { refusal: refusal! });
    expect([refusal, again.refusal].map((one) => Date.parse(one?.until ?? '') - NOW)).toEqual([30 * SECOND, MINUTE]);
    expect(after(POLICY, first, undefined, { refusal: refusal! }).refusal?.count).toBe(1);
  });

  it('keeps a Retry-After to the second', () => {
    const throttled = refused(failure(429, 'TooManyRequests', { retryAfterMs: 7 * MINUTE }));
    expect(after(throttled, first).refusal?.until).toBe(at(NOW + 7 * MINUTE));
  });

  it('waits a second where ARM asks for no time at all, or nothing would ever pause', () => {
    const throttled = refused(failure(429, 'TooManyRequests', { retryAfterMs: 0 }));
    expect(after(throttled, first).refusal?.until).toBe(at(NOW + SECOND));
  });

  it('waits for the maintenance window where it is known', () => {
    const outside = refused(failure(400, 'OperationOutsideNodeDisruptionWindow'));
    const record = recordAfterSend({ ...base, operation: first }, undefined, outside, INTENTS, NOW, NOW + 5 * HOUR);
    expect(record.refusal).toMatchObject({ reason: 'WaitingForMaintenanceWindow', until: at(NOW + 5 * HOUR) });
  });

  it('does not ask without a pause where the window is said to be open', () => {
    const outside = refused(failure(400, 'OperationOutsideNodeDisruptionWindow'));
    const record = recordAfterSend({ ...base, operation: first }, undefined, outside, INTENTS, NOW, NOW);
    expect(record.refusal?.until).toBe(at(NOW + 15 * MINUTE));
  });

  it('tries lost races again at once five times, and then ever later', () => {
    let record: RecordStatus = { ...base };
    const waits = Array.from({ length: 8 }, () => {
      record = recordAfterSend({ ...record, operation: first }, undefined, CONFLICT, INTENTS, NOW);
      return Date.parse(record.refusal?.until ?? '') - NOW;
    });
    expect(waits.slice(4)).toEqual([SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]);
    expect(record.refusal?.count).toBe(8);
  });
});

describe('the record after ARM refused the certificates themselves', () => {
  it('holds the objects whose additions were sent, in their present state, and no other', () => {
    const { rejections, refusal, operation: kept } = after(REJECTED, first);
    expect({ refusal, kept }).toEqual({});
    expect(rejections).toEqual([
      {
        object: 'team/a',
        heldFor: INTENTS[0]?.token,
        fingerprints: [mark(0)],
        message: expect.stringContaining(mark(0)) as unknown,
        at: at(NOW),
      },
    ]);
  });

  it('keeps what other objects are held for', () => {
    const before = { object: 'team/b', heldFor: 'x', message: 'm', at: at(START) };
    expect(after(REJECTED, first, undefined, { rejections: [before] }).rejections?.map(({ object }) => object)).toEqual(
      ['team/b', 'team/a'],
    );
  });

  it('is a refusal of the write where it only took certificates out', () => {
    const { refusal, rejections } = after(REJECTED, operation({ removes: [named(0, 'team/a/ca')] }));
    expect(refusal?.reason).toBe('CertificateRejected');
    expect(rejections).toBeUndefined();
  });

  it('is a refusal of the write where a list that ARM has was sent again, or it would be sent without a pause', () => {
    const { refusal, rejections, operation: kept } = after(REJECTED, resumed, failed);
    expect(refusal).toMatchObject({ reason: 'CertificateRejected', until: at(NOW + HOUR) });
    expect({ rejections, kept }).toEqual({ kept: failed });
  });
});
