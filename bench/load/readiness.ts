import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { ApiServer } from './api-server.ts';
import { now } from './time.ts';
import { isReady, TRUSTS } from './trust.ts';

/** When objects were seen Ready. */
export interface Readiness {
  /** Names of objects, and when they were first seen Ready. */
  readonly first: ReadonlyMap<string, number>;
  /** Resolves with the time at which an object was seen Ready in this generation or a later one. */
  untilReady(name: string, generation?: number, limitMs?: number): Promise<number>;
  /** Resolves with the time at which so many objects have been Ready. */
  untilAll(count: number, limitMs: number): Promise<number>;
  stop(): void;
}

interface Waiter {
  readonly met: () => number | undefined;
  readonly tell: (at: number) => void;
}

export async function watchReadiness(server: ApiServer): Promise<Readiness> {
  const { metadata } = (await server.send('GET', `${TRUSTS}?limit=1`)) as { metadata: { resourceVersion: string } };
  const first = new Map<string, number>();
  const newest = new Map<string, { generation: number; at: number }>();
  let waiters: Waiter[] = [];
  const stop = server.watch<CustomCATrust>(TRUSTS, metadata.resourceVersion, (object, type, at) => {
    if (type === 'DELETED' || !isReady(object)) return;
    const { name = '', generation = 0 } = object.metadata;
    if (!first.has(name)) first.set(name, at);
    if (generation > (newest.get(name)?.generation ?? 0)) newest.set(name, { generation, at });
    waiters = waiters.filter(({ met, tell }) => {
      const when = met();
      if (when !== undefined) tell(when);
      return when === undefined;
    });
  });

  function wait(what: () => string, limitMs: number, met: Waiter['met']): Promise<number> {
    return new Promise((resolve, reject) => {
      const end = setTimeout(() => reject(new Error(`Not within ${limitMs / 1000} s: ${what()}`)), limitMs);
      const tell = (at: number) => {
        clearTimeout(end);
        resolve(at);
      };
      const already = met();
      if (already === undefined) waiters.push({ met, tell });
      else tell(already);
    });
  }

  return {
    first,
    untilReady: (name, generation = 1, limitMs = 60_000) =>
      wait(
        () => `${name} is Ready`,
        limitMs,
        () => {
          const seen = newest.get(name);
          return seen !== undefined && seen.generation >= generation ? seen.at : undefined;
        },
      ),
    untilAll: (count, limitMs) =>
      wait(
        () => `${count} objects are Ready; ${first.size} are`,
        limitMs,
        () => (first.size >= count ? now() : undefined),
      ),
    stop,
  };
}
