import { describe, expect, it } from '@jest/globals';
import { accountUser, execUser, kubeconfig } from '../../../simulator/arm/kubeconfig.ts';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';
import { classifyFailure } from '../../../src/azure/failures.ts';
import type { ArmAnswer } from '../../../src/azure/arm-answer.ts';
import { parseClusterId, type ClusterId } from '../../../src/api/resource-id.ts';
import { createTargetAccess } from '../../../src/cluster/node-access/access.ts';
import { waysOf } from '../../../src/cluster/model/ways.ts';
import { DEFAULT_RULES, type Way } from '../../../src/cluster/model/way.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { fenceWrites } from '../../../src/runtime/fence.ts';
import type { Credentials } from '../../../src/kubernetes/auth/types.ts';
import { CLUSTER_ID, intent, START } from '../../harness/build.ts';

const MINUTE = 60_000;
const TENANT = '8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8';
const pems = await makeServingCertificate([], Date.now());
const CALM = new AbortController().signal;

const AZURE: Way = { kind: 'Azure' };
const IN_CLUSTER: Way = { kind: 'InCluster' };
const SECRET: Way = { kind: 'Secret', owner: 'Namespace', namespace: 'team', name: 'nodes', key: 'value' };
const OTHER = parseClusterId(CLUSTER_ID.resourceId.replace('prod', 'other'))!;

/** The kubeconfig of a local account at a server, or of none with Entra. */
function config(server: string, user: 'Local' | 'Entra' = 'Local'): string {
  const access = { server: `https://${server}`, ...pems };
  const fields = user === 'Local' ? accountUser(access) : execUser(TENANT);
  return kubeconfig({
    cluster: 'c',
    userName: 'u',
    server: access.server,
    caPem: pems.caPem,
    user: fields,
  });
}

/** Access to targets whose API servers and ARM do as the test says, on a clock that it moves. */
function accessing() {
  const world = {
    now: START,
    asked: [] as ClusterId[],
    arm: config('one.example') as string | ArmAnswer,
    /** Thrown by servers, by host. */
    broken: new Map<string, Error>(),
    opened: [] as Credentials[],
    /** Reads of the Secret. */
    secretReads: 0,
    /** False once another process may lead. */
    leads: true,
    /** True where that comes about while a request waits for its connection. */
    deposing: false,
    closed: [] as string[],
    requests: [] as string[],
    secret: config('secret.example'),
    /** Messages for the operator. */
    troubles: [] as string[],
  };
  const connectionTo = (server: string): Connection => ({
    server,
    async request({ path, mayLeave }) {
      const host = new URL(server).hostname;
      const error = world.broken.get(host);
      if (world.deposing) world.leads = false;
      mayLeave?.();
      world.requests.push(`${host} ${path}`);
      if (error) throw error;
      return host;
    },
    stream: () => Promise.reject(new Error('nobody watches')),
    close: async () => void world.closed.push(new URL(server).hostname),
    lastResponseDate: 7000,
  });
  const ours = connectionTo('https://management.example');
  const fenced = (connection: Connection) => fenceWrites(connection, () => world.leads);
  const access = createTargetAccess({
    management: fenced({
      ...ours,
      async request(request) {
        if (!request.path.includes('/secrets/')) return ours.request(request);
        world.secretReads += 1;
        return { data: { value: Buffer.from(world.secret).toString('base64') } };
      },
    }),
    arm: {
      async userKubeconfig(id) {
        world.asked.push(id);
        await Promise.resolve();
        return typeof world.arm === 'string'
          ? { ok: true, value: world.arm }
          : { ok: false, failure: classifyFailure(world.arm, 'ListClusterUserCredential') };
      },
    },
    apiServerToken: { current: () => Promise.resolve('entra'), distrust: () => {} },
    now: () => world.now,
    askAgainMs: 3 * MINUTE,
    onOperatorTrouble: (_cluster, message) => void world.troubles.push(message),
    open: (credentials) => {
      world.opened.push(credentials);
      return fenced(connectionTo(credentials.server));
    },
  });
  const connect = (way: Way) => access.connectionFor(CLUSTER_ID, way, {}, CALM);
  /** One pass over one way: who answered, or what is said. */
  const look = async (way: Way): Promise<unknown> => {
    const target = await connect(way);
    if (target.kind !== 'Open') return target.message;
    try {
      return await target.connection.request({ path: '/api/v1/nodes' });
    } catch (error) {
      return (error as Error).message;
    }
  };
  return { world, access, connect, look };
}

const refused = (status: number, reason: string) => new KubernetesError(status, reason, `${status} ${reason}`);

