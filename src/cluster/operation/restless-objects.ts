import type { Intent } from '../model/intent.ts';

/**
 * Objects that change again and again while a change of their cluster is about to be sent. Whoever may name a cluster may edit an
 * object without a pause, and must not hold back everybody else: after some races that were lost to it, the share of such an
 * object stays as it is until the object rests. Kept in memory: a process that starts loses as many races once more.
 */
export interface RestlessObjects {
  /** The objects of a cluster as a pass begins: those that are restless are frozen. An edit since the last pass starts the rest anew. */
  freeze(key: string, intents: readonly Intent[]): readonly Intent[];
  /**
   * A change of the cluster was not sent because these objects, by namespace/name, were edited meanwhile. `Each`: whatever other
   * objects of their namespaces do, says nothing of them.
   */
  lostRace(key: string, names: readonly string[], who?: 'Each'): void;
  /** The change went out: the races before it no longer count. */
  sent(key: string): void;
  has(key: string, name: string): boolean;
  forget(key: string): void;
}

/** Races in a row that are lost to one object, or to the objects of one namespace, before its share is frozen. */
const RACES = 3;
/** How long an object must stay as it is before it counts again, in ms. */
export const REST_MS = 5 * 60_000;
/** Races further apart than this are not in a row, in ms; longer than any object may ask a change to settle. */
const RACE_MS = 65 * 60_000;
/** Objects of a cluster that are frozen one by one; of more than these the whole namespaces are. */
const MOST_NAMES = 100;
/** Objects and namespaces whose races are counted; more than these are counted anew. */
const MOST_COUNTED = 1000;

interface Rest {
  /** The states of the objects that it is about, as last seen. */
  readonly states: string;
  readonly until: number;
}

interface Cluster {
  /** Races in a row, and when the last one was lost, in ms. */
  races: number;
  lastAt: number;
  /** The same by object, and by namespace with a slash at its end. */
  readonly lost: Map<string, number>;
  /** What is frozen, by the same names. */
  readonly resting: Map<string, Rest>;
}

export function createRestlessObjects(now: () => number): RestlessObjects {
  const clusters = new Map<string, Cluster>();

  /** The name under which an object is frozen. */
  const frozenAs = (cluster: Cluster | undefined, name: string): string | undefined =>
    [name, namespaceOf(name)].find((one) => cluster?.resting.has(one));

  function watch({ resting }: Cluster, intents: readonly Intent[]): void {
    const states = new Map<string, string[]>();
    for (const { name, token } of intents)
      for (const one of [name, namespaceOf(name)])
        if (resting.has(one)) states.set(one, [...(states.get(one) ?? []), token]);
    for (const [name, rest] of resting) {
      const seen = (states.get(name) ?? []).join(' ');
      if (seen !== rest.states) resting.set(name, { states: seen, until: now() + REST_MS });
      else if (rest.until <= now()) resting.delete(name);
    }
  }

  return {
    freeze(key, intents) {
      const cluster = clusters.get(key);
      if (!cluster) return intents;
      watch(cluster, intents);
      if (cluster.resting.size === 0) {
        if (now() - cluster.lastAt > RACE_MS) clusters.delete(key);
        return intents;
      }
      return intents.map((intent) => {
        const name = frozenAs(cluster, intent.name);
        const rest = name === undefined ? undefined : cluster.resting.get(name);
        return rest ? frozen(intent, { untilMs: rest.until, wholeNamespace: name !== intent.name }) : intent;
      });
    },
    lostRace(key, names, who) {
      if (names.length === 0) return;
      const previous = clusters.get(key);
      const recent = previous && now() - previous.lastAt <= RACE_MS ? previous : undefined;
      const cluster: Cluster = recent ?? {
        ...{ races: 0, lastAt: 0, lost: new Map<string, number>() },
        resting: previous?.resting ?? new Map<string, Rest>(),
      };
      clusters.set(key, cluster);
      const alone = who === 'Each';
      if (!alone) cluster.races += 1;
      cluster.lastAt = now();
      const raced = new Set(names.flatMap((name) => (alone ? [name] : [name, namespaceOf(name)])));
      if (cluster.lost.size > MOST_COUNTED) cluster.lost.clear();
      for (const name of raced) cluster.lost.set(name, (cluster.lost.get(name) ?? 0) + 1);
      const often = (name: string) => (cluster.lost.get(name) ?? 0) >= RACES;
      const rest = (name: string) => cluster.resting.set(name, { states: '', until: now() + REST_MS });
      for (const name of names) {
        const namespace = namespaceOf(name);
        if (often(name) && cluster.resting.size < MOST_NAMES) rest(name);
        // Each race is lost to another object.
        else if (!alone && cluster.races > RACES)
          rest(often(namespace) || cluster.resting.size >= MOST_NAMES ? namespace : name);
      }
    },
    sent(key) {
      const cluster = clusters.get(key);
      if (!cluster) return;
      cluster.races = 0;
      cluster.lost.clear();
    },
    has: (key, name) => frozenAs(clusters.get(key), name) !== undefined,
    forget: (key) => void clusters.delete(key),
  };
}

/** One that is released with Retain goes: nothing of it is sent. */
function frozen(intent: Intent, rest: NonNullable<Intent['rest']>): Intent {
  if (intent.frozen === 'NotAllowed' || intent.deletion === 'Retain') return intent;
  return { ...intent, frozen: 'Restless', deletion: undefined, rest };
}

function namespaceOf(name: string): string {
  return name.slice(0, name.indexOf('/') + 1);
}
