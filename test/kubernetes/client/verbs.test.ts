import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { create, get, remove, replace, replaceStatus, setFinalizers } from '../../../src/kubernetes/client/verbs.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { type ApiServer, GADGETS, startApiServer } from '../api-server.ts';

interface Gadget extends KubernetesObject {
  spec?: { size?: number };
  status?: { first?: string; second?: string };
}

jest.setTimeout(30_000);

const apiVersion = `${GADGETS.group}/${GADGETS.version}`;

describe('writing to a real API server', () => {
  let server: ApiServer;
  let collection: string;

  beforeAll(async () => {
    server = await startApiServer();
    await server.installGadgets();
    collection = `/apis/${apiVersion}/namespaces/${await server.namespace()}/gadgets`;
  }, 90_000);

  afterAll(() => server.stop());

  async function gadget(name: string): Promise<{ object: Gadget; path: string; uid: string; version: string }> {
    const object = await create<Gadget>(server.connection, collection, {
      apiVersion,
      kind: GADGETS.kind,
      metadata: { name },
      spec: { size: 1 },
    });
    const { uid = '', resourceVersion = '' } = object.metadata;
    return { object, path: `${collection}/${name}`, uid, version: resourceVersion };
  }

  function say(path: string, uid: string, status: object, fieldManager = 'one') {
    return replaceStatus(server.connection, { path, uid, status, fieldManager }) as Promise<Gadget>;
  }

  it('replaces a whole status, no matter who wrote it and what else has changed', async () => {
    const { object, path, uid } = await gadget('status');
    await say(path, uid, { first: 'a', second: 'b' }, 'two');
    await replace<Gadget>(server.connection, path, {
      ...object,
      ...(await get<Gadget>(server.connection, path))!,
      spec: { size: 2 },
    });
    expect((await say(path, uid, { second: 'c' })).status).toEqual({ second: 'c' });
    expect((await get<Gadget>(server.connection, path))?.spec).toEqual({ size: 2 });
  });

  it('tells no other object of the name what was to be said of one that is gone', async () => {
    const { path, uid } = await gadget('anew');
    await remove(server.connection, path, { uid });
    await expect(say(path, uid, { first: 'a' })).rejects.toMatchObject({ status: 404 });
    const next = await gadget('anew');
    await expect(say(path, uid, { first: 'a' })).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    expect((await get<Gadget>(server.connection, path))?.status).toBeUndefined();
    expect((await say(path, next.uid, { first: 'b' })).status).toEqual({ first: 'b' });
  });

  it('says why a status is refused', async () => {
    const { path, uid } = await gadget('refused');
    const wrong = say(path, uid, { first: 1 });
    await expect(wrong).rejects.toMatchObject({ status: 422, message: expect.stringContaining('status.first') });
  });

  it('does not create an object by telling its status', async () => {
    await expect(say(`${collection}/none`, 'x', { first: 'a' })).rejects.toMatchObject({ status: 404 });
    expect(await get(server.connection, `${collection}/none`)).toBeUndefined();
  });

  it('sets finalisers and takes them away, which lets a deleted object go', async () => {
    const { path, uid, version } = await gadget('final');
    const held = await setFinalizers(server.connection, path, {
      uid,
      resourceVersion: version,
      finalizers: ['kubernetes.test/hold'],
    });
    expect(held.metadata.finalizers).toEqual(['kubernetes.test/hold']);
    await remove(server.connection, path, { uid });
    const deleting = await get(server.connection, path);
    expect(deleting?.metadata.deletionTimestamp).toBeDefined();
    const resourceVersion = deleting?.metadata.resourceVersion ?? '';
    await setFinalizers(server.connection, path, { uid, resourceVersion, finalizers: [] });
    expect(await get(server.connection, path)).toBeUndefined();
  });

  it('does not set finalisers on an object that has changed', async () => {
    const { path, uid, version } = await gadget('stale');
    await say(path, uid, { first: 'a' });
    const change = { uid, resourceVersion: version, finalizers: ['kubernetes.test/hold'] };
    await expect(setFinalizers(server.connection, path, change)).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
  });

  it('does not set finalisers on an object that was re-created', async () => {
    const { path, uid, version } = await gadget('other');
    await remove(server.connection, path, { uid });
    await gadget('other');
    const change = { uid, resourceVersion: version, finalizers: ['kubernetes.test/hold'] };
    await expect(setFinalizers(server.connection, path, change)).rejects.toMatchObject({ status: 409 });
  });

  it('replaces an object once for each version read', async () => {
    const { path, object } = await gadget('replaced');
    const labelled = (value: string) => ({ ...object, metadata: { ...object.metadata, labels: { value } } });
    const replaced = await replace(server.connection, path, labelled('a'));
    expect(replaced.metadata.labels).toEqual({ value: 'a' });
    await expect(replace(server.connection, path, labelled('b'))).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
  });

  it('refuses to replace an object without the version that was read', async () => {
    const { path, object } = await gadget('blind');
    const { resourceVersion: _resourceVersion, ...metadata } = object.metadata;
    await expect(replace(server.connection, path, { ...object, metadata })).rejects.toThrow(TypeError);
  });

  it('says AlreadyExists when a name is taken', async () => {
    await gadget('twice');
    await expect(gadget('twice')).rejects.toMatchObject({ status: 409, reason: 'AlreadyExists' });
  });

  it('deletes only the very object that was meant, and is content when it is gone', async () => {
    const { path, uid } = await gadget('removed');
    await expect(remove(server.connection, path, { uid: 'ffffffff-0000' })).rejects.toMatchObject({ status: 409 });
    await remove(server.connection, path, { uid });
    await remove(server.connection, path, { uid });
    expect(await get(server.connection, path)).toBeUndefined();
  });
});
