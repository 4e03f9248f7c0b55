import type { Intent } from '../model/intent.ts';

/**
 * Objects that are edited again and again while a change of their cluster is about to be sent. A tenant who may name a cluster can
 * edit an object without a pause, and must not hold back all others. So after some lost races, the object's share of the list
 * stays unchanged until the object rests. This is kept in memory: a new process loses as many races once more.
 */
export interface RestlessObjects {
  /** Freezes the restless objects of a cluster at the start of a reconcile. An edit since the last reconcile starts the rest anew. */
  freeze(key: string, intents: readonly Intent[]): readonly Intent[];
  /**
   * Notes that a change was not sent because these objects, by namespace/name, were edited meanwhile. `Each`: races count for each
   * object alone, and not for its namespace.
   */
  lostRace(key: string, names: readonly string[], who?: 'Each'): void;
  /** Notes that the change was sent: earlier races no longer count. */
  sent(key: string): void;
  has(key: string, name: string): boolean;
  forget(key: string): void;
}

/** The lost races in a row, to one object or to the objects of one namespace, after which its share is frozen. */
const RACES = 3;
/** The time without an edit after which an object counts again, in ms. */
export const REST_MS = 5 * 60_000;
/** The longest time between two races in a row, in ms. It exceeds the longest settle time. */
const RACE_MS = 65 * 60_000;
/** The most objects of a cluster that are frozen one by one. With more, whole namespaces are frozen. */
const MOST_NAMES = 100;
/** The most objects and namespaces whose races are counted. With more, the count begins anew. */
const MOST_COUNTED = 1000;

interface Rest {
  /** The states of its objects, as last seen. */
  readonly states: string;
  readonly until: number;
}

interface Cluster {
  /** The lost races in a row, and the time of the last one, in ms. */
  races: number;
  lastAt: number;
  /** The lost races by object, and by namespace with a slash at its end. */
  readonly lost: Map<string, number>;
  /** The frozen objects and namespaces, by the same names. */
  readonly resting: Map<string, Rest>;
  /** True once objects of several namespaces named the cluster. A namespace is frozen only for the sake of another one. */
  shared: boolean;
}

export function createRestlessObjects(now: () => number): RestlessObjects {
  const clusters = new Map<string, Cluster>();

  /** The name under which an object is frozen. */
  const frozenAs = (cluster: Cluster | undefined, name: string): string | undefined =>
    [name, ...(cluster?.shared ? [namespaceOf(name)] : [])].find((one) => cluster?.resting.has(one));

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
      cluster.shared ||= new Set(intents.map(({ name }) => namespaceOf(name))).size > 1;
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
        shared: previous?.shared ?? false,
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

/** An object that is released with Retain stays as it is: its release sends nothing. */
function frozen(intent: Intent, rest: NonNullable<Intent['rest']>): Intent {
  if (intent.frozen === 'NotAllowed' || intent.deletion === 'Retain') return intent;
  return { ...intent, frozen: 'Restless', deletion: undefined, rest };
}

function namespaceOf(name: string): string {
  return name.slice(0, name.indexOf('/') + 1);
}
