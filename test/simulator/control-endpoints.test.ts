import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { play } from '../../simulator/control/scenario.ts';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulator } from '../../simulator/index.ts';

let simulator: Simulator;
let agent: Agent;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'control-'));
  simulator = await startSimulator({ speed: 1000 });
  agent = new Agent({ connect: { ca: simulator.caPem } });
});
afterAll(async () => {
  await agent.close();
  await simulator.stop();
  await rm(folder, { recursive: true });
});

interface Ask {
  readonly body?: unknown;
  /** Default: the token of this simulator. */
  readonly authorization?: string | undefined;
}

async function ask(method: string, path: string, options: Ask = {}) {
  const { body, authorization } = { authorization: `Bearer ${simulator.controlToken}`, ...options };
  const answer = await request(`${simulator.url}/_simulator${path}`, {
    method,
    dispatcher: agent,
    headers: authorization === undefined ? {} : { authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

async function everyEndpoint(): Promise<string[]> {
  const { text } = await ask('GET', '/nothing');
  return (JSON.parse(text) as { endpoints: string[] }).endpoints;
}

describe('the control endpoints', () => {
  it.each([
    ['no token', undefined],
    ['another token', 'Bearer guessed'],
    ['an empty one', 'Bearer '],
    ['the token in another scheme', 'Basic'],
  ])('are all closed to a request with %s, and say where the token is', async (_, authorization) => {
    const sent = authorization === 'Basic' ? `Basic ${simulator.controlToken}` : authorization;
    for (const endpoint of [...(await everyEndpoint()), 'GET /_simulator/nothing']) {
      const [method = '', path = ''] = endpoint.split(' ');
      const answer = await ask(method, path.replace('/_simulator', ''), { authorization: sent });
      expect([endpoint, answer.status]).toEqual([endpoint, 401]);
      expect(answer.text).toContain('prints its token when it starts');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    }
  });

  it('are closed to a token that ARM would take', async () => {
    const { clientId } = simulator.addClient();
    const answer = await ask('GET', '/clusters', { authorization: `Bearer ${simulator.federatedToken(clientId)}` });
    expect(answer.status).toBe(401);
  });

  it('open with the token that was set, and a simulator without one makes another at each start', async () => {
    const set = await startSimulator({ controlToken: 'chosen' });
    const other = await startSimulator();
    expect(set.controlToken).toBe('chosen');
    expect(other.controlToken).toMatch(/^[\w-]{32}$/);
    expect(other.controlToken).not.toBe(simulator.controlToken);
    await Promise.all([set.stop(), other.stop()]);
  });

  it('never hand out a secret that comes from the seed', async () => {
    const twin = await startSimulator({ seed: 7 });
    const sibling = await startSimulator({ seed: 7 });
    const [one, two] = [twin.addClient(), sibling.addClient()];
    await Promise.all([twin.stop(), sibling.stop()]);
    expect(one.clientSecret).not.toBe(two.clientSecret);
  });
});

describe('the certificates of clusters', () => {
  it('are listed with those of before a rotation, without a key', async () => {
    const cluster = simulator.addCluster({ name: 'rotated', pools: [{ name: 'system', count: 1 }] });
    await cluster.ready();
    const read = async () => {
      const { text } = await ask('GET', '/certificates?cluster=rotated');
      expect(text).not.toContain('KEY');
      const { clusters } = JSON.parse(text) as {
        clusters: [{ authorities: { fingerprint: string }[]; served: number }];
      };
      return clusters[0];
    };
    const before = await read();
    const body = { cluster: 'rotated', action: 'rotateCertificates' };
    expect((await ask('POST', '/clusters/actions', { body })).status).toBe(200);
    await cluster.idle();
    const after = await read();
    expect([before.served, after.served]).toEqual([0, 1]);
    expect(after.authorities[0]).toEqual(before.authorities[0]);
    expect(new Set(after.authorities.map(({ fingerprint }) => fingerprint)).size).toBe(2);
    const { text } = await ask('GET', '/nodes');
    expect(text).toContain('"caGeneration":1');
    await cluster.delete();
  });
});

const KEY = 'MC4CAQAwBQYDK2VwBCIEIE-secret-of-the-file';

describe('a file of the machine', () => {
  it.each([
    ['a path', () => join(folder, 'secret.yaml')],
    ['a path that is not there', () => join(folder, 'missing.yaml')],
    ['a part of a kubeconfig', () => ({ server: 'https://127.0.0.1:1' })],
    ['parts that are no texts', () => ({ server: 1, caPem: 2, certPem: 3, keyPem: 4 })],
  ])('is not read for a request that gives %s as kubeconfig', async (_, kubeconfig) => {
    await writeFile(join(folder, 'secret.yaml'), `users: [\n${KEY}: {`);
    for (const [path, body] of [
      ['/clusters', { name: 'files', kubeconfig: kubeconfig() }],
      ['/clusters', [{ name: 'files', kubeconfig: kubeconfig() }]],
    ] as const) {
      const { status, text } = await ask('POST', path, { body });
      expect(status).toBe(400);
      expect(JSON.parse(text)).toEqual({
        error:
          'A kubeconfig has to be given by its parts server, caPem, certPem, keyPem. Paths of files are taken from scenario files only.',
      });
    }
    expect(simulator.clusters().map(({ resourceId }) => resourceId)).toEqual([]);
  });

  it('is not run for a request that names a folder of programs', async () => {
    const apiServer = { programs: folder };
    simulator.addCluster({ name: 'same' });
    for (const [path, body] of [
      ['/clusters', { name: 'programs', apiServer }],
      ['/clusters/actions', { cluster: 'same', action: 'recreate', seed: { apiServer } }],
    ] as const) {
      const { status, text } = await ask('POST', path, { body });
      expect([status, text]).toEqual([400, expect.stringContaining('for clusters of scenario files only')]);
    }
    await simulator.cluster('same').delete();
  });

  it('is not read for a cluster that is made again', async () => {
    simulator.addCluster({ name: 'again' });
    const body = { cluster: 'again', action: 'recreate', seed: { kubeconfig: join(folder, 'secret.yaml') } };
    const { status, text } = await ask('POST', '/clusters/actions', { body });
    expect([status, text]).toEqual([400, expect.stringContaining('from scenario files only')]);
    expect(simulator.cluster('again').exists).toBe(true);
    await simulator.cluster('again').delete();
  });

  it.each([
    ['YAML that does not parse', `users: [\n${KEY}: {`],
    ['YAML with a key twice', `a: ${KEY}\na: ${KEY}`],
    ['no mapping at all', KEY],
    ['a kubeconfig without certificates', `token: ${KEY}`],
  ])('that a scenario names is not quoted when it is %s', async (_, content) => {
    await writeFile(join(folder, 'odd.yaml'), content);
    const scenario = { clusters: [{ name: 'odd', kubeconfig: 'odd.yaml' }] };
    const refusal = await play(simulator, scenario, join(folder, 'scenario.yaml')).catch(
      (error: Error) => error.message,
    );
    expect(refusal).toContain(join(folder, 'odd.yaml'));
    expect(refusal).not.toContain('secret-of-the-file');
  });

  it('is in no answer to a request that the simulator cannot make sense of', async () => {
    const answer = await request(`${simulator.url}/subscriptions/%zz`, { dispatcher: agent });
    expect([answer.statusCode, await answer.body.text()]).toEqual([400, 'Bad Request - Invalid URL']);
  });
});
