import type { CustomCATrust, CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import type { Aks } from './aks.ts';
import type { Stored } from './api-server.ts';
import { BAD_PEM, POOL } from '../rules/certificates.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from './names.ts';
import type { Random } from './random.ts';
import { kubeconfigSecret } from './target.ts';
import { drawWindow } from './windows.ts';
import type { World } from './world.ts';

const NAMES = ['team/a', 'team/b', 'team/c', 'ops/a', 'ops/d'] as const;

type Entry = NonNullable<CustomCATrustSpec['certificates']>[number];

/** Who uses the API, and how in this history. */
export interface UserHabits {
  readonly nodeAccess: boolean;
  /** Settle times that people choose, in seconds. */
  readonly settle: readonly number[];
}

/** Somebody does something to one of the objects. */
export function userAct(world: World, habits: UserHabits): void {
  const { random, api } = world;
  const present = api.list('customcatrusts').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const free = NAMES.filter((name) => !present.includes(name));
  if (present.length === 0 || (free.length > 0 && present.length < 4 && random.chance(0.3))) {
    createTrust(world, random.pick(free), specOf(random, random.pick(world.aks), habits));
    return;
  }
  const name = random.pick(present);
  const what = random.weighted([
    [6, 'Certificates'],
    [2, 'Spec'],
    [2, 'Spoil'],
    [2, 'Suspend'],
    [4, 'Delete'],
    [1.5, 'Rename'],
    [1.5, 'Request'],
    [0.5, 'Vanish'],
    [0.3, 'LoseRecord'],
  ] as const);
  world.note(`user ${what} ${name}`);
  switch (what) {
    case 'Certificates':
      return edit(world, name, () => ({ certificates: entriesOf(random) }));
    case 'Spec':
      return edit(world, name, () =>
        random.pick<Partial<CustomCATrustSpec>>([
          { unmanagedCertificates: 'Remove' },
          { unmanagedCertificates: random.pick(['Keep', 'Remove']) },
          { invalidCertificates: random.pick(['Hold', 'Skip']) },
          { deletionPolicy: random.pick(['Retain', 'Remove']) },
          { settleSeconds: random.pick(habits.settle) },
          { allowEmpty: random.chance(0.5) },
          { window: drawWindow(random, world.scheduler.now) },
        ]),
      );
    case 'Spoil':
      return edit(world, name, spoil(random));
    case 'Suspend':
      return edit(world, name, ({ suspend }) => ({ suspend: suspend !== true }));
    case 'Delete':
      if (random.chance(0.6))
        edit(world, name, () => ({ deletionPolicy: random.pick(['Retain', 'Remove', 'Remove']) }));
      api.delete('customcatrusts', name);
      return;
    case 'Rename': {
      const { spec } = api.get('customcatrusts', name) as unknown as CustomCATrust;
      if (free.length === 0) return;
      createTrust(world, random.pick(free), spec);
      api.delete('customcatrusts', name);
      return;
    }
    case 'Request':
      return request(world, name);
    case 'Vanish': {
      const object = api.get('customcatrusts', name)!;
      world.ledger.lives.get(object.metadata.uid ?? '')!.vanished = true;
      api.update('customcatrusts', name, (one) => ({ ...one, metadata: { ...one.metadata, finalizers: [] } }));
      if (api.get('customcatrusts', name)) api.delete('customcatrusts', name);
      return;
    }
    case 'LoseRecord':
      return loseRecord(world);
  }
}

/** Deletes a record of a cluster, as a person with the rights for it could. */
export function loseRecord({ api, ledger }: Pick<World, 'api' | 'ledger'>): void {
  const [record] = api.list('targetclusters');
  if (!record) return;
  ledger.forget(String(record.spec?.['resourceId']).toLowerCase());
  api.delete('targetclusters', record.metadata.name);
}

export function request(world: World, name: string): void {
  world.api.update('customcatrusts', name, (object) => {
    const annotations = { ...object.metadata.annotations, [RECONCILE_REQUESTED_AT]: String(world.scheduler.now) };
    return { ...object, metadata: { ...object.metadata, annotations } };
  });
}

/** Its changes no longer wait for a window. */
export function removeWindow(world: World, name: string): void {
  world.api.update('customcatrusts', name, (object) => {
    const { window: _, ...spec } = (object as unknown as CustomCATrust).spec;
    return { ...object, spec: { ...spec } };
  });
}

function createTrust(world: World, name: string, spec: CustomCATrustSpec): void {
  world.note(`user Create ${name}`);
  const object = { apiVersion: API_VERSION, kind: 'CustomCATrust', spec: { ...spec } } satisfies Partial<Stored>;
  world.api.create('customcatrusts', name, object);
}

function specOf(random: Random, aks: Aks, { nodeAccess, settle }: UserHabits): CustomCATrustSpec {
  return {
    target: {
      resourceId: random.chance(0.2) ? aks.id.resourceId.toUpperCase() : aks.id.resourceId,
      ...(nodeAccess ? { nodeAccess: { kubeconfigSecretRef: { name: kubeconfigSecret(aks.options.name) } } } : {}),
    },
    certificates: entriesOf(random),
    // An edit that leaves none is meant in some objects, and a mistake in others.
    allowEmpty: random.chance(0.6),
    settleSeconds: random.pick(settle),
    suspend: false,
    deletionPolicy: random.pick(['Retain', 'Remove']),
    unmanagedCertificates: random.pick(['Keep', 'Keep', 'Remove']),
    invalidCertificates: random.pick(['Hold', 'Hold', 'Skip']),
  };
}

function entriesOf(random: Random): Entry[] {
  const count = random.weighted([
    [1, 0],
    [4, 1],
    [3, 2],
    [2, 4],
    [1, 7],
  ]);
  const chosen = Array.from({ length: count }, () => random.pick(POOL).pem);
  if (random.chance(0.3)) return count === 0 ? [] : [{ name: 'all', pem: chosen.join('') }];
  return chosen.map((pem, index) => ({ name: `ca-${index}`, pem: random.chance(0.2) ? respell(pem) : pem }));
}

/** The same certificate, written otherwise. */
function respell(pem: string): string {
  return `# corporate root\r\n${pem.replaceAll('\n', '\r\n')}`;
}

/** Puts something unreadable in, in the place of something or besides it, or takes it out again. */
function spoil(random: Random): (spec: CustomCATrustSpec) => Partial<CustomCATrustSpec> {
  return ({ certificates = [] }) => {
    const good = certificates.filter(({ pem }) => pem !== BAD_PEM);
    if (good.length < certificates.length) return { certificates: good };
    return {
      certificates: [...(random.chance(0.5) ? certificates : certificates.slice(1)), { name: 'bad', pem: BAD_PEM }],
    };
  };
}

function edit(world: World, name: string, change: (spec: CustomCATrustSpec) => Partial<CustomCATrustSpec>): void {
  world.api.update('customcatrusts', name, (object) => {
    const { spec } = object as unknown as CustomCATrust;
    const edited = { ...spec, ...change(spec) };
    if (isAdmitted(spec, edited)) return { ...object, spec: edited };
    world.note(`the API server refuses to empty ${name}`);
    return object;
  });
}

/** The rule of the CRD: a list is emptied only where that is meant. */
function isAdmitted(before: CustomCATrustSpec, { allowEmpty, certificates = [] }: CustomCATrustSpec): boolean {
  return allowEmpty === true || certificates.length > 0 || (before.certificates ?? []).length === 0;
}
