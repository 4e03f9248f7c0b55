import { describe, expect, it } from '@jest/globals';
import type { MaintenanceReading } from '../../src/azure/maintenance-windows.ts';
import {
  BAD_PEM,
  failure,
  HOUR,
  MINUTE,
  SECOND,
  START,
  trust,
  type Entries,
  type TrustOptions,
} from '../harness/build.ts';
import { element } from '../harness/build.ts';
import { memoryRig, type MemoryRig, type Seams } from '../harness/memory-rig.ts';

/** START is 8:00 UTC. */
const opensAt = (hour: number): Required<Pick<TrustOptions, 'window'>> => ({
  window: { schedule: `0 ${hour} * * *`, durationHours: 1 },
});
const [NINE, TEN] = [START + HOUR, START + 2 * HOUR];

interface Sent {
  readonly at: number;
  readonly list: number[][] | undefined;
}

function rigWith(
  objects: Readonly<Record<string, readonly [Entries, TrustOptions?]>>,
  options: { list?: readonly number[]; seams?: (rig: MemoryRig) => Seams } = {},
) {
  const sent: Sent[] = [];
  const rig = memoryRig({ elements: (options.list ?? []).map((root) => element(root)) }, (made) => {
    const seams = options.seams?.(made) ?? {};
    return {
      ...seams,
      put(elements, eTag) {
        sent.push({ at: made.now, list: made.puts.at(-1) });
        return seams.put?.(elements, eTag);
      },
    };
  });
  for (const [name, [entries, more]] of Object.entries(objects)) rig.add(trust(name, entries, more));
  return { rig, sent };
}

async function until(rig: MemoryRig, time: number): Promise<void> {
  for (let passes = 0; rig.now < time; passes++) {
    if (passes > 500) throw new Error(`500 passes until ${new Date(rig.now).toISOString()}`);
    const { afterMs } = await rig.pass();
    rig.now = Math.min(time, rig.now + Math.max(afterMs, 1));
  }
  await rig.pass();
}

const applied = (rig: MemoryRig, name: string) => rig.condition(`team/${name}`, 'Applied');
const times = (sent: readonly Sent[]) => sent.map(({ at, list }) => [at, list]);

/** An edit by its author. */
function edit(rig: MemoryRig, name: string, entries: Entries, options: TrustOptions): void {
  const before = rig.objects.get(`team/${name}`)!;
  const generation = (before.metadata.generation ?? 0) + 1;
  rig.add({ ...trust(name, entries, { generation, ...options }), ...(before.status ? { status: before.status } : {}) });
}

