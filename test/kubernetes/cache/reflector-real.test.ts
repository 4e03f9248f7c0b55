import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { create, remove } from '../../../src/kubernetes/client/verbs.ts';
import { KubernetesError, type Connection, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ManualClock } from '../../runtime/manual-clock.ts';
import { type ApiServer, GADGETS, startApiServer } from '../api-server.ts';
import { type Recording, record } from '../recording.ts';

interface Gadget extends KubernetesObject {
  spec?: { size: number };
}

jest.setTimeout(30_000);

const apiVersion = `${GADGETS.group}/${GADGETS.version}`;

/** A real connection whose watches can be cut, kept from coming back, and made to ask for another version. */
class Line {
  readonly connection: Connection;
  readonly lists: string[] = [];
  /** Versions asked for; empty: a list by stream. */
  readonly watches: string[] = [];
  #cut = new AbortController();
  #version: string | undefined;
  #blocked: Promise<void> | undefined;

  constructor(real: Connection, streams: boolean) {
    this.connection = {
      server: real.server,
      close: () => real.close(),
      request: (request) => {
        this.lists.push(request.path);
        return real.request(request);
      },
      stream: (request) =>
        !streams && request.query?.['sendInitialEvents'] !== undefined
          ? Promise.reject(new KubernetesError(422, 'Invalid', 'no streams'))
          : this.#stream(real, request),
    };
  }

  /** Ends the present watch as a broken network does; the next one waits for the returned function. */
  cut(nextVersion?: string): () => void {
    const blocked = Promise.withResolvers<void>();
    this.#blocked = blocked.promise;
    this.#version = nextVersion;
    this.#cut.abort(new Error('the line was cut'));
    return blocked.resolve;
  }

  async #stream(real: Connection, request: KubernetesRequest): Promise<AsyncIterable<string>> {
    await this.#blocked;
    this.#cut = new AbortController();
    const resourceVersion = this.#version ?? request.query?.['resourceVersion'];
    this.#version = undefined;
    this.watches.push(resourceVersion ?? '');
    const query = { ...request.query, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const signal = AbortSignal.any([this.#cut.signal, ...(request.signal === undefined ? [] : [request.signal])]);
    return real.stream({ ...request, query, signal });
  }
}

describe.each([
  ['by stream', true],
  ['in pages', false],
])('a reflector against a real API server, listing %s', (_how, streams) => {
  let server: ApiServer;
  let line: Line;
  let clock: ManualClock;
  let path: string;
  let recording: Recording<Gadget>;

  beforeAll(async () => {
    server = await startApiServer();
    await server.installGadgets();
  }, 90_000);

  afterAll(() => server.stop());

  beforeEach(async () => {
    path = `/apis/${apiVersion}/namespaces/${await server.namespace()}/gadgets`;
    await make('a');
    await make('b');
    line = new Line(server.connection, streams);
    clock = new ManualClock();
    recording = record<Gadget>({ connection: line.connection, path, clock });
    await recording.synced;
  });

  afterEach(() => recording.stop());

  function make(name: string): Promise<Gadget> {
    const object = { apiVersion, kind: 'Gadget', metadata: { name }, spec: { size: 1 } };
    return create<Gadget>(server.connection, path, object);
  }

  async function change(name: string): Promise<void> {
    await server.connection.request({
      method: 'PATCH',
      path: `${path}/${name}`,
      contentType: 'application/merge-patch+json',
      body: { spec: { size: 2 } },
    });
  }

  async function unmake(name: string): Promise<void> {
    await remove(server.connection, `${path}/${name}`, { uid: await uidOf(name) });
  }

  async function uidOf(name: string): Promise<string> {
    const object = (await server.connection.request({ path: `${path}/${name}` })) as Gadget;
    return object.metadata.uid ?? '';
  }

  async function goOn(): Promise<void> {
    await clock.advance(await clock.untilTimer((ms) => ms <= 30_000));
  }

  it('lists, then sees what is made, changed and deleted, in order', async () => {
    await make('c');
    await change('a');
    await unmake('b');
    await recording.until(5);
    expect(recording.said()).toEqual(['added a', 'added b', 'added c', 'updated a', 'deleted b']);
    expect(recording.changes[3]?.previous?.spec).toEqual({ size: 1 });
    expect(recording.changes[3]?.object.spec).toEqual({ size: 2 });
    expect([...recording.store.objects()].map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
  });

  it('keeps objects of a list as it keeps those of a watch: with their kind, without managedFields', async () => {
    await make('c');
    await recording.until(3);
    for (const name of ['a', 'c']) {
      const kept = [...recording.store.objects()].find(({ metadata }) => metadata.name === name);
      expect(kept).toMatchObject({ apiVersion, kind: 'Gadget' });
      expect(kept?.metadata).not.toHaveProperty('managedFields');
    }
  });

  it('misses nothing while its watch is cut, and does not list again', async () => {
    await make('c');
    await recording.until(3);
    const restore = line.cut();
    await change('a');
    await unmake('b');
    restore();
    await goOn();
    await recording.until(5);
    expect(recording.said().slice(3)).toEqual(['updated a', 'deleted b']);
    expect(line.lists).toHaveLength(streams ? 0 : 1);
    expect(line.watches.slice(1)).toEqual([recording.changes[2]?.object.metadata.resourceVersion]);
  });

  it('finds out by a new list what happened while the history it would need was lost', async () => {
    await make('c');
    await recording.until(3);
    const before = await uidOf('c');
    // From before there was this kind: the API server cannot know.
    const restore = line.cut('1');
    await change('a');
    await unmake('b');
    await unmake('c');
    await make('c');
    await make('d');
    restore();
    // Once for the cut, once for the watch that expired as it began.
    await goOn();
    await goOn();
    await recording.until(8);
    expect(recording.said().slice(3)).toEqual(['updated a', 'deleted c', 'added c', 'added d', 'deleted b']);
    expect(
      recording.changes.find(({ kind, object }) => kind === 'deleted' && object.metadata.name === 'c')?.object.metadata
        .uid,
    ).toBe(before);
    expect(line.lists).toHaveLength(streams ? 0 : 2);
    expect(line.watches.filter((version) => version === '')).toHaveLength(streams ? 2 : 0);
  });
});
