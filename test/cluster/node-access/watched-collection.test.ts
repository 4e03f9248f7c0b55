import { describe, expect, it } from '@jest/globals';
import type { Collection } from '../../../src/kubernetes/untrusted/collection.ts';
import { createWatchedCollections } from '../../../src/cluster/node-access/watched-collection.ts';
import { KubernetesError, type Connection, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import { ManualClock } from '../../runtime/manual-clock.ts';

const SIGNAL = new AbortController().signal;

interface Thing {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly size?: number;
}

/** Things without a size are of no interest. */
const THINGS: Collection<string> = {
  path: '/things',
  query: { fieldSelector: 'a=b' },
  accept: 'application/json',
  noun: 'things',
  limit: 5,
  reader: () => (body) => {
    const things = (body as { items?: readonly Thing[] }).items ?? [body as Thing];
    return things.map(({ metadata: { name }, size }) => ({ name, value: size ? `${name}${size}` : undefined }));
  },
};

const thing = (name: string, size?: number): Thing => ({
  metadata: { name, resourceVersion: '9' },
  ...(size === undefined ? {} : { size }),
});

/** A server of things whose watches say what they are told to. */
class Server {
  things: readonly Thing[] = [];
  date: number | undefined;
  refusesLists: Error | undefined;
  refusesWatches: Error | undefined;
  readonly asked: string[] = [];
  readonly watches: { request: KubernetesRequest; say(event: unknown): Promise<void>; end(): Promise<void> }[] = [];
  readonly connection: Connection;

  constructor(server = 'https://target') {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- getters of the connection need it
    const self = this;
    this.connection = {
      server,
      async request({ path, query }) {
        self.asked.push(`list ${path} ${JSON.stringify(query)}`);
        if (self.refusesLists) throw self.refusesLists;
        return { metadata: { resourceVersion: '7' }, items: self.things };
      },
      async stream(request) {
        self.asked.push(`watch from ${request.query?.['resourceVersion']}`);
        if (self.refusesWatches) throw self.refusesWatches;
        const stream = new TransformStream<string, string>();
        const writer = stream.writable.getWriter();
        writer.closed.catch(() => {});
        const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
        self.watches.push({
          request,
          async say(event) {
            writer.write(JSON.stringify(event)).catch(() => {});
            await settled();
          },
          async end() {
            writer.close().catch(() => {});
            await settled();
          },
        });
        request.signal?.addEventListener('abort', () => void writer.abort(request.signal?.reason).catch(() => {}));
        return stream.readable;
      },
      close: () => Promise.resolve(),
      get lastResponseDate() {
        return self.date;
      },
    };
  }
}

async function following(server = new Server()) {
  const clock = new ManualClock();
  const followed = createWatchedCollections(THINGS, clock);
  server.things = [thing('a', 1), thing('b', 1), thing('c')];
  const read = async (over = server) => (await followed.read(over.connection, SIGNAL)).objects.join(' ');
  const first = await read();
  return { clock, followed, server, read, first };
}

describe('a collection that is followed', () => {
  it('is listed at the first read and then watched; other objects are not kept', async () => {
    const { first, server, read } = await following();
    expect(first).toBe('a1 b1');
    const [watch] = server.watches;
    expect(watch?.request).toMatchObject({ path: '/things', accept: 'application/json' });
    expect(watch?.request.query).toMatchObject({ fieldSelector: 'a=b', resourceVersion: '7' });
    await watch?.say({ type: 'ADDED', object: thing('d', 1) });
    await watch?.say({ type: 'MODIFIED', object: thing('a', 2) });
    await watch?.say({ type: 'MODIFIED', object: thing('c', 1) });
    await watch?.say({ type: 'DELETED', object: thing('b', 1) });
    expect(await read()).toBe('a2 d1 c1');
    await watch?.say({ type: 'MODIFIED', object: thing('a') });
    expect(await read()).toBe('d1 c1');
    expect(server.asked).toHaveLength(2);
  });

  it.each<[string, (server: Server, clock: ManualClock) => Promise<unknown> | undefined]>([
    ['ended', ({ watches }) => watches[0]?.end()],
    ['expired', ({ watches }) => watches[0]?.say({ type: 'ERROR', object: { code: 410, message: 'too old' } })],
    ['said what nobody understands', ({ watches }) => watches[0]?.say('what?')],
    ['said nothing for longer than its bookmarks take', (_, clock) => clock.advance(100_000)],
  ])('is listed again when the watch %s', async (_what, happens) => {
    const { server, clock, read } = await following();
    await happens(server, clock);
    server.things = [thing('e', 1)];
    expect(await read()).toBe('e1');
    expect(server.asked.map((one) => one.split(' ')[0])).toEqual(['list', 'watch', 'list', 'watch']);
    expect(server.watches[0]?.request.signal?.aborted).toBe(true);
  });

  it('is believed as long as the watch speaks, were it bookmarks', async () => {
    const { server, clock, read } = await following();
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(60_000);
      await server.watches[0]?.say({ type: 'BOOKMARK', object: thing('') });
    }
    expect(await read()).toBe('a1 b1');
    expect(server.asked).toHaveLength(2);
  });

  it('is listed again when the clock was set back, after which a dead watch would seem alive', async () => {
    const { server, clock, read } = await following();
    clock.jump(-1000);
    await read();
    expect(server.watches).toHaveLength(2);
  });

  it('is listed again at another server, and the watch of the first one ends', async () => {
    const { server, read } = await following();
    const other = new Server('https://other');
    other.things = [thing('x', 1)];
    expect(await read(other)).toBe('x1');
    expect(server.watches[0]?.request.signal?.aborted).toBe(true);
    await server.watches[0]?.say({ type: 'ADDED', object: thing('d', 1) });
    expect(await read(other)).toBe('x1');
  });

  it('is listed at each read where it may not be watched', async () => {
    const server = new Server();
    server.refusesWatches = new KubernetesError(403, 'Forbidden', 'events may not be watched');
    const { read } = await following(server);
    server.things = [thing('e', 1)];
    expect(await read()).toBe('e1');
    server.refusesLists = new KubernetesError(403, 'Forbidden', 'nodes may not be listed');
    await expect(read()).rejects.toThrow('nodes may not be listed');
  });

  it('is listed again when the watch has brought more than there may be, which is then said', async () => {
    const { server, read } = await following();
    for (let number = 0; number < 4; number++)
      await server.watches[0]?.say({ type: 'ADDED', object: thing(`new-${number}`, 1) });
    expect(server.watches[0]?.request.signal?.aborted).toBe(true);
    server.things = Array.from({ length: 6 }, (_, number) => thing(`n${number}`));
    await expect(read()).rejects.toThrow('GET /things: the list has more than 5 things');
  });

  it('is listed again when the watch changes the same few things again and again', async () => {
    const { server, read } = await following();
    for (let change = 0; change < 11; change++)
      await server.watches[0]?.say({ type: 'MODIFIED', object: thing('a', change) });
    expect(server.watches[0]?.request.signal?.aborted).toBe(true);
    expect(await read()).toBe('a1 b1');
    expect(server.watches).toHaveLength(2);
  });

  it('is listed again after half an hour, although the watch speaks on', async () => {
    const { server, clock, read } = await following();
    for (let minute = 0; minute < 30; minute++) {
      await clock.advance(60_000);
      if (minute % 10 === 0) await server.watches[0]?.say({ type: 'BOOKMARK', object: thing('') });
      if (minute < 29) continue;
      await read();
    }
    expect(server.watches).toHaveLength(2);
  });

  it('is not watched where the reading was given up while it was listed', async () => {
    const { server, followed } = await following();
    followed.close();
    const late = createWatchedCollections(THINGS, new ManualClock());
    const stop = new AbortController();
    const reading = late.read(server.connection, stop.signal);
    stop.abort();
    await reading;
    expect(server.watches).toHaveLength(1);
  });

  it("goes on with the server's time by our clock", async () => {
    const server = new Server();
    server.date = Date.parse('2030-01-01T00:00:00Z');
    const { clock, followed } = await following(server);
    await clock.advance(30_000);
    const { serverTime } = await followed.read(server.connection, SIGNAL);
    expect(serverTime).toBe(server.date + 30_000);
  });

  it('is watched no more when it was closed, also while it was listed', async () => {
    const { server, followed } = await following();
    followed.close();
    expect(server.watches[0]?.request.signal?.aborted).toBe(true);
    const late = createWatchedCollections(THINGS, new ManualClock());
    const reading = late.read(server.connection, SIGNAL);
    late.close();
    await reading;
    expect(server.watches).toHaveLength(1);
  });
});
