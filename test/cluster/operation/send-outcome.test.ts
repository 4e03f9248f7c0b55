import { describe, expect, it } from '@jest/globals';
import type { ArmFailure } from '../../../src/azure/failures.ts';
import {
  maySayLater,
  recordAfterSend,
  recordBeforeSend,
  type SendOutcome,
} from '../../../src/cluster/operation/send-outcome.ts';
import { inPhase, type RecordedOperation, type RecordStatus } from '../../../src/cluster/model/record.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { at, failure, HOUR, intent, mark, MINUTE, named, operation, SECOND, slot, START } from '../../harness/build.ts';

const INTENTS = [intent('a', [0]), intent('b', [1])];
const NOW = START + SECOND;
const first = operation({ adds: [named(0, 'team/a/ca')] });
const resumed = operation({ adds: [named(0, 'team/a/ca')], attempts: 2, seen: true });
const END = { code: 'C', message: 'm', at: at(START), confirmed: true };
const failed = inPhase({ ...resumed, attempts: 1 }, { phase: 'Failed', failed: END });
const base: RecordStatus = {
  slots: [slot(5)],
  pending: { since: at(START), changedAt: at(START), digest: 'd', waitsFor: 'Nothing' },
};

const CONTEXT = { intents: INTENTS, now: NOW, timing: DEFAULT_TIMING };

function after(outcome: SendOutcome, sent: RecordedOperation, before?: RecordedOperation, more: RecordStatus = {}) {
  const decided: RecordStatus = { ...base, ...more, ...(before ? { operation: before } : {}) };
  return recordAfterSend(recordBeforeSend(decided, sent, CONTEXT), decided, outcome, CONTEXT);
}
const refused = (reason: ArmFailure): SendOutcome => ({ kind: 'Refused', failure: reason });
const POLICY = refused(failure(403, 'RequestDisallowedByPolicy'));
const CONFLICT = refused(failure(412, 'PreconditionFailed'));
const REJECTED = refused(failure(400, 'BadRequest', { message: 'cannot decode CustomCATrustCertificates' }));

describe('the record after a write that ARM accepted', () => {
  it('is as it was, and counts the write as one that is still to be seen', () => {
    expect(after({ kind: 'Accepted' }, first)).toEqual({
      ...base,
      operation: first,
      lastKind: 'UpdateTrust',
      unseenWrites: {
        count: 1,
        accepted: 1,
        attempt: 'op-1/1',
        at: at(NOW),
        until: at(NOW + MINUTE),
        heldFor: INTENTS.map(({ token }) => token),
      },
    });
  });

  it('does not count a list that ARM has already as one that it may forget', () => {
    expect(after({ kind: 'Accepted' }, resumed, failed).unseenWrites?.accepted).toBeUndefined();
  });

  it('uses up the release of a canceled operation', () => {
    const released = inPhase(resumed, { phase: 'Canceled', canceled: { ...END, heldFor: ['earlier'] } });
    expect(after({ kind: 'Accepted' }, released).operation?.canceled).toEqual(END);
    const lost: SendOutcome = { kind: 'Lost', failure: failure(0, 'NoAnswer') };
    expect(after(lost, released).operation).toMatchObject({ canceled: { heldFor: ['earlier'] } });
  });

  it('counts a correction', () => {
    const { corrections, correctionCount } = after(
      { kind: 'Accepted' },
      { ...first, updateTrust: { ...first.updateTrust!, correction: true } },
    );
    expect(corrections).toEqual([{ at: at(NOW), requests: expect.any(String) }]);
    expect(correctionCount).toBe(1);
  });

  it('does not count a correction that is resumed', () => {
    expect(
      after({ kind: 'Accepted' }, { ...resumed, updateTrust: { ...resumed.updateTrust!, correction: true } })
        .corrections,
    ).toBeUndefined();
  });
});

describe('the record after a write whose answer was lost', () => {
  const lost: SendOutcome = {
    kind: 'Lost',
    failure: failure(502, 'HTTP502', { message: 'HTTP 502 with an HTML page' }),
  };

  it.each([first, resumed, { ...first, updateTrust: { ...first.updateTrust!, correction: true } }])(
    'is as it was, with what came instead',
    (sent) => {
      const { unseenWrites, ...record } = after(lost, sent);
      expect(record).toEqual({ ...base, operation: sent, lastKind: 'UpdateTrust' });
      expect(unseenWrites).toMatchObject({
        count: 1,
        lost: 1,
        error: { code: 'HTTP502', message: 'HTTP 502 with an HTML page' },
        until: at(NOW + MINUTE),
      });
    },
  );

  it('counts on over what was lost, accepted and refused before', () => {
    const before = {
      count: 4,
      attempt: 'x/1',
      at: at(START),
      lost: 1,
      accepted: 2,
      heldFor: INTENTS.map(({ token }) => token),
    };
    expect(after(lost, first, undefined, { unseenWrites: before }).unseenWrites).toMatchObject({
      count: 5,
      lost: 2,
      accepted: 2,
      until: at(NOW + 16 * MINUTE),
    });
    const { lost: none, count } =
      after({ kind: 'Accepted' }, first, undefined, { unseenWrites: before }).unseenWrites ?? {};
    expect({ none, count }).toEqual({ count: 5 });
  });

  it('counts anew after an edit', () => {
    const before = { count: 4, attempt: 'x/1', at: at(START), lost: 1, heldFor: ['another state'] };
    expect(after(lost, first, undefined, { unseenWrites: before }).unseenWrites).toMatchObject({ count: 1, lost: 1 });
  });
});

