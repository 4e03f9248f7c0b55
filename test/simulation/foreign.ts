import type { Aks, End } from './aks.ts';
import { POOL, readElement } from '../rules/certificates.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** Somebody else changes the cluster, as far as AKS lets them. */
export function foreignWrite(world: World, aks: Aks): void {
  const { random } = world;
  if (!aks.exists) return;
  const what = random.weighted([
    [6, 'List'],
    [2, 'Tag'],
    [1, 'Scale'],
    [1, 'Upgrade'],
  ] as const);
  world.note(`foreign ${what} on ${aks.options.name}`);
  if (what === 'Tag') {
    aks.edit(() => {
      aks.revision += 1;
    });
    return;
  }
  if (aks.running || aks.stopped) return;
  const ms = random.between(20_000, 180_000);
  switch (what) {
    case 'List': {
      const list = changedList(random, aks.list ?? []);
      if (list) aks.begin({ ours: false, state: 'Updating', list, ms });
      return;
    }
    case 'Scale':
      aks.begin({ ours: false, state: 'Scaling', ms });
      if (random.chance(0.5)) aks.edit(() => aks.bear());
      else if (aks.nodes.length > 1) aks.edit(() => (aks.nodes = aks.nodes.slice(1)));
      return;
    case 'Upgrade':
      aks.begin({ ours: false, state: 'Upgrading', ms });
      return;
  }
}

/** Somebody else waited for us to end, and fails. */
export function followUp(world: World, aks: Aks): void {
  const { random, scheduler } = world;
  scheduler.after(random.between(0, 5000), () => {
    if (aks.running || aks.stopped || !aks.exists) return;
    world.note(`foreign failing Scale on ${aks.options.name}`);
    aks.nextEnd = random.pick(['Failed', 'Failed', 'Canceled']);
    aks.begin({ ours: false, state: 'Scaling', ms: random.between(5000, 60_000) });
  });
}

/** What people, autoscalers and portals do to a cluster besides writing to it. */
export function foreignAct(world: World, aks: Aks): void {
  const { random, scheduler } = world;
  if (world.rotations && random.chance(0.25)) return foreignRotation(world, aks);
  const what = random.weighted([
    [8, 'Write'],
    [3, 'FailNext'],
    [1, 'CancelNext'],
    [2, 'Abort'],
    [2, 'Stop'],
    [2, 'LoseNode'],
    [2, 'AddNode'],
    [1, 'Recreate'],
    [0.5, 'Remove'],
  ] as const);
  if (what !== 'Write') world.note(`foreign ${what} on ${aks.options.name}`);
  const failNext = (end: End) => {
    aks.nextEnd = end;
  };
  switch (what) {
    case 'Write':
      return foreignWrite(world, aks);
    case 'FailNext':
      return failNext('Failed');
    case 'CancelNext':
      return failNext('Canceled');
    case 'Abort':
      return aks.finish('Canceled');
    case 'Stop':
      if (aks.running || !aks.exists) return;
      aks.edit(() => {
        aks.stopped = true;
      });
      scheduler.after(random.between(10_000, 900_000), () => {
        if (aks.stopped)
          aks.edit(() => {
            aks.stopped = false;
          });
      });
      return;
    case 'LoseNode':
      if (aks.nodes.length > 1) aks.edit(() => (aks.nodes = aks.nodes.slice(1)));
      return;
    case 'AddNode':
      // Machines that were made before a change of the list may register while it runs.
      if (aks.exists && aks.nodes.length < 6) aks.edit(() => aks.bear(0, undefined, aks.state === 'Updating'));
      return;
    case 'Recreate':
      world.ledger.forget(aks.key);
      return aks.recreate();
    case 'Remove':
      world.ledger.forget(aks.key);
      aks.remove();
      scheduler.after(random.between(10_000, 1200_000), () => {
        if (!aks.exists) aks.recreate();
      });
      return;
  }
}

/** Another client rotates the cluster's certificates, as `az aks rotate-certs` does. */
function foreignRotation(world: World, aks: Aks): void {
  const { random } = world;
  if (aks.running || aks.stopped || !aks.exists) return;
  const fate = random.pick(['Succeeds', 'Succeeds', 'Succeeds', 'FailsBefore', 'FailsAfter', 'InVain'] as const);
  world.note(`foreign rotation of ${aks.options.name}: ${fate}`);
  aks.rotate({ ours: false, ms: random.between(6, 25) * 60_000, fate });
}

function changedList(random: Random, list: readonly string[]): readonly string[] | undefined {
  const place = random.below(Math.max(1, list.length));
  const at = list[place];
  const { element, pem } = random.pick(POOL);
  const full = list.length >= 10;
  switch (
    random.pick(['Add', 'TakeOut', 'TakeOut', 'Reverse', 'Repeat', 'Bundle', 'Opaque', 'Respell', 'Empty'] as const)
  ) {
    case 'Add':
      return full ? undefined : [...list, element];
    case 'TakeOut':
      return list.length === 0 ? undefined : list.filter((_, index) => index !== place);
    case 'Reverse':
      return [...list].reverse();
    case 'Repeat':
      return full || at === undefined ? undefined : [...list, at];
    case 'Bundle': {
      const fingerprints = list.slice(place, place + 2).flatMap(readElement);
      const pems = POOL.filter(({ fingerprint }) => fingerprints.includes(fingerprint)).map((one) => one.pem);
      return [...list.slice(0, place), btoa([...pems, pem].join('')), ...list.slice(place + 2)];
    }
    case 'Opaque':
      return full ? undefined : [...list, btoa(`opaque ${random.below(3)}`)];
    case 'Respell':
      return at === undefined ? undefined : list.map((one) => (one === at ? btoa(`# a comment\r\n${atob(one)}`) : one));
    case 'Empty':
      return [];
  }
}
