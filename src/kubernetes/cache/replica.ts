import { type KubernetesObject, objectKey } from '../object.ts';
import type { Known, Store } from './store.ts';

/** The change of one object. For a deleted one, `object` is the last known state. */
export interface Change<T> {
  readonly kind: 'added' | 'updated' | 'deleted';
  readonly object: T;
  /** The previous state in the store; read (and unpacked, where the store packs) at each access. */
  readonly previous?: T;
}

/** Turns the objects that a server reports into changes of a store, and reports each change once the store has it. */
export interface Replica<T> {
  /** The object is there. Nothing happens if the store has this very version. */
  keep(object: T): void;
  /** The object is gone. */
  drop(object: T): void;
  /**
   * From now on, everything that there is will be kept. One at a time.
   *
   * A list names objects in the order of their names: half of one is a state that never was, in which, say, a value has
   * left one object already and has not reached the other yet. `held` therefore keeps changed objects out
   * of the store until the list is complete; unchanged ones cost nothing. Only a store that has no reader yet can do without.
   */
  census(mode: 'held' | 'direct'): Census;
}

export interface Census {
  /** Everything was kept: what was not, is gone. */
  end(): void;
  /** Not everything will be. */
  abandon(): void;
}

export function createReplica<T extends KubernetesObject>(
  store: Store<T>,
  say: (change: Change<T>) => void,
): Replica<T> {
  let current: { readonly present: Set<string>; readonly held: Map<string, T> | undefined } | undefined;

  function lose(known: Known<T>, object: T): void {
    store.delete(object);
    say(changed('deleted', object, known));
  }

  function put(object: T): void {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const known = store.known(namespace, name);
    if (known === undefined) {
      say({ kind: 'added', object: store.set(object) });
    } else if (known.uid !== uid) {
      // The object was deleted and created again between two events.
      lose(known, known.read());
      say({ kind: 'added', object: store.set(object) });
    } else if (known.resourceVersion !== resourceVersion) {
      say(changed('updated', store.set(object), known));
    }
  }

  function isNews({ metadata: { namespace, name, uid, resourceVersion } }: T): boolean {
    const known = store.known(namespace, name);
    return known?.uid !== uid || known?.resourceVersion !== resourceVersion;
  }

  return {
    keep(object) {
      const key = objectKey(object.metadata.namespace, object.metadata.name);
      current?.present.add(key);
      if (current?.held === undefined) put(object);
      else if (isNews(object)) current.held.set(key, object);
    },
    drop(object) {
      const { namespace, name } = object.metadata;
      const key = objectKey(namespace, name);
      current?.present.delete(key);
      current?.held?.delete(key);
      if (current?.held !== undefined) return;
      const known = store.known(namespace, name);
      if (known !== undefined) lose(known, object);
    },
    census(mode) {
      const census = { present: new Set<string>(), held: mode === 'held' ? new Map<string, T>() : undefined };
      current = census;
      return {
        end() {
          current = undefined;
          for (const object of census.held?.values() ?? []) put(object);
          for (const known of [...store.versions()]) if (!census.present.has(known.key)) lose(known, known.read());
        },
        abandon() {
          current = undefined;
        },
      };
    },
  };
}

/** Reads the previous state only if the handler does: most do not, and it may have to be unpacked. */
function changed<T>(kind: Change<T>['kind'], object: T, known: Known<T>): Change<T> {
  return {
    kind,
    object,
    get previous() {
      return known.read();
    },
  };
}
