import { expect, it } from '@jest/globals';
import { element, MINUTE, pool, SECOND, trust } from '../harness/build.ts';
import { memoryRig, type MemoryRig } from '../harness/memory-rig.ts';

/** Requests to the API server that has the objects: the table of docs/concepts/engine.md. */
interface Requests {
  readonly finalizers: number;
  readonly records: number;
  readonly statuses: number;
  readonly events: readonly string[];
}

async function requestsOf(rig: MemoryRig, task: () => Promise<void>): Promise<Requests> {
  const before = { writes: rig.writes.length, records: rig.recordWrites, events: rig.events.length };
  await task();
  const writes = rig.writes.slice(before.writes);
  return {
    finalizers: writes.filter(({ kind }) => kind === 'finalizers').length,
    records: rig.recordWrites - before.records,
    statuses: writes.filter(({ kind }) => kind === 'status').length,
    events: rig.events.slice(before.events).map(({ event }) => event.reason),
  };
}

/** As many passes as a change takes whose operation is over at the first read, and some at rest. */
async function passes(rig: MemoryRig, count = 5): Promise<void> {
  for (let index = 0; index < count; index++) {
    await rig.pass();
    rig.now += 20 * SECOND;
  }
}

const AT_REST: Requests = { finalizers: 0, records: 0, statuses: 0, events: [] };

function rigOf(...objects: Parameters<MemoryRig['add']>): MemoryRig {
  const rig = memoryRig({ pools: [pool()], elements: [] });
  // As a tenant makes them: no controller has seen them.
  for (const { metadata, ...object } of objects) rig.add({ ...object, metadata: { ...metadata, finalizers: [] } });
  return rig;
}

function edit(rig: MemoryRig, name: string, roots: number[]): void {
  const before = rig.objects.get(`team/${name}`)!;
  const edited = trust(name, roots);
  const generation = (before.metadata.generation ?? 1) + 1;
  rig.objects.set(`team/${name}`, { ...before, spec: edited.spec, metadata: { ...before.metadata, generation } });
}

it('a new object costs a finalizer, two writes of the record, one status and two events', async () => {
  const rig = rigOf(trust('a', [0]));
  expect(await requestsOf(rig, () => passes(rig))).toEqual({
    finalizers: 1,
    records: 2,
    statuses: 1,
    events: ['UpdateSent', 'Trusted'],
  });
  expect(rig.puts).toEqual([[[0]]]);
  expect(await requestsOf(rig, () => passes(rig))).toEqual(AT_REST);
});

it('an edit costs two writes of the record, one status and one event', async () => {
  const rig = rigOf(trust('a', [0]));
  await passes(rig);
  edit(rig, 'a', [1]);
  expect(await requestsOf(rig, () => passes(rig))).toEqual({
    finalizers: 0,
    records: 2,
    statuses: 1,
    events: ['UpdateSent'],
  });
  expect(rig.puts).toEqual([[[0]], [[1]]]);
  expect(await requestsOf(rig, () => passes(rig))).toEqual(AT_REST);
});

it('an operation that runs for a while costs one write of the record and one status more, however often it is read', async () => {
  const rig = rigOf(trust('a', [0]));
  const requests = await requestsOf(rig, async () => {
    await rig.pass();
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    await passes(rig, 10);
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    await passes(rig);
  });
  expect(requests).toEqual({ finalizers: 1, records: 3, statuses: 2, events: ['UpdateSent', 'Updating', 'Trusted'] });
});

it('an object that wants what the list has costs a finalizer, one write of the record, one status and one event', async () => {
  const rig = rigOf(trust('a', [0]));
  rig.arm = { ...rig.arm, elements: [element(0)] };
  expect(await requestsOf(rig, () => passes(rig))).toEqual({
    finalizers: 1,
    records: 1,
    statuses: 1,
    events: ['Trusted'],
  });
  expect(rig.puts).toEqual([]);
});

it('a cluster at rest costs nothing, also where it is read again and again', async () => {
  const rig = rigOf(trust('a', [0]), trust('b', [1]));
  await passes(rig);
  const before = rig.reads;
  rig.now += 60 * MINUTE;
  expect(await requestsOf(rig, () => passes(rig, 10))).toEqual(AT_REST);
  expect(rig.reads - before).toBe(10);
});
