import { describe, expect, it } from '@jest/globals';
import { plan } from '../../src/cluster/decide/plan.ts';
import { describeRecord } from '../../src/cluster/decide/record-conditions.ts';
import { inPhase, type RecordStatus } from '../../src/cluster/model/record.ts';
import { createSeenFor } from '../../src/cluster/observe/seen-for.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { timeLeft } from '../../src/cluster/operation/unseen-writes.ts';
import {
  at,
  digest,
  element,
  failure,
  HOUR,
  intent,
  MINUTE,
  named,
  node,
  observe,
  operation,
  recordObject,
  SECOND,
  START,
  type Seen,
} from '../harness/build.ts';

/** A controller that takes over a record that another one wrote by its own clock, and looks every five seconds. */
function takeOver(written: RecordStatus, ahead: number, list: readonly string[], provisioningState = 'Succeeded') {
  let record: RecordStatus | undefined = written;
  let real = 0;
  const seenFor = createSeenFor(() => real);
  const steps: { readonly after: number; readonly kind: string }[] = [];
  for (; real <= 3 * MINUTE; real += 5 * SECOND) {
    const now = START + ahead + real;
    const seen = observe({ elements: list, provisioningState, record, intents: [intent('a', [0])], readAt: now });
    const waited = seenFor.of(seen.id.key, record);
    seenFor.read(seen.id.key, now);
    const decision = plan({ ...seen, seenFor: waited }, now, DEFAULT_TIMING, () => 'op-2');
    if (decision.step.kind === 'Send') return { sentAfter: real, steps };
    steps.push({ after: real, kind: decision.step.kind });
    record = decision.record;
  }
  return { sentAfter: undefined, steps };
}

const adds = [named(0, 'team/a/ca')];
const sent = operation({ listDigest: digest(0), adds, lastAttemptAt: at(START), startedAt: at(START) });

describe('a controller that takes over a write whose answer is not known', () => {
  const CLOCKS: [string, number][] = [
    ['right', 0],
    ['a minute ahead', MINUTE],
    ['an hour ahead', HOUR],
    ['a minute behind', -MINUTE],
    ['an hour behind', -HOUR],
  ];

  it.each(CLOCKS)('sends nothing for 70 s, and then goes on, by a clock that is %s', (_what, ahead) => {
    const { sentAfter } = takeOver({ slots: [], operation: sent }, ahead, []);
    expect(sentAfter).toBeGreaterThanOrEqual(70 * SECOND);
    expect(sentAfter).toBeLessThanOrEqual(80 * SECOND);
  });

  it.each(CLOCKS)('reads for 10 s itself before it counts a list as absent, by a clock that is %s', (_what, ahead) => {
    const absent = { ...sent, notFound: { since: at(START - HOUR), digest: digest() } };
    const { sentAfter } = takeOver({ slots: [], operation: absent }, ahead, []);
    expect(sentAfter).toBeGreaterThanOrEqual(60 * SECOND);
  });

  it.each(CLOCKS)('leaves a resumed write its 70 s, by a clock that is %s', (_what, ahead) => {
    const error = { code: 'Failed', message: 'm', at: at(START - HOUR) };
    const resumed = inPhase({ ...sent, attempts: 2 }, { phase: 'Failed', failed: { ...error, confirmed: true } });
    const { sentAfter, steps } = takeOver({ slots: [], operation: resumed }, ahead, [element(0)], 'Failed');
    expect(sentAfter ?? Infinity).toBeGreaterThanOrEqual(70 * SECOND);
    expect(steps.length).toBeGreaterThan(12);
  });
});

describe('how long a process has seen what a record notes', () => {
  it('begins with the read for which this process noted an absence itself', () => {
    let time = 0;
    const seen = createSeenFor(() => time);
    seen.of('k', { operation: sent });
    seen.read('k', START);
    time += 30;
    const mine = { operation: { ...sent, notFound: { since: at(START), digest: '' } } };
    expect(seen.of('k', mine)).toEqual({ attemptMs: 30, absenceMs: 30 });
    time += 30;
    expect(seen.of('k', { operation: { ...sent, notFound: { since: at(START + 1), digest: '' } } })).toEqual({
      attemptMs: 60,
      absenceMs: 0,
    });
  });

  it('begins with the process, and again with every attempt and every absence', () => {
    let time = 100;
    const seen = createSeenFor(() => time);
    const record = (attempts: number, since?: string): RecordStatus => ({
      operation: { ...sent, attempts, ...(since === undefined ? {} : { notFound: { since, digest: '' } }) },
    });
    const seenFor = (status: RecordStatus) => {
      time += 10;
      return seen.of('k', status);
    };
    expect([seenFor(record(1)), seenFor(record(1)), seenFor(record(1, 'x')), seenFor(record(1, 'x'))]).toEqual([
      { attemptMs: 0 },
      { attemptMs: 10 },
      { attemptMs: 20, absenceMs: 0 },
      { attemptMs: 30, absenceMs: 10 },
    ]);
    expect([seenFor(record(1, 'y')), seenFor(record(2)), seenFor({}), seenFor(record(2))]).toEqual([
      { attemptMs: 40, absenceMs: 0 },
      { attemptMs: 0 },
      {},
      { attemptMs: 0 },
    ]);
  });
});

