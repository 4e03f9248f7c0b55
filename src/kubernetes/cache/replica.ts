import { type KubernetesObject, objectKey } from '../object.ts';
import type { Store } from './store.ts';

/** The change of one object. For a deleted one, `object` is the last known state. */
export interface Change<T> {
  readonly kind: 'added' | 'updated' | 'deleted';
  readonly object: T;
  /** The previous state in the store. */
  readonly previous?: T;
}

/** Turns the objects that a server reports into changes of a store, and reports each change once the store has it. */
export interface Replica<T> {
  /** The object exists. Nothing happens if the store has exactly this version. */
  keep(object: T): void;
  /** The object was deleted. */
  drop(object: T): void;
  /**
   * Begins a complete list, after which objects that were not kept are dropped. One at a time.
   *
   * A list has objects in the order of their names, so a part of it is a state that never existed: a value may have left one
   * object and not have reached the other. `held` therefore keeps changed objects out of the store until the list is complete;
   * unchanged ones cost nothing. Only a store without a reader can do without.
   */
  census(mode: 'held' | 'direct'): Census;
}

export interface Census {
  /** The list is complete: objects that were not kept are deleted. */
  end(): void;
  /** The list will not be completed. */
  abandon(): void;
}

export function createReplica<T extends KubernetesObject>(
  store: Store<T>,
  say: (change: Change<T>) => void,
): Replica<T> {
  let current: { readonly present: Set<string>; readonly held: Map<string, T> | undefined } | undefined;

  function lose(known: T, object = known): void {
    store.delete(object);
    say({ kind: 'deleted', object, previous: known });
  }

  function put(object: T): void {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const known = store.get(namespace, name);
    if (known === undefined) {
      say({ kind: 'added', object: store.set(object) });
    } else if (known.metadata.uid !== uid) {
      // The object was deleted and created again between two events.
      lose(known);
      say({ kind: 'added', object: store.set(object) });
    } else if (known.metadata.resourceVersion !== resourceVersion) {
      say({ kind: 'updated', object: store.set(object), previous: known });
    }
  }

  function isNews({ metadata: { namespace, name, uid, resourceVersion } }: T): boolean {
    const known = store.get(namespace, name)?.metadata;
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
      const known = store.get(namespace, name);
      if (known !== undefined) lose(known, object);
    },
    census(mode) {
      const census = { present: new Set<string>(), held: mode === 'held' ? new Map<string, T>() : undefined };
      current = census;
      return {
        end() {
          current = undefined;
          for (const object of census.held?.values() ?? []) put(object);
          for (const known of [...store.objects()])
            if (!census.present.has(objectKey(known.metadata.namespace, known.metadata.name))) lose(known);
        },
        abandon() {
          current = undefined;
        },
      };
    },
  };
}
