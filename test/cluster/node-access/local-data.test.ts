import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Found } from '../../../src/cluster/model/observation.ts';
import { readLocalData } from '../../../src/cluster/node-access/local-data.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';

const CALM = new AbortController().signal;
const MARK = `data-${randomBytes(4).toString('hex')}`;
const VOLUMES = '/api/v1/persistentvolumes';

let server: ApiServer;
let namespace: string;
beforeAll(async () => {
  server = await startApiServer();
  namespace = await server.namespace();
}, 90_000);
afterAll(async () => {
  for (const name of made) await server.connection.request({ method: 'DELETE', path: `${VOLUMES}/${name}` });
  await server.stop();
});

const made: string[] = [];

async function volume(name: string, source: object, phase: string): Promise<void> {
  const metadata = { name: `${MARK}-${name}` };
  const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source };
  const body = { apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec };
  await server.connection.request({ method: 'POST', path: VOLUMES, body });
  made.push(metadata.name);
  await server.connection.request({
    method: 'PATCH',
    path: `${VOLUMES}/${metadata.name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { phase } },
  });
}

async function set(name: string, emptyDir: object, more: object = {}): Promise<void> {
  const labels = { app: name };
  const containers = [{ name: 'main', image: 'main' }];
  const template = { metadata: { labels }, spec: { containers, volumes: [{ name: 'data', ...emptyDir }] } };
  const spec = { replicas: 1, serviceName: name, selector: { matchLabels: labels }, template, ...more };
  const body = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name }, spec };
  await server.connection.request({ method: 'POST', path: `/apis/apps/v1/namespaces/${namespace}/statefulsets`, body });
}

const path = { path: '/data' };
const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] };
const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const answering = (answer: () => unknown) => ({ request: async () => answer() }) as unknown as Connection;

describe('what is kept on disks of nodes', () => {
  it('are volumes there that are or were in use, and sets without claims', async () => {
    await volume('bound', { hostPath: path }, 'Bound');
    await volume('released', { local: path, nodeAffinity: { required } }, 'Released');
    await volume('available', { hostPath: path }, 'Available');
    await volume('remote', { nfs: { server: 's', ...path } }, 'Bound');
    await set('lost', { emptyDir: {} });
    await set('memory', { emptyDir: { medium: 'Memory' } });
    await set('config', { configMap: { name: 'c' } });
    await set('claims', { emptyDir: {} }, { volumeClaimTemplates: [claim] });
    await set('off', { emptyDir: {} }, { replicas: 0 });
    const { localVolumes, localSets } = (await readLocalData(server.connection, CALM)) as Readonly<
      Record<string, Found>
    >;
    const own = (names: readonly string[] = []) =>
      names.filter((name) => name.includes(MARK) || name.startsWith(`${namespace}/`));
    expect(own(localVolumes?.first)).toEqual([`${MARK}-bound`, `${MARK}-released`]);
    expect(own(localSets?.first)).toEqual([`${namespace}/lost`]);
  });

  it('is counted, and the first are named, whatever the server sends', async () => {
    const items = Array.from({ length: 250 }, (_, index) => ({
      metadata: { name: `pv-${index}`, namespace: 'web' },
      spec: { hostPath: {}, template: { spec: { volumes: [{ emptyDir: {} }] } } },
    }));
    const odd = [null, 7, 'x', { metadata: { name: '\u202ex' }, spec: { hostPath: {} } }];
    const list = { metadata: { resourceVersion: '1' }, items: [...items, ...odd] };
    const found = await readLocalData(
      answering(() => list),
      CALM,
    );
    expect(found).toEqual({
      localVolumes: { count: 250, first: ['pv-0', 'pv-1', 'pv-10', 'pv-100'] },
      localSets: { count: 250, first: ['web/pv-0', 'web/pv-1', 'web/pv-10', 'web/pv-100'] },
    });
  });

  it.each<[string, () => unknown]>([
    ['a failure', () => Promise.reject(new Error('reset'))],
    ['no list', () => ({})],
    ['a list that never ends', () => ({ metadata: { resourceVersion: '1', continue: 'again' }, items: [] })],
  ])('is not known after %s', async (_, answer) => {
    expect(await readLocalData(answering(answer), CALM)).toEqual({});
  });

  it('is not known where the right to list it is missing, which only an API server says', async () => {
    const refusing = (hasStatus: boolean) =>
      answering(() => Promise.reject(new KubernetesError(403, 'Forbidden', 'no', { hasStatus })));
    expect(await readLocalData(refusing(true), CALM)).toEqual({ localVolumes: 'Forbidden', localSets: 'Forbidden' });
    expect(await readLocalData(refusing(false), CALM)).toEqual({});
  });

  it('is not read on after the reconcile was given up', async () => {
    const failing = answering(() => Promise.reject(new Error('aborted')));
    await expect(readLocalData(failing, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
