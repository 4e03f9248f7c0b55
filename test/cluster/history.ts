import fc from 'fast-check';
import type { CustomCATrust, CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import { RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { fingerprintsOf } from '../../src/cluster/trust/listed.ts';
import { at, BAD_PEM, element, entriesOf, listOf, rootOf, SECOND, MINUTE, trust, type TrustEntry } from './build.ts';
import { REFUSALS, type Fault, type World } from './world.ts';

const OBJECTS = ['a', 'b', 'c'] as const;
type Name = (typeof OBJECTS)[number];

/** Something that happens to the cluster or its objects. */
export type Event =
  | { readonly kind: 'Want'; readonly object: Name; readonly roots: readonly number[]; readonly settleSeconds: number }
  | { readonly kind: 'Set'; readonly object: Name; readonly spec: Partial<CustomCATrustSpec> }
  | { readonly kind: 'Spoil'; readonly object: Name; readonly bad: boolean }
  | { readonly kind: 'Delete'; readonly object: Name; readonly policy: 'Retain' | 'Remove' }
  | { readonly kind: 'Vanish'; readonly object: Name }
  | { readonly kind: 'Rename'; readonly object: Name; readonly to: Name }
  | { readonly kind: 'Request'; readonly object: Name }
  | { readonly kind: 'Foreign'; readonly change: ForeignChange; readonly root: number }
  | { readonly kind: 'NextEnd'; readonly end: 'Failed' | 'Canceled' }
  | { readonly kind: 'Stop'; readonly stopped: boolean }
  | { readonly kind: 'Recreate' }
  | { readonly kind: 'Restart' }
  | { readonly kind: 'Wait'; readonly ms: number };

export type ForeignChange = 'Add' | 'TakeOut' | 'Reverse' | 'Repeat' | 'Bundle' | 'Opaque' | 'Respell' | 'Empty';

export interface Step {
  readonly event: Event;
  readonly fault?: Fault | undefined;
}

const object = fc.constantFrom(...OBJECTS);
const root = fc.nat(12);
const roots = fc.uniqueArray(root, { maxLength: 7 });
const FAULTS: readonly Fault[] = [
  'Unreachable',
  'StaleRead',
  'CrashBeforeRecord',
  'CrashBeforePut',
  'CrashAfterPut',
  'LostArrived',
  'LostNever',
  'LostLate',
  ...(Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]),
];

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('Want' as const),
      object,
      roots,
      settleSeconds: fc.constantFrom(0, 0, 30, 600),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('Set' as const),
      object,
      spec: fc.oneof(
        fc.record({ suspend: fc.boolean() }),
        fc.record({ unmanagedCertificates: fc.constantFrom('Keep' as const, 'Remove' as const, 'Remove' as const) }),
        fc.record({ invalidCertificates: fc.constantFrom('Hold' as const, 'Skip' as const) }),
        fc.record({ deletionPolicy: fc.constantFrom('Retain' as const, 'Remove' as const) }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Spoil' as const), object, bad: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('Delete' as const),
      object,
      policy: fc.constantFrom('Retain' as const, 'Remove' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Vanish' as const), object }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Rename' as const), object, to: object }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Request' as const), object }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('Foreign' as const),
      change: fc.constantFrom<ForeignChange>(
        'Add',
        'TakeOut',
        'TakeOut',
        'Reverse',
        'Repeat',
        'Bundle',
        'Opaque',
        'Respell',
        'Empty',
      ),
      root,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('NextEnd' as const),
      end: fc.constantFrom('Failed' as const, 'Canceled' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Stop' as const), stopped: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constantFrom<Event>({ kind: 'Recreate' }, { kind: 'Restart' }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('Wait' as const),
      ms: fc.constantFrom(SECOND, 10 * SECOND, 31 * SECOND, 70 * SECOND, 5 * MINUTE, 12 * MINUTE, 90 * MINUTE),
    }),
  },
);

export const step: fc.Arbitrary<Step> = fc.record({
  event,
  fault: fc.option(fc.constantFrom(...FAULTS), { nil: undefined, freq: 3 }),
});

