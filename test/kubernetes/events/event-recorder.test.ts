import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, KubernetesError, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import {
  createEventRecorder,
  type EventNote,
  type EventRecorder,
} from '../../../src/kubernetes/events/event-recorder.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { collector } from '../../../src/runtime/heap.ts';
import { ManualClock, settled } from '../../runtime/manual-clock.ts';

const object: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1' },
};
const blocked: EventNote = { type: 'Warning', reason: 'ReimageBlocked', message: 'a budget allows no eviction' };
const never = new AbortController().signal;
/** Of the one timer that runs as long as an event is remembered, in ms. */
const FORGETS = 300_000;
const BEING_TERMINATED = new KubernetesError(
  403,
  'Forbidden',
  'events.events.k8s.io "a.18" is forbidden: unable to create new content in namespace n because it is being terminated',
);

interface SentEvent {
  metadata: { name: string; namespace: string };
  note?: string;
  series?: { count: number; lastObservedTime: string };
}

describe('an event recorder', () => {
  let clock: ManualClock;
  let sent: { method: string; path: string; body: SentEvent }[];
  let answers: (KubernetesError | undefined)[];
  let terminating: string | undefined;
  let dice: number;
  let recorder: EventRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    answers = [];
    terminating = undefined;
    dice = 0;
    recorder = create();
  });

  afterEach(() => recorder.flush(AbortSignal.abort()));

  function create(maxPending?: number): EventRecorder {
    const connection: Pick<Connection, 'request'> = {
      request: ({ method = 'GET', path, body }: KubernetesRequest) => {
        sent.push({ method, path, body: body as SentEvent });
        const failure = path.includes(`/namespaces/${terminating}/`) ? BEING_TERMINATED : answers.shift();
        return failure === undefined ? Promise.resolve(body) : Promise.reject(failure);
      },
    };
    return createEventRecorder({
      connection: connection as Connection,
      component: 'aks-ca-trust',
      instance: 'pod-1',
      clock,
      random: () => (dice++ % 1000) / 1000,
      ...(maxPending === undefined ? {} : { maxPending }),
    });
  }

  const methods = () => sent.map(({ method }) => method);
  const counts = () => sent.map(({ body }) => body.series?.count ?? 1);

  it('counts up one event for the same note on the same object, at once and then every half minute', async () => {
    recorder.record(object, blocked);
    await settled();
    recorder.record(object, blocked);
    await settled();
    expect(methods()).toEqual(['POST', 'PATCH']);
    for (let second = 0; second < 60; second++) {
      await clock.advance(1000);
      recorder.record(object, blocked);
      await settled();
    }
    expect(methods()).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH']);
    expect(counts()).toEqual([1, 2, 31, 61]);
    expect(new Set(sent.slice(1).map(({ path }) => path)).size).toBe(1);
  });

  it('writes the last count when nothing more comes', async () => {
    for (let time = 0; time < 5; time++) recorder.record(object, blocked);
    await settled();
    recorder.record(object, blocked);
    await clock.advance(30_000);
    expect(counts().at(-1)).toBe(6);
    expect(clock.timers).toEqual([FORGETS]);
  });

  it('forgets its last events when five minutes have passed, though none comes after them', async () => {
    recorder.record(object, blocked);
    await clock.advance(200_000);
    recorder.record({ ...object, metadata: { ...object.metadata, name: 'b' } }, blocked);
    await settled();
    expect(clock.timers).toHaveLength(1);
    await clock.advance(600_000);
    expect(clock.timers).toEqual([]);
    recorder.record(object, blocked);
    await settled();
    expect(methods()).toEqual(['POST', 'POST', 'POST']);
  });

  it('keeps none of the objects that its events are about', async () => {
    const collect = collector();
    const seen = new WeakRef({ ...object, spec: { text: 'x'.repeat(1000) } });
    recorder.record(seen.deref()!, blocked);
    await settled();
    await new Promise(setImmediate);
    collect();
    expect(seen.deref()).toBeUndefined();
  });

  it('makes a new event when five minutes have passed', async () => {
    recorder.record(object, blocked);
    await clock.advance(300_000);
    recorder.record(object, blocked);
    await settled();
    expect(methods()).toEqual(['POST', 'POST']);
    expect(new Set(sent.map(({ body }) => body.metadata.name)).size).toBe(2);
  });

  it.each<[string, KubernetesObject, EventNote]>([
    ['message', object, { ...blocked, message: 'another budget' }],
    ['reason', object, { ...blocked, reason: 'Other' }],
    ['object of the same name', { ...object, metadata: { ...object.metadata, uid: 'v' } }, blocked],
  ])('makes a new event for another %s', async (_what, other, note) => {
    recorder.record(object, blocked);
    recorder.record(other, note);
    await settled();
    expect(methods()).toEqual(['POST', 'POST']);
  });

  it('makes the event anew when the API server has forgotten it', async () => {
    recorder.record(object, blocked);
    await settled();
    answers = [new KubernetesError(404, 'NotFound', 'gone')];
    recorder.record(object, blocked);
    await settled();
    expect(methods()).toEqual(['POST', 'PATCH', 'POST']);
    expect(counts()).toEqual([1, 2, 2]);
  });

  it('takes another name when its name is taken', async () => {
    answers = [new KubernetesError(409, 'AlreadyExists', 'taken')];
    recorder.record(object, blocked);
    await settled();
    expect(new Set(sent.map(({ body }) => body.metadata.name)).size).toBe(2);
  });

  it('tries again with pauses when the API server is away, and goes on with the others after five attempts', async () => {
    answers = Array.from({ length: 5 }, () => new KubernetesError(0, 'ECONNREFUSED', 'away'));
    recorder.record(object, blocked);
    recorder.record(object, { ...blocked, message: 'other' });
    await settled();
    for (let pauses = 0; pauses < 4; pauses++) await clock.advance(clock.timers[0] ?? 0);
    await settled();
    expect(sent.map(({ body }) => body.note)).toEqual([...Array<string>(5).fill(blocked.message), 'other']);
  });

  it('does not try again what is refused', async () => {
    answers = [new KubernetesError(403, 'Forbidden', 'the namespace is terminating')];
    recorder.record(object, blocked);
    await settled();
    expect(methods()).toEqual(['POST']);
    expect(clock.timers).toEqual([FORGETS]);
  });

  it('writes the events of other namespaces at once while one is being terminated, and asks once for each of its own', async () => {
    terminating = 'n';
    const other = { ...object, metadata: { ...object.metadata, namespace: 'calm' } };
    for (let index = 0; index < 20; index++) {
      recorder.record(object, { ...blocked, message: `ends ${index}` });
      recorder.record(other, { ...blocked, message: `calm ${index}` });
    }
    while (sent.length < 40) await settled();
    await settled();
    expect(clock.timers).toEqual([FORGETS]);
    const notes = sent.map(({ body }) => body.note);
    expect(notes).toHaveLength(40);
    expect(notes.filter((note) => note?.startsWith('calm'))).toHaveLength(20);
  });

  it('drops what is too much to remember, and takes events again later', async () => {
    recorder = create(2);
    for (let index = 0; index < 10; index++) recorder.record(object, { ...blocked, message: `${index}` });
    await settled();
    // One is being written while two wait.
    expect(sent.map(({ body }) => body.note)).toEqual(['0', '1', '2']);
    recorder.record(object, { ...blocked, message: 'later' });
    await settled();
    expect(sent.at(-1)?.body.note).toBe('later');
  });

  it('drops what a namespace with many events has too much of, and nothing of the others', async () => {
    recorder = create(4);
    const other = { ...object, metadata: { ...object.metadata, namespace: 'calm' } };
    for (let index = 0; index < 10; index++) recorder.record(object, { ...blocked, message: `noise ${index}` });
    for (const message of ['first', 'second']) recorder.record(other, { ...blocked, message });
    recorder.record(object, { ...blocked, message: 'more noise' });
    await settled();
    expect(sent.map(({ body }) => body.note)).toEqual(['noise 0', 'noise 1', 'noise 2', 'first', 'second']);
  });

  it('writes out what it still has when it is flushed', async () => {
    for (let time = 0; time < 3; time++) {
      recorder.record(object, blocked);
      await settled();
    }
    expect(counts()).toEqual([1, 2]);
    await recorder.flush(never);
    expect(counts()).toEqual([1, 2, 3]);
  });

  it('gives up flushing when there is no time left', async () => {
    answers = Array.from({ length: 5 }, () => new KubernetesError(503, 'ServiceUnavailable', 'away'));
    recorder.record(object, blocked);
    await settled();
    const stop = new AbortController();
    const flushed = recorder.flush(stop.signal);
    stop.abort();
    await flushed;
    expect(methods()).toEqual(['POST']);
  });

  it('does not throw at its caller whatever it is given', () => {
    expect(() => recorder.record({} as KubernetesObject, blocked)).not.toThrow();
  });

  it('cuts a long message at 1024 bytes, not within a character', async () => {
    recorder.record(object, { ...blocked, message: `x${'ä'.repeat(1000)}` });
    await settled();
    const note = sent[0]?.body.note ?? '';
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
    expect(note).toMatch(/^xä+…$/);
  });
});
