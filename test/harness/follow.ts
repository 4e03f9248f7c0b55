import type { Entries, TrustOptions } from './build.ts';
import { element, rootsIn, trust } from './build.ts';
import { World, type PassOutcome, type Sent } from './world.ts';
import type { Seams } from './memory-rig.ts';

/** A world with objects over a list of these roots, for tests that follow it pass by pass. */
export function worldOf(
  objects: Readonly<Record<string, Entries | readonly [Entries, TrustOptions]>>,
  options: {
    list?: readonly number[];
    eTags?: boolean;
    nodeAccess?: boolean;
    recordAsRead?: Seams['recordAsRead'];
  } = {},
): World {
  const { list = [], eTags = true, nodeAccess = true, recordAsRead } = options;
  const world = new World({ eTags, nodeAccess, recordAsRead, elements: list.map((root) => element(root)) });
  for (const [name, wanted] of Object.entries(objects)) {
    const [entries, more] = hasOptions(wanted) ? wanted : [wanted, {}];
    put(world, name, entries, more);
  }
  return world;
}

function hasOptions(wanted: Entries | readonly [Entries, TrustOptions]): wanted is readonly [Entries, TrustOptions] {
  return Array.isArray(wanted) && wanted.length === 2 && typeof wanted[1] === 'object';
}

/** Makes or edits an object, as `kubectl apply` does. An edit may leave no certificate, unless `allowEmpty` is false. */
export function put(world: World, name: string, entries: Entries, options: TrustOptions = {}): void {
  const before = world.objects.get(`team/${name}`);
  const generation = (before?.metadata.generation ?? 0) + 1;
  const object = trust(name, entries, { nodeAccess: world.nodeAccess, generation, allowEmpty: true, ...options });
  world.objects.set(`team/${name}`, before?.status ? { ...object, status: before.status } : object);
}

/** Makes passes when they are due, for this long. */
export async function passesFor(world: World, ms: number): Promise<PassOutcome[]> {
  const end = world.now + ms;
  const passes: PassOutcome[] = [];
  while (world.now < end) {
    const outcome = await world.pass();
    passes.push(outcome);
    world.wait(Math.min(Math.max(outcome.afterMs, 1), end - world.now));
  }
  return passes;
}

export function sentBy(passes: readonly PassOutcome[]): Sent[] {
  return passes.flatMap(({ sent }) => (sent ? [sent] : []));
}

/** The cluster's list, by roots. */
export function rootsOf(world: World): number[] {
  return rootsIn(world.cluster.elements).flat();
}

/** Another client writes this list. Throws when the cluster is busy. */
export function overwrite(world: World, ...roots: number[]): void {
  const taken = world.cluster.foreignPut(
    roots.map((root) => element(root)),
    world.now,
  );
  if (!taken) throw new Error('the cluster is busy');
}

export function condition(world: World, name: string, type: string) {
  return world.objects.get(`team/${name}`)?.status?.conditions?.find((one) => one.type === type);
}

export function reasonOf(world: World, name: string, type: string): string | undefined {
  return condition(world, name, type)?.reason;
}
