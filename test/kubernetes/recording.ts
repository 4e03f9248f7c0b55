import { createReflector, type Change, type Reflector } from '../../src/kubernetes/cache/reflector.ts';
import type { Clock } from '../../src/kubernetes/clock.ts';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { Store } from '../../src/kubernetes/cache/store.ts';

/** A reflector that is running, with all that it said. */
export interface Recording<T extends KubernetesObject> {
  readonly store: Store<T>;
  readonly changes: Change<T>[];
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  readonly reflector: Reflector;
  /** `added a`, `deleted b`… so far. */
  said(): string[];
  /** Resolves when that many changes were said. */
  until(count: number): Promise<void>;
  stop(): Promise<void>;
}

export function record<T extends KubernetesObject>(options: {
  readonly connection: Connection;
  readonly path: string;
  readonly clock: Clock;
  readonly onChange?: (change: Change<T>) => void;
}): Recording<T> {
  const store = new Store<T>();
  const changes: Change<T>[] = [];
  let check = () => {};
  const reflector = createReflector<T>({
    connection: options.connection,
    path: options.path,
    store,
    clock: options.clock,
    random: () => 0,
    onChange(change) {
      changes.push(change);
      check();
      options.onChange?.(change);
    },
  });
  const controller = new AbortController();
  const running = reflector.run(controller.signal);
  return {
    store,
    changes,
    synced: reflector.synced,
    hasSynced: () => reflector.hasSynced(),
    reflector,
    said: () => changes.map(({ kind, object }) => `${kind} ${object.metadata.name}`),
    until: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (changes.length >= count) resolve();
        };
        check();
      }),
    stop() {
      controller.abort();
      return running;
    },
  };
}