describe('a change for an object with a window', () => {
  it('is sent at its opening, and its status says when that is', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(9)] });
    await until(rig, NINE - SECOND);
    expect(sent).toEqual([]);
    expect(applied(rig, 'a')).toMatchObject({
      status: 'False',
      reason: 'WaitingForWindow',
      message: expect.stringContaining('opens at 2026-03-02T09:00:00Z') as unknown,
    });
    expect(rig.condition('team/a', 'Stalled')).toBeUndefined();
    expect(rig.record).toMatchObject({
      state: 'Held',
      pending: { waitsFor: 'WaitingForWindow', until: '2026-03-02T09:00:00.000Z' },
    });
    await until(rig, NINE + MINUTE);
    expect(times(sent)).toEqual([[NINE, [[0]]]]);
    expect(rig.condition('team/a', 'Ready')?.status).toBe('True');
  });

  it('is sent at once where the window is open', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(8)] });
    await until(rig, START + MINUTE);
    expect(times(sent)).toEqual([[START, [[0]]]]);
  });

  it('leaves the changes of other objects alone, which go by their own windows', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(10)], b: [[1]], c: [[2], opensAt(9)] });
    await until(rig, TEN + MINUTE);
    expect(times(sent)).toEqual([
      [START, [[1]]],
      [NINE, [[1], [2]]],
      [TEN, [[1], [2], [0]]],
    ]);
  });

  it('waits with a removal as with an addition', async () => {
    const { rig, sent } = rigWith({ a: [[0, 1], opensAt(8)] });
    await until(rig, START + MINUTE);
    edit(rig, 'a', [1, 2], opensAt(9));
    await until(rig, NINE - SECOND);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'WaitingForWindow' });
    // Nothing but a removal.
    edit(rig, 'a', [1], opensAt(9));
    await until(rig, NINE - SECOND);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'WaitingForWindow' });
    expect(rig.condition('team/a', 'NodesReimaged')?.reason).toBe('ChangeNotSent');
    await until(rig, NINE + MINUTE);
    expect(times(sent).slice(1)).toEqual([[NINE, [[1]]]]);
  });

  it('waits as well where it puts right what another client did', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(8)] });
    await until(rig, START + MINUTE);
    edit(rig, 'a', [0], opensAt(10));
    await until(rig, START + 2 * MINUTE);
    rig.arm = { ...rig.arm, elements: [] };
    await until(rig, TEN - SECOND);
    expect(sent).toHaveLength(1);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'WaitingForWindow' });
    await until(rig, TEN + MINUTE);
    expect(times(sent).slice(1)).toEqual([[TEN, [[0]]]]);
  });

  it('waits as well where it is a deletion, and the message has the way to release the object', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(8)], b: [[1]] });
    await until(rig, START + MINUTE);
    edit(rig, 'a', [0], { ...opensAt(10), deletionPolicy: 'Remove', deleting: true });
    await until(rig, NINE);
    expect(rig.objects.has('team/a')).toBe(true);
    expect(applied(rig, 'a')).toMatchObject({
      reason: 'WaitingForWindow',
      message: expect.stringMatching(/opens at 2026-03-02T10:00:00Z.*"deletionPolicy":"Retain"/) as unknown,
    });
    expect(rig.condition('team/b', 'Ready')?.status).toBe('True');
    await until(rig, TEN + MINUTE);
    expect(times(sent).at(-1)).toEqual([TEN, [[1]]]);
    expect(rig.objects.has('team/a')).toBe(false);
  });

  it('does not wait where the deletion keeps the certificates', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(8)] });
    await until(rig, START + MINUTE);
    edit(rig, 'a', [0], { ...opensAt(10), deletionPolicy: 'Retain', deleting: true });
    await until(rig, START + 2 * MINUTE);
    expect([rig.objects.size, sent.length]).toEqual([0, 1]);
  });

  it('keeps a certificate that two objects named until the window of the last one', async () => {
    const { rig, sent } = rigWith({ a: [[0, 1], opensAt(8)], b: [[0, 2]] });
    await until(rig, START + MINUTE);
    edit(rig, 'a', [1], opensAt(10));
    edit(rig, 'b', [2], {});
    await until(rig, TEN - SECOND);
    expect(sent).toHaveLength(1);
    expect([applied(rig, 'a')?.reason, applied(rig, 'b')?.reason]).toEqual(['WaitingForWindow', 'Applied']);
    await until(rig, TEN + MINUTE);
    expect(times(sent).slice(1)).toEqual([[TEN, [[1], [2]]]]);
  });

  it('is added for an object without a window where both name the certificate', async () => {
    const { rig, sent } = rigWith({ a: [[0, 1], opensAt(10)], b: [[0], { createdAt: START + 1 }] });
    await until(rig, NINE);
    expect(times(sent)).toEqual([[START, [[0]]]]);
    expect([applied(rig, 'a')?.reason, applied(rig, 'b')?.reason]).toEqual(['WaitingForWindow', 'Applied']);
  });

  it('removes unmanaged certificates only while no window of the cluster is closed', async () => {
    const remove = { unmanagedCertificates: 'Remove' } as const;
    const { rig, sent } = rigWith({ a: [[0], { ...remove, ...opensAt(9) }], b: [[1], remove] }, { list: [0, 1, 2] });
    await until(rig, NINE - SECOND);
    expect(sent).toEqual([]);
    await until(rig, NINE + MINUTE);
    expect(times(sent)).toEqual([[NINE, [[0], [1]]]]);
  });

  it('takes no slot that a closed window leaves free, where that of the next object is closed as well', async () => {
    const nine = [10, 11, 12, 13, 14, 15, 16, 17, 18];
    const { rig, sent } = rigWith(
      {
        a: [[0], opensAt(10)],
        b: [[1], { ...opensAt(9), createdAt: START + 1 }],
        c: [[2], { createdAt: START + 2 }],
      },
      { list: nine },
    );
    await until(rig, START + MINUTE);
    // The slot goes to the object that may change the cluster now.
    expect(times(sent)).toEqual([[START, [...nine, 2].map((root) => [root])]]);
    await until(rig, TEN + MINUTE);
    expect(sent).toHaveLength(1);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'Held' });
  });

  it('goes by the window as edited, and a request for a fresh read does not pass it', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(12)] });
    await until(rig, START + MINUTE);
    edit(rig, 'a', [0], { ...opensAt(12), requestedAt: 'now' });
    await until(rig, START + 2 * MINUTE);
    expect(sent).toEqual([]);
    edit(rig, 'a', [0], opensAt(9));
    await until(rig, NINE);
    expect(times(sent)).toEqual([[NINE, [[0]]]]);
    edit(rig, 'a', [0, 1], opensAt(12));
    await until(rig, TEN);
    edit(rig, 'a', [0, 1], {});
    await until(rig, TEN + MINUTE);
    expect(times(sent).at(-1)).toEqual([TEN, [[0], [1]]]);
  });

  it('says what is wrong with its certificates before it says that its window is closed', async () => {
    const { rig } = rigWith({ a: [{ ca: BAD_PEM }, opensAt(10)] });
    await until(rig, START + MINUTE);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'Held' });
  });
});