describe('a pause that was noted by a clock far ahead of ours', () => {
  it.each([
    ['by a little', HOUR, HOUR + 5 * MINUTE],
    ['by more than any pause lasts', HOUR + SECOND, 0],
  ])('%s lasts as it should, or not at all', (_how, ahead, left) => {
    const noted = { at: at(START + ahead), until: at(START + ahead + 5 * MINUTE) };
    expect(timeLeft(noted, START)).toBe(left);
  });
});

describe('a record that a clock a year ahead of ours wrote', () => {
  const YEAR = 365 * 24 * HOUR;
  const then = at(START + YEAR);
  const object = intent('a', [0]);
  const old = { kind: 'Read', nodes: [node('x', START - HOUR)] } as const;
  const mine = { listDigest: digest(0), baseline: at(START), startedAt: then, lastAttemptAt: then };

  /** Reconciles once a minute, at most for so long, until something is sent; `ms` is how long that took. */
  function passes(record: RecordStatus, seen: Seen, forMs: number) {
    const seenFor = createSeenFor(() => now);
    let now = START;
    let stored: RecordStatus = record;
    for (; now - START <= forMs; now += MINUTE) {
      const observation = observe({ elements: [element(0)], intents: [object], ...seen, record: stored, readAt: now });
      const waited = seenFor.of(observation.id.key, stored);
      const decision = plan({ ...observation, seenFor: waited }, now, DEFAULT_TIMING, () => 'op-2');
      if (decision.step.kind === 'Send') return { ms: now - START, stored };
      stored = describeRecord(decision.record!, observation, decision, now);
    }
    return { ms: Infinity, stored };
  }

  it('does not keep an operation that failed from being resumed', () => {
    const failed = { code: 'C', message: 'm', at: then };
    for (const attempts of [1, 3]) {
      const record = { operation: operation({ ...mine, attempts, failed }) };
      expect(passes(record, { provisioningState: 'Failed', nodes: old }, 30 * MINUTE).ms).toBeLessThan(10 * MINUTE);
    }
  });

  it('does not hide that AKS left nodes old', () => {
    const record = { operation: operation({ ...mine, rolling: { succeededSince: then } }) };
    const { stored } = passes(record, { nodes: old }, 10 * MINUTE);
    expect(stored.conditions?.find(({ type }) => type === 'Idle')?.message).toContain('AKS does not replace them');
  });

  it('does not keep objects from becoming Stalled, and no slot', () => {
    const slot = { until: at(START + YEAR), left: 1 };
    const record = { heldBackSince: then, operation: operation({ ...mine, seen: true, slot }) };
    const { stored } = passes(record, { nodes: old, provisioningState: 'Updating' }, 2 * HOUR + 30 * MINUTE);
    expect(Date.parse(stored.operation!.slot!.until)).toBeLessThan(START + 2 * HOUR + 30 * MINUTE);
    const held = passes({ heldBackSince: then }, { elements: [], powerState: 'Stopped' }, HOUR).stored;
    expect(Date.parse(held.heldBackSince ?? then)).toBeLessThanOrEqual(START + HOUR);
  });

  it('does not keep the finalizers of a cluster that is gone', () => {
    const removed = intent('a', [0], { deleting: true, deletionPolicy: 'Remove' });
    const gone = failure(404, 'ResourceNotFound', { call: 'GetManagedCluster' });
    const arm = { ok: false, failedInARow: 9, failure: gone, groupIsReadable: true } as const;
    const observation = { ...observe({ intents: [removed] }), arm };
    const first = plan(
      { ...observation, record: recordObject({ absence: { since: then } }) },
      START,
      DEFAULT_TIMING,
      () => '',
    );
    expect(first.releases).toEqual([]);
    const later = { ...observation, record: recordObject(first.record) };
    expect(plan(later, START + 6 * MINUTE, DEFAULT_TIMING, () => '').releases).toMatchObject([{ why: 'ClusterGone' }]);
  });
});
