import type { KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import { addressOf } from './api-requests.ts';
import type { Change } from './api-server.ts';
import { Lines } from './lines.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** A watch: changes come late, twice, or no more. Only their order is kept. */
export async function openStream(
  world: World,
  process: Process,
  request: KubernetesRequest,
): Promise<AsyncIterable<string>> {
  const { api, scheduler, random, subject } = world;
  const { kind } = addressOf(request.path);
  const lists = request.query?.['sendInitialEvents'] === 'true';
  const seconds = Number(request.query?.['timeoutSeconds']);
  const lines = new Lines();
  // Of two caches, one may be far behind the other.
  const promptly = random.chance(0.4);
  let last = scheduler.now;
  let over = false;

  await new Promise<void>((resolve) => void scheduler.after(random.between(5, 40), resolve, process));
  if (api.down) throw new subject.KubernetesError(0, 'ECONNREFUSED', `watch of ${request.path}`);
  // Some are older than streaming lists.
  if (lists && random.chance(0.2)) throw new subject.KubernetesError(422, 'Invalid', 'sendInitialEvents is forbidden');
  const from = lists ? api.version : Number(request.query?.['resourceVersion']);
  if (from < api.compacted) throw new subject.KubernetesError(410, 'Expired', 'too old resource version');

  const deliver = (act: () => void, delay: number) => {
    last = Math.max(last, scheduler.now + delay);
    scheduler.after(last - scheduler.now, act, process);
  };
  const end = (error?: Error) => {
    if (over) return;
    over = true;
    api.watchers.delete(tell);
    process.streams.delete(end);
    cancelEnd();
    request.signal?.removeEventListener('abort', abort);
    lines.end(error);
  };
  const tell = (change: Change) => {
    if (over || change.kind !== kind) return;
    const { watch } = world.weather;
    const times = random.chance(watch.duplicate) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      const bring = () => {
        if (over) return;
        process.noteDelivery(kind, change);
        lines.push(change.line);
      };
      deliver(bring, random.between(1, promptly ? Math.min(watch.lag, 100) : watch.lag));
    }
    if (random.chance(watch.silent)) {
      api.watchers.delete(tell);
    } else if (random.chance(watch.cut)) {
      api.watchers.delete(tell);
      const error = random.chance(0.5)
        ? undefined
        : new subject.KubernetesError(random.pick([0, 410]), 'ECONNRESET', 'the watch broke');
      deliver(() => end(error), random.between(1, 1000));
    }
  };
  const abort = () => end(request.signal?.reason as Error);
  const cancelEnd = scheduler.after(seconds * 1000, () => end(), process);
  request.signal?.addEventListener('abort', abort);
  process.streams.add(end);
  if (lists) {
    const items = api.list(kind);
    const { watch } = world.weather;
    const brokenAt = random.chance(watch.cut) ? random.between(0, items.length) : Infinity;
    for (const [place, object] of items.entries()) {
      if (place >= brokenAt) break;
      deliver(
        () => void (over || lines.push(JSON.stringify({ type: 'ADDED', object }))),
        random.between(1, watch.listLag),
      );
    }
    const complete = () => {
      if (over) return;
      process.noteAnswer({ path: request.path }, { metadata: { resourceVersion: String(from) }, items });
      lines.push(JSON.stringify(listEnd(from)));
    };
    const broken = () => end(new subject.KubernetesError(0, 'ECONNRESET', 'the list broke'));
    deliver(brokenAt < items.length ? broken : complete, 1);
  }
  for (const change of api.changes) if (change.version > from) tell(change);
  if (!over) api.watchers.add(tell);
  return lines;
}

/** What ends the list in a stream (kubernetes.io/docs/reference/using-api/api-concepts, Streaming lists). */
function listEnd(version: number): object {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations } } };
}
