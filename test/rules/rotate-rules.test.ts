import { describe, expect, it } from '@jest/globals';
import { faultsOfRotation, type Asked, type EarlierRotation, type SentRotation } from './rotate-rules.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-03-02T08:00:00.000Z');
const asked = (changes: Partial<Asked> = {}): Asked => ({
  ...{ rotates: true, acceptsDowntime: true, allowed: true, isOff: false, windowIsOpen: true, replaceCA: 'old' },
  ...changes,
});
const byTime = (requestedAt: number): Asked => ({
  ...{ rotates: true, acceptsDowntime: true, allowed: true, isOff: false, windowIsOpen: true, requestedAt },
});
const sent = (attempts: number, changes: Partial<SentRotation> = {}): SentRotation => ({
  operation: { kind: 'RotateCertificates', attempts, rotateCertificates: { oldCA: 'old', reason: 'Requested' } },
  earlier: [],
  state: 'Succeeded',
  ca: { fingerprint: 'old', madeAt: NOW - 60 * MINUTE },
  asked: [[asked()]],
  editedAt: NOW - 90 * MINUTE,
  now: NOW,
  ...changes,
});

describe('the rules of a first request to rotate', () => {
  it('let one go that an object asks for', () => {
    expect(faultsOfRotation(sent(1))).toEqual([]);
    expect(
      faultsOfRotation(
        sent(1, { asked: [[asked({ isOff: true })], [asked(), asked({ replaceCA: 'x', isOff: true })]] }),
      ),
    ).toEqual([]);
    // One of them was edited meanwhile.
    expect(
      faultsOfRotation(
        sent(1, {
          asked: [
            [asked(), asked({ replaceCA: 'x' })],
            [asked(), asked()],
          ],
        }),
      ),
    ).toEqual([]);
    expect(faultsOfRotation(sent(1, { asked: [[byTime(NOW - 59 * MINUTE)]] }))).toEqual([]);
    // The other request is done.
    expect(faultsOfRotation(sent(1, { asked: [[asked(), asked({ replaceCA: 'another' })]] }))).toEqual([]);
  });

  it.each<[string, Partial<SentRotation>]>([
    ['no rotation is recorded', { operation: undefined }],
    ['no rotation is recorded', { operation: { kind: 'UpdateTrust', attempts: 1 } }],
    ['attempt 1 is sent twice', { earlier: [{ attempt: 1 }] }],
    ['it begins while the cluster is Failed', { state: 'Failed' }],
    ['it replaces a CA that is not in place', { ca: { fingerprint: 'new', madeAt: 0 }, asked: [[byTime(NOW)]] }],
    ['no object asks for it', { asked: [] }],
    ['no object asks for it', { asked: [[asked({ rotates: false })]] }],
    ['no object asks for it', { asked: [[asked({ acceptsDowntime: false })]] }],
    ['no object asks for it', { asked: [[asked({ allowed: false })]] }],
    ['no object asks for it', { asked: [[asked({ isOff: true })]] }],
    ['no object asks for it', { asked: [[asked({ replaceCA: 'another' })]] }],
    ['no object asks for it', { asked: [[byTime(NOW - 61 * MINUTE)]] }],
    ['no object asks for it', { asked: [[byTime(NOW + MINUTE)]] }],
    ['no object asks for it', { asked: [[byTime(NOW - 25 * 60 * MINUTE)]], ca: { fingerprint: 'old', madeAt: 0 } }],
    ['objects ask for different rotations', { asked: [[asked(), byTime(NOW)]] }],
    ['the windows of all who ask are closed', { asked: [[asked({ windowIsOpen: false }), asked({ isOff: true })]] }],
  ])('find: %s', (fault, changes) => {
    expect(faultsOfRotation(sent(1, changes))).toEqual([fault]);
  });
});

describe('the rules of a repeated request to rotate', () => {
  const failed = (attempt: number, minutesAgo: number): EarlierRotation => ({
    ...{ attempt, end: 'Failed', endedAt: NOW - minutesAgo * MINUTE },
  });
  const again = (attempts: number, earlier: readonly EarlierRotation[], changes: Partial<SentRotation> = {}) =>
    faultsOfRotation(sent(attempts, { state: 'Failed', earlier, ...changes }));

  it('let one go after its wait, or at the word of a person', () => {
    expect(again(2, [failed(1, 5)])).toEqual([]);
    expect(again(3, [failed(1, 30), failed(2, 15)])).toEqual([]);
    expect(again(4, [failed(3, 45)])).toEqual([]);
    expect(again(5, [failed(4, 3)], { editedAt: NOW - MINUTE })).toEqual([]);
    expect(again(2, [{ attempt: 1, end: 'Canceled', endedAt: NOW - 9 }], { editedAt: NOW, state: 'Canceled' })).toEqual(
      [],
    );
    // That of another client failed later.
    expect(again(4, [failed(3, 45), failed(0, 10)])).toEqual([]);
    // The second attempt was lost.
    expect(again(3, [failed(1, 60), { attempt: 2 }])).toEqual([]);
  });

  it.each<[string, number, readonly EarlierRotation[], Partial<SentRotation>]>([
    ['it is repeated while the cluster is Succeeded', 2, [failed(1, 5)], { state: 'Succeeded' }],
    ['it is repeated, and its own attempt has not failed', 2, [{ attempt: 1 }], {}],
    ['it is repeated, and its own attempt has not failed', 2, [{ attempt: 1, end: 'Succeeded' }], {}],
    ['attempt 2 is sent 240 s after the last one failed', 2, [failed(1, 4)], {}],
    ['attempt 4 is sent 2640 s after the last one failed', 4, [failed(3, 44)], {}],
    ['attempt 5 is sent without a word of a person', 5, [failed(4, 50)], {}],
    [
      'a person canceled it, and it is repeated without a word',
      2,
      [{ attempt: 1, end: 'Canceled', endedAt: NOW - 50 * MINUTE }],
      {},
    ],
  ])('find: %s', (fault, attempts, earlier, changes) => {
    expect(again(attempts, earlier, changes)).toEqual([fault]);
  });
});
