import type { CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import type { Aks } from './aks.ts';
import { POOL } from '../rules/certificates.ts';
import { API_VERSION } from './names.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** One thing that people do; all of it is decided before the history begins, so that another history can repeat it. */
export interface Act {
  /** ms from the beginning. */
  readonly at: number;
  /** namespace/name. */
  readonly object: string;
  readonly what: { readonly kind: 'Create' | 'Edit'; readonly spec: CustomCATrustSpec } | { readonly kind: 'Delete' };
}

/** What a history of one condition is made of. */
export interface Script {
  readonly acts: readonly Act[];
  /** When the condition begins and ends, in ms from the beginning. */
  readonly from: number;
  readonly to: number;
  /** When somebody takes a certificate out of the list of each cluster, in ms from the beginning. */
  readonly drift: number | undefined;
  /** True where objects are given access to the nodes of their cluster. */
  readonly nodeAccess: boolean;
  /** Processes that are killed meanwhile, in ms from the beginning. */
  readonly kills: readonly number[];
}

/** The cluster that conditions are about. */
export const AFFLICTED = 'prod';
/** The object of another namespace that conditions of one object are about. */
export const TENANT = 'ops/x';
/** The object that asks for a write when a condition has begun. */
export const VICTIM = 'team/a';

/** Name of a namespace's own Secret for a cluster; no other namespace may see it. */
export function secretOf(namespace: string, cluster: string): string {
  return `${namespace}-only-${cluster}`;
}

export function drawScript(random: Random, clusters: readonly Aks[]): Script {
  const settle = random.pick([0, 0, 30]);
  const nodeAccess = random.chance(0.6);
  const begun = random.pick([0, MINUTE + settle * 1000 + random.between(3000, 90_000), 30 * MINUTE]);
  const to = begun + random.between(6, 8) * HOUR;
  const [afflicted, healthy] = clusters;
  if (!afflicted || !healthy) throw new Error('a script is about two clusters');
  // No two users name the same certificate, so that each has an end of its own.
  const own = (first: number) => [first, first + 1, first + 2] as const;
  const specOf = (aks: Aks, namespace: string, roots: readonly number[]): CustomCATrustSpec => ({
    target: {
      resourceId: aks.id.resourceId,
      ...(nodeAccess ? { nodeAccess: { kubeconfigSecretRef: { name: secretOf(namespace, aks.options.name) } } } : {}),
    },
    certificates: roots.map((root) => ({ name: `ca-${root}`, pem: POOL[root]!.pem })),
    allowEmpty: false,
    settleSeconds: settle,
    suspend: false,
    deletionPolicy: 'Remove',
    unmanagedCertificates: 'Keep',
    invalidCertificates: 'Hold',
  });
  const some = (roots: readonly number[]) => {
    const chosen = roots.filter(() => random.chance(0.6));
    return chosen.length > 0 ? chosen : roots.slice(0, 1);
  };
  const cast = [
    { object: VICTIM, aks: afflicted, roots: own(0) },
    { object: TENANT, aks: afflicted, roots: own(3) },
    { object: 'team/c', aks: healthy, roots: own(6) },
    ...(random.chance(0.5) ? [{ object: 'ops/d', aks: healthy, roots: own(9) }] : []),
    ...clusters.slice(2).map((aks, place) => ({ object: `team/f${place}`, aks, roots: own(place) })),
  ];
  const spec = ({ object, aks }: (typeof cast)[number], roots: readonly number[]) =>
    specOf(aks, object.slice(0, object.indexOf('/')), roots);
  const acts: Act[] = cast.map((one) => ({
    at: random.between(40_000, 60_000),
    object: one.object,
    what: { kind: 'Create', spec: spec(one, one.roots.slice(0, 1)) },
  }));
  // Under every condition, a write is due soon after it began.
  acts.push({
    at: Math.max(begun, MINUTE) + 30_000,
    object: VICTIM,
    what: { kind: 'Edit', spec: spec(cast[0]!, [0, 1]) },
  });
  for (let at = begun + random.between(30, 60) * MINUTE; at < to - 4 * HOUR; at += random.between(30, 120) * MINUTE) {
    const one = random.pick(cast);
    acts.push({ at, object: one.object, what: { kind: 'Edit', spec: spec(one, some(one.roots)) } });
  }
  const leaver = random.chance(0.3) ? random.pick(cast.slice(1)) : undefined;
  if (leaver) acts.push({ at: to - 3.5 * HOUR, object: leaver.object, what: { kind: 'Delete' } });
  // Where nothing else is done any more.
  const drift = leaver === undefined ? to - 3.3 * HOUR : undefined;
  const kills = random.chance(0.4) ? [random.between(begun, to - HOUR)] : [];
  return { acts: acts.sort((a, b) => a.at - b.at), from: begun, to, drift, nodeAccess, kills };
}

/** Somebody takes the first certificate out of each list that has one. */
export function takeOut(world: World): void {
  for (const aks of world.aks) {
    if (aks.running || aks.stopped || !aks.exists || !aks.list?.length) continue;
    world.note(`foreign TakeOut of ${aks.options.name}`);
    aks.begin({ ours: false, state: 'Updating', list: aks.list.slice(1), ms: MINUTE });
  }
}

export function perform(world: World, { object, what }: Act): void {
  const { api } = world;
  world.note(`user ${what.kind} ${object}`);
  switch (what.kind) {
    case 'Create':
      api.create('customcatrusts', object, {
        apiVersion: API_VERSION,
        kind: 'CustomCATrust',
        spec: { ...what.spec },
      });
      return;
    case 'Edit':
      if (!api.get('customcatrusts', object)) return;
      // A condition may have changed the rest.
      api.update('customcatrusts', object, (one) => ({
        ...one,
        spec: { ...one.spec, certificates: what.spec.certificates ?? [] },
      }));
      return;
    case 'Delete':
      if (api.get('customcatrusts', object)) api.delete('customcatrusts', object);
      return;
  }
}