describe('the way to a target cluster', () => {
  it('goes to no other server, however many ways there are', async () => {
    const { world, look } = accessing();
    for (const way of [SECRET, AZURE, IN_CLUSTER, SECRET]) await look(way);
    expect(world.requests.map((request) => request.split(' ')[0])).toEqual([
      'secret.example',
      'one.example',
      'management.example',
      'secret.example',
    ]);
    expect(world.opened).toHaveLength(2);
  });

  it('leads to the server of that cluster, and never to that of another one which is reached likewise', async () => {
    const { world, access, look } = accessing();
    const pass = {};
    expect(await look(AZURE)).toBe('one.example');
    world.arm = config('two.example');
    for (const [cluster, host] of [
      [CLUSTER_ID, 'one.example'],
      [OTHER, 'two.example'],
      [CLUSTER_ID, 'one.example'],
    ] as const) {
      const target = await access.connectionFor(cluster, AZURE, pass, CALM);
      if (target.kind !== 'Open') throw new Error(target.message);
      expect(await target.connection.request({ path: '/api/v1/nodes' })).toBe(host);
    }
    expect(world.asked.map(({ key }) => key)).toEqual([CLUSTER_ID.key, OTHER.key]);
  });

  it('is closed with its credentials once no object names it any more, and no other way is', async () => {
    const { world, access, look } = accessing();
    for (const way of [SECRET, AZURE, IN_CLUSTER]) await look(way);
    await access.connectionFor(OTHER, SECRET, {}, CALM);
    const objects = [intent('a', [0], { nodeAccess: { azure: {} } })];
    await access.retain(CLUSTER_ID, waysOf(CLUSTER_ID, objects, DEFAULT_RULES));
    expect(world.closed).toEqual(['secret.example']);
    await access.retain(CLUSTER_ID, waysOf(CLUSTER_ID, [], DEFAULT_RULES));
    expect(world.closed).toEqual(['secret.example', 'one.example']);
  });

  it.each<[string, Partial<Extract<Way, { kind: 'Secret' }>>]>([
    ['is not there', { key: 'config' }],
    ['every object has', { key: 'constructor' }],
    ['is no key at all', { key: '__proto__' }],
  ])('is none for a key that %s, and no other key of the Secret is shown', async (_what, way) => {
    const { look } = accessing();
    const said = await look({ ...SECRET, ...way });
    expect(said).toBe(`the kubeconfig in Secret team/nodes has no key "${way.key}"`);
  });

  it('says of the operator’s own Secret only that the log of the controller has the cause', async () => {
    const { world, look } = accessing();
    world.secret = 'no kubeconfig';
    const said = await look({ ...SECRET, owner: 'Operator', namespace: 'system' });
    expect(said).toMatch(/operator of the controller/);
    expect(said).not.toMatch(/system|nodes\b.*Secret|kubeconfig/);
    expect(world.troubles).toEqual([expect.stringContaining('Secret system/nodes')]);
  });

  it('takes a new kubeconfig in the Secret at once', async () => {
    const { world, look } = accessing();
    await look(SECRET);
    world.secret = config('other.example');
    expect(await look(SECRET)).toBe('other.example');
    expect(world.closed).toEqual(['secret.example']);
    await look(SECRET);
    expect(world.opened).toHaveLength(2);
  });

  it('is read once in a reconcile, for all callers, and again in the next one', async () => {
    const { world, access, look } = accessing();
    const pass = {};
    const first = await access.connectionFor(CLUSTER_ID, SECRET, pass, CALM);
    expect(await access.connectionFor(CLUSTER_ID, SECRET, pass, CALM)).toBe(first);
    expect(world.secretReads).toBe(1);
    await look(SECRET);
    expect(world.secretReads).toBe(2);
  });

  it('is not kept after a reconcile by a caller that keeps its token, nor instead of the result of another reconcile', async () => {
    const { world, access, look } = accessing();
    const pass = {};
    await access.connectionFor(CLUSTER_ID, SECRET, pass, CALM);
    world.now += 15_000;
    await access.connectionFor(CLUSTER_ID, SECRET, pass, CALM);
    expect(world.secretReads).toBe(2);
    world.secret = config('other.example');
    expect(await look(SECRET)).toBe('other.example');
    // The connection of before is closed by now.
    const target = await access.connectionFor(CLUSTER_ID, SECRET, pass, CALM);
    expect(target).toMatchObject({ kind: 'Open', connection: { server: 'https://other.example' } });
  });

  it.each<[string, Way]>([
    ['a kubeconfig', SECRET],
    ['ARM', AZURE],
    ['our own connection', IN_CLUSTER],
  ])('shown by %s lets nothing through that writes once another process may lead', async (_, way) => {
    const { world, connect } = accessing();
    const target = await connect(way);
    if (target.kind !== 'Open') throw new Error(target.kind);
    const send = async (method: 'GET' | 'POST' | 'DELETE') => target.connection.request({ method, path: `/${method}` });
    const arrived = () => world.requests.map((request) => request.split(' ')[1]);
    await send('POST');
    expect(arrived()).toEqual(['/POST']);
    // Deposed while the request waited for its connection.
    world.deposing = true;
    await expect(send('POST')).rejects.toThrow('the lease is not held');
    await expect(send('DELETE')).rejects.toThrow('the lease is not held');
    await send('GET');
    expect(arrived()).toEqual(['/POST', '/GET']);
  });

  it('is dropped with its credentials when it was not read for half an hour', async () => {
    const { world, access, look } = accessing();
    await look(AZURE);
    world.now += 29 * MINUTE;
    await access.connectionFor(OTHER, SECRET, {}, CALM);
    expect(world.closed).toEqual([]);
    world.now += 2 * MINUTE;
    await access.connectionFor(OTHER, SECRET, {}, CALM);
    expect(world.closed).toEqual(['one.example']);
    await look(AZURE);
    expect(world.asked).toHaveLength(2);
  });

  it('is closed with everything else at the end', async () => {
    const { world, access, look } = accessing();
    await look(AZURE);
    await access.connectionFor(OTHER, SECRET, {}, CALM);
    await access.connectionFor(CLUSTER_ID, IN_CLUSTER, {}, CALM);
    await access.close();
    expect(world.closed.toSorted()).toEqual(['one.example', 'secret.example']);
  });

  it.each<[string, Way, Error, RegExp]>([
    [
      'a missing right',
      SECRET,
      refused(403, 'Forbidden'),
      /Bind the ClusterRole of deploy\/target-cluster to that user/,
    ],
    ['a missing right of our own', IN_CLUSTER, refused(403, 'Forbidden'), /to the controller's ServiceAccount/],
    ['credentials that have ended', SECRET, refused(401, 'Unauthorized'), /into the Secret/],
    ['too long an answer', SECRET, refused(0, 'TooLarge'), /TooLarge/],
  ])('names the fix for %s', async (_what, way, error, mend) => {
    const { world, look } = accessing();
    for (const host of ['secret.example', 'management.example']) world.broken.set(host, error);
    expect(await look(way)).toMatch(mend);
    expect(await look(way)).toContain(error.message);
  });
});

describe('the way that ARM shows', () => {
  it('is requested once, whatever the number of reads', async () => {
    const { world, look } = accessing();
    for (let n = 0; n < 5; n++, world.now += 4 * MINUTE) expect(await look(AZURE)).toBe('one.example');
    expect(world.asked).toEqual([CLUSTER_ID]);
    expect(world.opened).toHaveLength(1);
  });

  it('has the clock of the API server', async () => {
    const target = await accessing().connect(AZURE);
    expect(target.kind === 'Open' && target.connection.lastResponseDate).toBe(7000);
  });

  it.each([
    ['certificates that were rotated', refused(0, 'SELF_SIGNED_CERT_IN_CHAIN')],
    ['an account that is dead', refused(401, 'Unauthorized')],
    ['a cluster made anew elsewhere', refused(0, 'ENOTFOUND')],
  ])('is asked for again after %s, and the request is sent there', async (_what, error) => {
    const { world, look } = accessing();
    await look(AZURE);
    world.broken.set('one.example', error);
    world.arm = config('two.example');
    world.now += 3 * MINUTE;
    expect(await look(AZURE)).toBe('two.example');
    expect(world.asked).toHaveLength(2);
    expect(world.closed).toEqual(['one.example']);
  });

  it('is asked for once by requests that fail side by side, and all of them are sent again', async () => {
    const { world, connect } = accessing();
    const target = await connect(AZURE);
    if (target.kind !== 'Open') throw new Error(target.kind);
    world.broken.set('one.example', refused(401, 'Unauthorized'));
    world.arm = config('two.example');
    world.now += 3 * MINUTE;
    const request = () => target.connection.request({ path: '/x' });
    expect(await Promise.all([request(), request(), request()])).toEqual(Array(3).fill('two.example'));
    expect(world.asked).toHaveLength(2);
  });

  it.each([
    ['a missing right', refused(403, 'Forbidden')],
    ['a server that is busy', refused(503, 'ServiceUnavailable')],
    ['a firewall', refused(0, 'ECONNREFUSED')],
    ['an error that is not of the server', new Error('a fault')],
  ])('is not requested again after %s, which another kubeconfig would not fix', async (_what, error) => {
    const { world, look } = accessing();
    await look(AZURE);
    world.broken.set('one.example', error);
    world.now += 10 * MINUTE;
    expect(await look(AZURE)).toContain(error.message);
    expect(world.asked).toHaveLength(1);
  });

  it('is asked for at most every few minutes, however often it fails', async () => {
    const { world, look } = accessing();
    world.broken.set('one.example', refused(401, 'Unauthorized'));
    for (let n = 0; n < 60; n++, world.now += 15_000) await look(AZURE);
    // Fifteen minutes.
    expect(world.asked).toHaveLength(5);
  });

  it('is used on when ARM has no other, and the error stands', async () => {
    const { world, look } = accessing();
    world.broken.set('one.example', refused(401, 'Unauthorized'));
    world.now += 5 * MINUTE;
    expect(await look(AZURE)).toContain('401 Unauthorized');
    world.now += 5 * MINUTE;
    await look(AZURE);
    expect(world.opened).toHaveLength(1);
    world.broken.clear();
    expect(await look(AZURE)).toBe('one.example');
  });

  it('is kept while ARM refuses to show another, and both is said', async () => {
    const { world, look } = accessing();
    await look(AZURE);
    world.broken.set('one.example', refused(401, 'Unauthorized'));
    world.arm = { status: 403, code: 'AuthorizationFailed', message: 'no' };
    world.now += 5 * MINUTE;
    expect(await look(AZURE)).toMatch(/401 Unauthorized\. ARM was asked for another kubeconfig: .*AuthorizationFailed/);
    world.broken.clear();
    expect(await look(AZURE)).toBe('one.example');
  });

  it('does not exist while ARM refuses: the message has the fix, and it is requested again minutes later', async () => {
    const { world, look } = accessing();
    const action = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';
    const message = `The client 'x' does not have authorization to perform action '${action}' over scope '${CLUSTER_ID.resourceId}' or the scope is invalid.`;
    world.arm = { status: 403, code: 'AuthorizationFailed', message };
    for (const said of [await look(AZURE), await look(AZURE)]) {
      expect(said).toContain(`--role "Azure Kubernetes Service Cluster User Role" --scope ${CLUSTER_ID.resourceId}`);
      expect(said).toContain(action);
    }
    expect(world.asked).toHaveLength(1);
    world.arm = config('one.example');
    world.now += 3 * MINUTE - 1;
    await look(AZURE);
    expect(world.asked).toHaveLength(1);
    world.now += 1;
    expect(await look(AZURE)).toBe('one.example');
  });

  it('is asked for when ARM reports that it may be', async () => {
    const { world, look } = accessing();
    world.arm = { status: 429, code: 'BudgetUsedUp', message: 'used up', retryAfterMs: 2000 };
    expect(await look(AZURE)).toContain('used up');
    world.arm = config('one.example');
    world.now += 1999;
    expect(await look(AZURE)).toContain('used up');
    world.now += 1;
    expect(await look(AZURE)).toBe('one.example');
  });

  it('signs in with our own identity where the cluster has Microsoft Entra ID', async () => {
    const { world, look } = accessing();
    world.arm = config('one.example', 'Entra');
    expect(await look(AZURE)).toBe('one.example');
    const [credentials] = world.opened;
    expect(credentials?.keyPem).toBeUndefined();
    expect(typeof credentials?.token === 'function' && (await credentials.token())).toBe('entra');
  });

  it.each([
    [refused(401, 'Unauthorized'), new RegExp(`does not accept the token .* tenant ${TENANT}`)],
    [refused(403, 'Forbidden'), /object id of the controller's Azure identity/],
  ])('names the fix with Microsoft Entra ID for %s', async (error, mend) => {
    const { world, look } = accessing();
    world.arm = config('one.example', 'Entra');
    world.broken.set('one.example', error);
    expect(await look(AZURE)).toMatch(mend);
  });

  it('leaves no secret in what it says', async () => {
    const { world, look } = accessing();
    const said = [];
    for (const arm of [config('one.example').replace('https://', 'http://'), config('one.example').slice(0, -400)]) {
      world.arm = arm;
      said.push(await look(AZURE));
      world.now += 3 * MINUTE;
    }
    expect(said).toEqual([expect.stringContaining('cannot be used'), expect.stringContaining('cannot be used')]);
    expect(JSON.stringify(said)).not.toMatch(/[A-Za-z0-9+/]{40}/);
  });
});