describe('the edits of other objects, while a change waits for its window', () => {
  it('settle as they do without that', async () => {
    const { rig, sent } = rigWith({ a: [[0], opensAt(10)] });
    await until(rig, NINE);
    rig.add(trust('b', [1], { settleSeconds: 60 }));
    await until(rig, NINE + 50 * SECOND);
    expect(sent).toEqual([]);
    edit(rig, 'b', [1, 2], { settleSeconds: 60 });
    await until(rig, NINE + 3 * MINUTE);
    expect(times(sent)).toEqual([[NINE + 110 * SECOND, [[1], [2]]]]);
    await until(rig, TEN + MINUTE);
    expect(times(sent).slice(1)).toEqual([[TEN, [[1], [2], [0]]]]);
  });

  it('wait for neither, where the window is useless', async () => {
    const useless = { window: { schedule: '0 2 30 2 *', durationHours: 1 } };
    const { rig, sent } = rigWith({ a: [[0], useless], b: [[1]] });
    await until(rig, START + MINUTE);
    expect(times(sent)).toEqual([[START, [[1]]]]);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'InvalidWindow' });
    expect(rig.condition('team/a', 'Stalled')).toMatchObject({ status: 'True', reason: 'InvalidWindow' });
    expect(rig.events.filter(({ object }) => object === 'team/a').map(({ event }) => event.type)).toEqual(['Warning']);
  });
});

describe('an operation that began in a window', () => {
  it('is resumed after the end of the window', async () => {
    const { rig, sent } = rigWith(
      { a: [[0], opensAt(9)] },
      {
        seams: () => ({ operationStatus: () => ({ status: 'Failed', code: 'QuotaExceeded', message: '' }) }),
      },
    );
    await until(rig, NINE);
    expect(sent).toHaveLength(1);
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    await until(rig, TEN + MINUTE);
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await until(rig, TEN + 10 * MINUTE);
    expect(sent.length).toBeGreaterThan(1);
    expect(sent[1]!.at).toBeGreaterThan(TEN);
  });

  it('whose write never arrived is not sent again before the next window', async () => {
    let lost = true;
    const { rig, sent } = rigWith(
      { a: [[0], { window: { schedule: '59 8 * * *', durationHours: 1 } }] },
      {
        seams: () => ({ put: () => (lost ? { ok: false, failure: failure(0, 'NoAnswer') } : undefined) }),
      },
    );
    await until(rig, START + 59 * MINUTE);
    edit(rig, 'a', [0], opensAt(10));
    await until(rig, START + 59 * MINUTE + 30 * SECOND);
    // The answer is still waited for.
    expect(applied(rig, 'a')).toMatchObject({ reason: 'Updating' });
    await until(rig, TEN - SECOND);
    expect(sent).toHaveLength(1);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'WaitingForWindow' });
    lost = false;
    await until(rig, TEN + MINUTE);
    expect(times(sent).slice(1)).toEqual([[TEN, [[0]]]]);
  });
});