describe('the record after a write that ARM refused', () => {
  it('has no operation when there was none before', () => {
    const { operation: kept, ...record } = after(POLICY, first);
    expect(kept).toBeUndefined();
    expect(record.unseenWrites).toMatchObject({ count: 1 });
    expect(record.unseenWrites).not.toHaveProperty('until');
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

  it('waits twice as long after each write in a row, for any answers of ARM', () => {
    let record: RecordStatus = { ...base };
    const answers = [failure(429, 'TooManyRequests', { retryAfterMs: SECOND }), failure(409, 'AKSOperationPreempted')];
    const waits = Array.from({ length: 9 }, (_, index) => {
      const outcome = refused(answers[index % 2]!);
      record = recordAfterSend(recordBeforeSend(record, first, CONTEXT), record, outcome, CONTEXT);
      return Math.round((Date.parse(record.refusal?.until ?? '') - NOW) / MINUTE);
    });
    expect(waits).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('tries lost races again at once five times, and then ever later', () => {
    let record: RecordStatus = { ...base };
    const waits = Array.from({ length: 8 }, () => {
      record = recordAfterSend(recordBeforeSend(record, first, CONTEXT), record, CONFLICT, CONTEXT);
      return Date.parse(record.refusal?.until ?? '') - NOW;
    });
    expect(waits).toEqual([0, 0, 0, 0, MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]);
    expect(record.refusal?.count).toBe(8);
  });
});

describe('the record after a write that was not sent', () => {
  const unsent: SendOutcome = { kind: 'Unsent', reason: 'ReadsTooSlow', message: 'The change was not sent.' };

  it('is as before it, with the reason as our own, and counts no write', () => {
    const record = after(unsent, first);
    expect(record).not.toHaveProperty('operation');
    expect(record).not.toHaveProperty('unseenWrites');
    expect(record.refusal).toMatchObject({
      reason: 'ReadsTooSlow',
      unsent: true,
      message: 'The change was not sent.',
      stalled: false,
      until: at(NOW + MINUTE),
    });
  });

  it('waits ever longer, but not as long as after a write', () => {
    let record: RecordStatus = { ...base };
    const waits = Array.from({ length: 6 }, () => {
      record = recordAfterSend(recordBeforeSend(record, first, CONTEXT), record, unsent, CONTEXT);
      return (Date.parse(record.refusal?.until ?? '') - NOW) / MINUTE;
    });
    expect(waits).toEqual([1, 2, 4, 8, 10, 10]);
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

  it('holds no object that names the certificate and took no part: it is suspended, or being deleted', () => {
    const others = [
      intent('b', [0], { suspend: true }),
      intent('c', [0], { deleting: true, deletionPolicy: 'Remove' }),
    ];
    const context = { ...CONTEXT, intents: [...INTENTS, ...others] };
    const record = recordAfterSend(recordBeforeSend(base, first, context), base, REJECTED, context);
    expect(record.rejections?.map(({ object }) => object)).toEqual(['team/a']);
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

describe('an answer that can wait for the next write of the record', () => {
  const later = (
    outcome: SendOutcome,
    sent: RecordedOperation,
    { before, more = {} }: { before?: RecordedOperation; more?: RecordStatus } = {},
  ) => {
    const decided: RecordStatus = { ...base, ...more, ...(before ? { operation: before } : {}) };
    const recorded = recordBeforeSend(decided, sent, CONTEXT);
    return maySayLater(recorded, recordAfterSend(recorded, decided, outcome, CONTEXT), outcome);
  };
  const unseen = recordBeforeSend(base, first, CONTEXT).unseenWrites!;
  const correction = { ...first, updateTrust: { ...first.updateTrust!, correction: true } };
  const released = inPhase(resumed, { phase: 'Canceled', canceled: { ...END, heldFor: ['earlier'] } });

  it.each<[string, boolean, boolean]>([
    ['the first write was accepted', later({ kind: 'Accepted' }, first), true],
    ['the list was sent again and accepted', later({ kind: 'Accepted' }, resumed, { before: failed }), true],
    ['an earlier write was not seen', later({ kind: 'Accepted' }, first, { more: { unseenWrites: unseen } }), false],
    ['the accepted write is a correction', later({ kind: 'Accepted' }, correction), false],
    ['the accepted write used up a release', later({ kind: 'Accepted' }, released), false],
    ['the answer was lost', later({ kind: 'Lost', failure: failure(0, 'NoAnswer') }, first), false],
    ['ARM refused the write', later(POLICY, first), false],
  ])('when %s: %p', (_when, waits, expected) => expect(waits).toBe(expected));
});
