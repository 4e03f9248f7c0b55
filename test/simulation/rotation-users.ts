import type { CertificateRotation, CertificateRotationSpec } from '../../src/api/generated/certificaterotations.ts';
import type { Aks } from './aks.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from './names.ts';
import { kubeconfigSecret } from './target.ts';
import { loseRecord, type UserHabits } from './users.ts';
import { drawWindow } from './windows.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const NAMES = ['team/r', 'team/s', 'ops/r'] as const;
const KIND = 'certificaterotations';

type Spec = CertificateRotationSpec;
type Request = Pick<Spec, 'request' | 'requestedAt'>;

/** Specs that objects once had: a backup may bring them back. */
const backups = new WeakMap<World['api'], Spec[]>();

/** A person does something to one of the CertificateRotation objects. */
export function rotationUserAct(world: World, habits: UserHabits): void {
  const { random, api } = world;
  const present = api.list(KIND).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const free = NAMES.filter((name) => !present.includes(name));
  if (present.length === 0 || (free.length > 0 && random.chance(0.12))) {
    const aks = random.pick(world.aks);
    const [first] = api.list(KIND);
    const copied = first && random.chance(0.6) ? (first as unknown as CertificateRotation).spec : undefined;
    return create(world, random.pick(free), copied ?? specOf(world, aks, habits));
  }
  const name = random.pick(present);
  const what = random.weighted([
    [6, 'Ask'],
    [1.5, 'Window'],
    [1, 'Mode'],
    [2, 'Suspend'],
    [1.5, 'Delete'],
    [2, 'Restore'],
    [1, 'LoseStatus'],
    [2, 'Word'],
    [0.5, 'LoseRecord'],
  ] as const);
  world.note(`user ${what} ${name}`);
  switch (what) {
    case 'Ask':
      return edit(world, name, ({ request: _, requestedAt: __, ...spec }) => ({
        ...spec,
        ...requestFor(world, clusterOf(world, name)),
      }));
    case 'Window':
      return edit(world, name, ({ window: _, ...spec }) =>
        random.chance(0.5) ? spec : { ...spec, window: drawWindow(random, world.scheduler.now) },
      );
    case 'Mode':
      return edit(world, name, ({ mode, ...spec }) =>
        mode === 'Rotate' ? { ...spec, mode: 'Monitor' } : { ...spec, mode: 'Rotate', acceptDowntime: true },
      );
    case 'Suspend':
      return edit(world, name, ({ suspend, ...spec }) => ({ ...spec, suspend: suspend !== true }));
    case 'Delete':
      api.delete(KIND, name);
      return;
    case 'Restore': {
      const spec = random.pick(backups.get(api) ?? []);
      api.delete(KIND, name);
      return create(world, name, spec);
    }
    case 'LoseStatus':
      api.update(KIND, name, ({ status: _, ...object }) => object);
      return;
    case 'Word':
      return giveWord(world, name);
    case 'LoseRecord':
      return loseRecord(world);
  }
}

/** Git, or a backup, brings back the request for the rotation that has just ended. */
export function applyAgain(world: World, aks: Aks): void {
  const [object] = world.api
    .list(KIND)
    .filter(({ spec }) => (spec?.['target'] as Spec['target']).resourceId.toLowerCase() === aks.key);
  const replaceCA = aks.cas.at(-2)?.fingerprint;
  if (!object || replaceCA === undefined) return;
  const name = `${object.metadata.namespace}/${object.metadata.name}`;
  world.note(`the old request of ${name} is applied again`);
  edit(world, name, ({ requestedAt: _, ...spec }) => ({ ...spec, request: { replaceCA } }));
}

/** Releases what waits for a person, and opens every window. */
export function releaseRotations(world: World): void {
  for (const { metadata } of world.api.list(KIND)) {
    const name = `${metadata.namespace}/${metadata.name}`;
    edit(world, name, ({ window: _, ...spec }) => spec);
    giveWord(world, name);
  }
}

function giveWord({ api, scheduler }: World, name: string): void {
  api.update(KIND, name, (object) => {
    const annotations = { ...object.metadata.annotations, [RECONCILE_REQUESTED_AT]: String(scheduler.now) };
    return { ...object, metadata: { ...object.metadata, annotations } };
  });
}

function create(world: World, name: string, spec: Spec): void {
  world.note(`user Create ${name}`);
  keep(world, spec);
  world.api.create(KIND, name, { apiVersion: API_VERSION, kind: 'CertificateRotation', spec: { ...spec } });
}

function edit(world: World, name: string, change: (spec: Spec) => Spec): void {
  world.api.update(KIND, name, (object) => {
    const spec = change((object as unknown as CertificateRotation).spec);
    keep(world, spec);
    return { ...object, spec: { ...spec } };
  });
}

function keep({ api }: World, spec: Spec): void {
  backups.set(api, [...(backups.get(api) ?? []), spec]);
}

function clusterOf(world: World, name: string): Aks {
  const { spec } = world.api.get(KIND, name) as unknown as CertificateRotation;
  return world.aks.find(({ key }) => key === spec.target.resourceId.toLowerCase())!;
}

function specOf(world: World, aks: Aks, { nodeAccess }: UserHabits): Spec {
  const { random, scheduler } = world;
  const isWatcher = random.chance(0.1);
  return {
    target: {
      resourceId: aks.id.resourceId,
      ...(nodeAccess ? { nodeAccess: { kubeconfigSecretRef: { name: kubeconfigSecret(aks.options.name) } } } : {}),
    },
    ...(isWatcher ? { mode: 'Monitor' } : { mode: 'Rotate', acceptDowntime: true }),
    ...requestFor(world, aks),
    ...(random.chance(0.15) ? { window: drawWindow(random, scheduler.now) } : {}),
    suspend: false,
  };
}

function requestFor({ random, scheduler }: World, aks: Aks): Request {
  const at = (ms: number) => ({ requestedAt: new Date(Math.floor(ms / 1000) * 1000).toISOString() });
  const { now } = scheduler;
  const replace = (replaceCA = 'f'.repeat(64)) => ({ request: { replaceCA } });
  const kind = random.weighted([
    [6, 'Present'],
    // A listing that is stale may have the CA that was there before.
    [now < (aks.rotation?.endedAt ?? -Infinity) + MINUTE ? 12 : 1, 'Earlier'],
    [0.5, 'Unheard'],
    [4, 'Now'],
    [1, 'Past'],
    [1, 'Soon'],
    [0.5, 'Both'],
  ] as const);
  switch (kind) {
    case 'Present':
      return replace(aks.ca?.fingerprint);
    case 'Earlier':
      return replace(aks.cas.at(-2)?.fingerprint);
    case 'Unheard':
      return replace();
    case 'Now':
      return at(now);
    case 'Past':
      return at(now - random.between(0, 26 * 60) * MINUTE);
    case 'Soon':
      return at(now + random.between(0, 10) * MINUTE);
    case 'Both':
      return { ...replace(aks.ca?.fingerprint), ...at(now) };
  }
}
