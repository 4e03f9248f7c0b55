import { describe, expect, it } from '@jest/globals';
import {
  heldTokens,
  requestedSince,
  requestsOf,
  stillHeld,
  type TrustIntent,
} from '../../../src/cluster/model/intent.ts';
import { objectOf } from '../../../src/cluster/model/record.ts';
import { BAD_PEM, HOUR, intent, mark, pem, START, toIntent, trust, type TrustOptions } from '../../harness/build.ts';

describe('what an object asks for', () => {
  it('is a row for every certificate, with entry, place and line', () => {
    const { rows, name, createdAt } = intent('a', { x: [0], y: pem(1) + pem(2) });
    expect(name).toBe('team/a');
    expect(createdAt).toBe(START);
    expect(rows.map(({ entry, index, certificate }) => [entry, index, certificate?.fingerprint])).toEqual([
      ['x', 0, mark(0)],
      ['y', 0, mark(1)],
      ['y', 1, mark(2)],
    ]);
    expect(rows[2]?.line).toBeGreaterThan(rows[1]?.line ?? 0);
  });

  it('is a row also for what does not read, in its place', () => {
    const { rows } = intent('a', { x: pem(0) + BAD_PEM + pem(1) });
    expect(rows.map(({ index, problem }) => [index, problem?.kind])).toEqual([
      [0, undefined],
      [1, expect.any(String)],
      [2, undefined],
    ]);
  });

  it('is nothing where the list of certificates is missing', () => {
    const object = trust('a');
    const { certificates: _, ...spec } = object.spec;
    expect(toIntent({ ...object, spec }).rows).toEqual([]);
  });

  it.each([
    [undefined, 30_000],
    [0, 0],
    [3600, 3_600_000],
  ])('settles %p seconds in %i ms', (settleSeconds, settleMs) => {
    const object = trust('a');
    const { settleSeconds: _, ...spec } = object.spec;
    const wanted = { ...object, spec: { ...spec, ...(settleSeconds === undefined ? {} : { settleSeconds }) } };
    expect(toIntent(wanted).settleMs).toBe(settleMs);
  });

  it('has no status where the API server gave it the one of a new object', () => {
    expect(intent('a', [0], { status: { observedGeneration: -1 } }).object.status).toBeUndefined();
    expect(intent('a', [0], { status: { observedGeneration: 1 } }).object.status).toEqual({ observedGeneration: 1 });
  });

  it('does not depend on when an object says that it was created, where it does not', () => {
    const object = trust('a');
    const { creationTimestamp: _, ...metadata } = object.metadata;
    expect(toIntent({ ...object, metadata }).createdAt).toBe(0);
  });
});

describe('an object is frozen', () => {
  it.each([
    ['not at all', { ca: [0] }, {}, undefined],
    ['while suspended', { ca: [0] }, { suspend: true }, 'Suspended'],
    ['while a certificate is bad', { ca: [0], bad: BAD_PEM }, {}, 'Held'],
    ['while a certificate is bad and Hold is said', { bad: BAD_PEM }, { invalidCertificates: 'Hold' }, 'Held'],
    ['not where bad ones are skipped', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' }, undefined],
    ['as suspended when both', { bad: BAD_PEM }, { suspend: true }, 'Suspended'],
  ] as const)('%s', (_when, entries, options, frozen) => {
    expect(intent('a', entries, options).frozen).toBe(frozen);
  });
});

describe('a deletion', () => {
  it.each([
    ['is none', {}, undefined],
    ['is none, whatever the policy', { deletionPolicy: 'Remove' }, undefined],
    ['keeps by default', { deleting: true }, 'Retain'],
    ['keeps', { deleting: true, deletionPolicy: 'Retain' }, 'Retain'],
    ['removes', { deleting: true, deletionPolicy: 'Remove' }, 'Remove'],
    [
      'keeps while suspended, which must cause no change',
      { deleting: true, deletionPolicy: 'Remove', suspend: true },
      'Retain',
    ],
  ] as const)('%s', (_what, options, deletion) => {
    expect(intent('a', [0], options).deletion).toBe(deletion);
  });
});

describe('the state of an object', () => {
  const token = (options: Parameters<typeof intent>[2]) => intent('a', [0], options).token;

  it('is another after an edit, a request, and for another object of its name', () => {
    const tokens = [{}, { generation: 2 }, { requestedAt: 'x' }, { requestedAt: 'y' }, { uid: 'other' }].map(token);
    expect(new Set(tokens).size).toBe(5);
  });

  it('is the same whenever nothing was asked', () => {
    expect(token({ createdAt: START + HOUR })).toBe(token({}));
  });

  it('is held while every object is as it was, or gone', () => {
    const [a, b] = [intent('a'), intent('b')];
    expect(stillHeld([a.token, b.token], [a, b])).toBe(true);
    expect(stillHeld([a.token, b.token], [b])).toBe(true);
    expect(stillHeld([a.token], [a, b])).toBe(false);
    expect(stillHeld(undefined, [a])).toBe(false);
  });
});

describe('a request for a fresh read', () => {
  const asked = intent('a', [0], { requestedAt: 'once' });
  const silent = intent('b', [1]);

  it.each([
    ['no object asked', [silent], [silent], false],
    ['no object asked since', [asked, silent], [silent, asked], false],
    ['an object asks for the first time', [silent], [asked, silent], true],
    ['an object asks again', [asked], [intent('a', [0], { requestedAt: 'twice' })], true],
    ['who asked is gone', [asked, silent], [silent], false],
    ['another object asks in the same words', [asked], [asked, intent('c', [0], { requestedAt: 'once' })], true],
    ['the object was edited', [asked], [intent('a', [1], { requestedAt: 'once', generation: 2 })], false],
  ])('is there when %s: %#', (_when, before, now, requested) => {
    expect(requestedSince(requestsOf(before), now)).toBe(requested);
  });
});

it('the object of a naming is what stands before its entry', () => {
  expect(objectOf('team/a/ca')).toBe('team/a');
});

describe('an object that is not allowed to name the cluster', () => {
  it('releases nothing that holds the others, by any edit and any request', () => {
    const own = intent('a', [0]);
    const refused = (options: TrustOptions): TrustIntent => ({ ...intent('b', [1], options), frozen: 'NotAllowed' });
    const [held, requests] = [heldTokens([own, refused({})]), requestsOf([own, refused({})])];
    const edited = [own, refused({ generation: 2, requestedAt: 'now' })];
    expect(stillHeld(held, edited)).toBe(true);
    expect(requestedSince(requests, edited)).toBe(false);
    expect(heldTokens(edited)).toEqual([own.token]);
  });
});