describe('a window of the cluster', () => {
  const NAME = 'aksManagedNodeOSUpgradeSchedule';
  const window = { maintenanceConfiguration: NAME } as const;
  const state = (now: number): MaintenanceReading =>
    now < NINE || now >= TEN
      ? { kind: 'Read', state: { kind: 'Closed', opensAt: now < NINE ? NINE : NINE + 24 * HOUR } }
      : { kind: 'Read', state: { kind: 'Open', until: TEN } };

  it('is read once a change waits for it, and not at rest', async () => {
    const reads: number[] = [];
    const { rig, sent } = rigWith(
      { a: [[0], { window }] },
      {
        seams: (made) => ({
          maintenance(name) {
            reads.push(made.now);
            return name === NAME ? state(made.now) : undefined;
          },
        }),
      },
    );
    await until(rig, NINE + MINUTE);
    expect(times(sent)).toEqual([[NINE, [[0]]]]);
    expect(reads[0]).toBe(START + SECOND);
    // Every ten minutes, and at the opening.
    expect(reads.length).toBeLessThan(10);
    const before = reads.length;
    await until(rig, TEN);
    expect(reads).toHaveLength(before);
  });

  it('that is missing stalls the object, and goes on when it has been made', async () => {
    let isMade = false;
    const { rig, sent } = rigWith(
      { a: [[0], { window }] },
      {
        seams: ({ now }) => ({
          maintenance: () => (isMade ? { kind: 'Read', state: { kind: 'Open', until: now + HOUR } } : undefined),
        }),
      },
    );
    await until(rig, START + MINUTE);
    expect(rig.condition('team/a', 'Stalled')).toMatchObject({ reason: 'InvalidWindow' });
    isMade = true;
    await until(rig, START + 15 * MINUTE);
    expect(sent).toHaveLength(1);
  });

  it('that may not be read stalls the object after some time', async () => {
    const { rig, sent } = rigWith(
      { a: [[0], { window }], b: [[1]] },
      {
        seams: () => ({
          maintenance: () => ({
            kind: 'Unreadable',
            failure: failure(403, 'AuthorizationFailed', { call: 'GetMaintenanceConfiguration' }),
          }),
        }),
      },
    );
    await until(rig, START + MINUTE);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'AccessDenied' });
    expect(rig.condition('team/a', 'Stalled')).toBeUndefined();
    await until(rig, START + 30 * MINUTE);
    expect(rig.condition('team/a', 'Stalled')).toMatchObject({ reason: 'AccessDenied' });
    expect(times(sent)).toEqual([[START, [[1]]]]);
    expect(rig.condition('team/b', 'Ready')?.status).toBe('True');
  });

  it('in which ARM refuses the write is used by backoff, to its end', async () => {
    const { rig, sent } = rigWith(
      { a: [[0], { window }] },
      {
        seams: (made) => ({
          maintenance: () => state(made.now),
          nextWindow: () => undefined,
          put: () => ({ ok: false, failure: failure(400, 'OperationOutsideNodeDisruptionWindow') }),
        }),
      },
    );
    await until(rig, TEN + 8 * HOUR);
    const minutes = sent.map(({ at }) => Math.round((at - NINE) / MINUTE));
    expect(minutes).toEqual([0, 15, 45]);
    expect(applied(rig, 'a')).toMatchObject({ reason: 'WaitingForWindow' });
  });
});
