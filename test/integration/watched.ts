import type { Connection } from '../../src/kubernetes/client/connection.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { openWatch } from '../../src/kubernetes/client/watch.ts';

/** What is waited for may depend on more than the object: it is asked again as often as this, in ms. */
const AGAIN = 25;

/**
 * Waits until an object is as wanted. It is watched, so that what it says for a moment only is seen too, however little a loaded
 * machine leaves to who looks.
 *
 * @throws Error when it never is, with what it says last
 */
export async function untilWanted<T extends KubernetesObject & { readonly status?: unknown }>(
  connection: Connection,
  collection: string,
  name: string,
  wanted: (object: T) => boolean,
  { what, limitMs }: { readonly what: string; readonly limitMs: number },
): Promise<T> {
  const stop = new AbortController();
  const met = Promise.withResolvers<T>();
  let last: T | undefined;
  const look = () => {
    try {
      if (last && wanted(last)) met.resolve(last);
    } catch (error) {
      met.reject(error);
    }
  };
  const never = () =>
    met.reject(
      new Error(`${name} never came to this: ${what}. It says: ${JSON.stringify(last?.status ?? last, null, 1)}`),
    );
  const timers = [setInterval(look, AGAIN), setTimeout(never, limitMs)];
  const watching = watch();
  try {
    return await met.promise;
  } finally {
    for (const timer of timers) clearInterval(timer);
    stop.abort();
    await watching;
  }

  async function watch(): Promise<void> {
    try {
      const events = await openWatch<T>(connection, collection, {
        query: { fieldSelector: `metadata.name=${name}` },
        resourceVersion: undefined,
        timeoutSeconds: 600,
        signal: stop.signal,
      });
      for await (const event of events) {
        if (event.type === 'BOOKMARK') continue;
        last = event.type === 'DELETED' ? undefined : event.object;
        look();
      }
    } catch (error) {
      if (!stop.signal.aborted) met.reject(error);
    }
  }
}