/** Does to the world what happens; what AKS or Kubernetes would refuse does not happen. */
export function happen(world: World, event: Event): void {
  switch (event.kind) {
    case 'Want': {
      const { object, roots, settleSeconds } = event;
      const found = world.objects.get(key(object));
      if (!found) create(world, trust(object, roots, { ...common(world), settleSeconds }));
      else edit(world, object, { certificates: withBad(entriesOf(roots), isBad(found)) });
      return;
    }
    case 'Set':
      return edit(world, event.object, event.spec);
    case 'Spoil': {
      const found = world.objects.get(key(event.object));
      if (!found || isBad(found) === event.bad) return;
      const good = (found.spec.certificates ?? []).filter(({ name }) => name !== 'bad');
      return edit(world, event.object, { certificates: withBad(good, event.bad) });
    }
    case 'Delete': {
      edit(world, event.object, { deletionPolicy: event.policy });
      return mark(world, event.object);
    }
    case 'Vanish':
      world.objects.delete(key(event.object));
      return;
    case 'Rename': {
      const found = world.objects.get(key(event.object));
      if (!found || world.objects.has(key(event.to))) return;
      create(world, { ...trust(event.to, [], common(world)), spec: found.spec });
      return mark(world, event.object);
    }
    case 'Request': {
      const found = world.objects.get(key(event.object));
      if (!found) return;
      const annotations = { [RECONCILE_REQUESTED_AT]: at(world.now) };
      world.objects.set(key(event.object), { ...found, metadata: { ...found.metadata, annotations } });
      return;
    }
    case 'Foreign': {
      const elements = changeList(world.cluster.elements, event.change, event.root);
      if (elements) world.cluster.foreignPut(elements, world.now);
      return;
    }
    case 'NextEnd':
      world.cluster.nextEnd = event.end;
      return;
    case 'Stop':
      world.cluster.stopped = event.stopped && world.cluster.state !== 'Updating';
      return;
    case 'Recreate':
      return world.cluster.recreate(world.now);
    case 'Restart':
      return world.restart();
    case 'Wait':
      return world.wait(event.ms);
  }
}

function key(name: string): string {
  return `team/${name}`;
}

function common(world: World) {
  const uid = `uid-${world.now}-${world.objects.size}`;
  return { allowEmpty: true, createdAt: world.now, uid, nodeAccess: world.nodeAccess };
}

function create(world: World, object: CustomCATrust): void {
  world.objects.set(key(object.metadata.name), object);
}

/** As the API server does: an object that is being deleted can still be edited. */
function edit(world: World, name: Name, spec: Partial<CustomCATrustSpec>): void {
  const found = world.objects.get(key(name));
  if (!found) return;
  const generation = (found.metadata.generation ?? 1) + 1;
  const metadata = { ...found.metadata, generation };
  world.objects.set(key(name), { ...found, metadata, spec: { ...found.spec, ...spec } });
}

function mark(world: World, name: Name): void {
  const found = world.objects.get(key(name));
  if (!found || found.metadata.deletionTimestamp !== undefined) return;
  const metadata = {
    ...found.metadata,
    deletionTimestamp: at(world.now),
    generation: (found.metadata.generation ?? 1) + 1,
  };
  world.objects.set(key(name), { ...found, metadata });
}

function isBad({ spec }: CustomCATrust): boolean {
  return (spec.certificates ?? []).some(({ name }) => name === 'bad');
}

function withBad(entries: readonly TrustEntry[], bad: boolean): TrustEntry[] {
  return bad ? [...entries, { name: 'bad', pem: BAD_PEM }] : [...entries];
}

export function changeList(
  list: readonly string[],
  change: ForeignChange,
  root: number,
): readonly string[] | undefined {
  const place = list.length === 0 ? 0 : root % list.length;
  switch (change) {
    case 'Add':
      return [...list, element(root)];
    case 'TakeOut':
      return list.length === 0 ? undefined : list.filter((_, index) => index !== place);
    case 'Reverse':
      return [...list].reverse();
    case 'Repeat':
      return list.length === 0 ? undefined : [...list, list[place] ?? ''];
    case 'Bundle': {
      const roots = listOf(...list.slice(place, place + 3))
        .flatMap(fingerprintsOf)
        .map(rootOf);
      return [...list.slice(0, place), element(...roots, root), ...list.slice(place + 3)];
    }
    case 'Opaque':
      return [...list, btoa(`opaque ${root}`)];
    case 'Respell':
      return list.map((text, index) => (index === place ? btoa(`# a comment\n${atob(text)}`) : text));
    case 'Empty':
      return [];
  }
}
