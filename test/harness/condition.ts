import { isDeepStrictEqual } from 'node:util';
import { eventsOf } from '../../src/cluster/kinds/update-trust/events.ts';
import type { TrustEvent } from '../../src/cluster/model/trust-event.ts';
import { HOUR } from './build.ts';
import type { Fault, World } from './world.ts';

/** A lasting condition of the world: the fault of every pass, and ARM's answer to every write. */
export interface Condition {
  /** The fault of a reconcile, by its number. */
  readonly fault?: (pass: number) => Fault | undefined;
  /** Changes the world before the first pass. */
  readonly begins?: (world: World) => void;
}

/** Counts taken while a condition lasts. */
export interface Account {
  /** When each write was sent, in ms. */
  readonly puts: readonly number[];
  readonly passes: number;
  readonly recordWrites: number;
  readonly statusWrites: number;
  readonly events: readonly TrustEvent[];
  readonly hours: number;
  /** By reason of the object's `Applied`: when it was first reported. */
  readonly firstReported: ReadonlyMap<string, number>;
}

/** Makes passes when they are due, while a condition lasts, and counts their effects. */
export async function endure(
  world: World,
  { fault, begins }: Condition,
  ms: number,
  name = 'team/a',
): Promise<Account> {
  begins?.(world);
  const start = world.now;
  const puts: number[] = [];
  const events: TrustEvent[] = [];
  const firstReported = new Map<string, number>();
  let [passes, recordWrites, statusWrites] = [0, 0, 0];
  while (world.now < start + ms) {
    passes += 1;
    // Without this a reconcile that asks for no pause would never end the test.
    if (passes > 100 * (ms / HOUR) + 1000) throw new Error(`${passes} passes in ${(world.now - start) / HOUR} h`);
    const before = { record: world.record, objects: new Map(world.objects) };
    const { sent, afterMs } = await world.pass(fault?.(passes));
    if (sent) puts.push(world.now - start);
    if (!isDeepStrictEqual(before.record, world.record)) recordWrites += 1;
    for (const [key, { status }] of world.objects) {
      const old = before.objects.get(key)?.status;
      if (isDeepStrictEqual(old, status) || !status) continue;
      statusWrites += 1;
      events.push(...eventsOf(old, status));
    }
    const applied = world.objects.get(name)?.status?.conditions?.find(({ type }) => type === 'Applied');
    if (applied && !firstReported.has(applied.reason)) firstReported.set(applied.reason, world.now - start);
    // A reconcile that waits only for an edit gives no time.
    world.wait(Math.min(Math.max(afterMs, 1), start + ms - world.now));
  }
  const hours = (world.now - start) / HOUR;
  return { puts, passes: passes, recordWrites, statusWrites, events, hours, firstReported: firstReported };
}
