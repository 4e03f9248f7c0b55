import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Condition } from '../../src/api/conditions.ts';
import type { CustomCATrustStatus } from '../../src/api/generated/customcatrusts.ts';
import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';
import { API_VERSION, customCATrustPath, TARGET_CLUSTERS, targetClusterPath } from '../../src/api/names.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import { showStatus } from '../../src/commands/status.ts';
import type { Output } from '../../src/commands/status/output.ts';
import type { ResolvedScope } from '../../src/commands/status/read.ts';
import type { StatusRequest } from '../../src/commands/status/request.ts';
import { watchStatus } from '../../src/commands/status/watch.ts';
import { connect, type Connection } from '../../src/kubernetes/connection.ts';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { startSilentProxy, type SilentProxy } from '../chaos/silent-proxy.ts';
import { makeServiceAccount, tokenOf } from '../deploy/metrics-roles.ts';
import { entry, eventually, isReady, roots, SEES_NODES, startRig, type Rig } from './rig.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/prod';
const ROLE = parse(readFileSync(new URL('../../deploy/kustomize/base/viewer-rbac.yaml', import.meta.url), 'utf8')) as {
  metadata: object;
  rules: object[];
};

let rig: Rig;
const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-status-'));
const kubeconfig = join(folder, 'kubeconfig');
beforeAll(async () => {
  rig = await startRig();
  writeFileSync(kubeconfig, rig.plane.config.kubeconfigYaml);
  await rig.admin.request({ method: 'POST', path: `${RBAC}/clusterroles`, body: ROLE });
}, 180_000);
afterEach(async () => {
  await rig.cleanUp();
});
afterAll(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Command {
  readonly ended: Promise<Ended>;
  readonly out: () => string;
  kill(signal: NodeJS.Signals): void;
}

/** `aks-ca-trust status` as a process, in a pipe. */
function start(...words: string[]): Command {
  return startWith('pipe', ...words);
}

function startWith(stdout: 'pipe' | number, ...words: string[]): Command {
  const child = spawn(process.execPath, [MAIN, 'status', '--kubeconfig', kubeconfig, ...words], {
    env: {},
    stdio: ['ignore', stdout, 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { ended, out: () => out, kill: (signal) => child.kill(signal) };
}

const run = (...words: string[]) => start(...words).ended;
const inNamespace = () => ['-n', rig.namespace];

/** An object that nobody works on, with what somebody said of it. */
async function makeTrust(
  name: string,
  ready: Partial<Condition>,
  others: readonly Partial<Condition>[] = [],
): Promise<void> {
  await rig.apply(name, ID, {});
  await say(name, ready, others);
}

async function say(name: string, ready: Partial<Condition>, others: readonly Partial<Condition>[] = []): Promise<void> {
  const conditions = [{ type: 'Ready', ...ready }, ...others].map((one) => ({
    message: '',
    lastTransitionTime: '2026-11-22T11:00:00Z',
    observedGeneration: 1,
    ...one,
  })) as Condition[];
  const status: CustomCATrustStatus = { observedGeneration: 1, conditions };
  await rig.admin.request({
    method: 'PATCH',
    path: `${customCATrustPath(rig.namespace, name)}/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  });
}

const READY = { status: 'True', reason: 'Trusted' } as const;
const MOVING = { status: 'False', reason: 'Updating', message: 'a list was sent' } as const;
const BLOCKED = { type: 'NodesReimaged', status: 'False', reason: 'ReimageBlocked', message: 'by a budget' } as const;

async function makeRecord(name = 'prod', resourceId = ID): Promise<void> {
  await rig.admin.request({
    method: 'POST',
    path: TARGET_CLUSTERS,
    body: {
      apiVersion: API_VERSION,
      kind: 'TargetCluster',
      metadata: { name: recordName(parseClusterId(resourceId)!) },
      spec: { resourceId },
      status: { clusterName: name, state: 'Updating' },
    },
  });
}

async function sayOfRecord(status: TargetClusterStatus): Promise<void> {
  await rig.admin.request({
    method: 'PATCH',
    path: targetClusterPath(recordName(parseClusterId(ID)!)),
    contentType: 'application/merge-patch+json',
    body: { status },
  });
}

describe('status, once', () => {
  it('says by its exit code whether all is converged, in progress or stuck', async () => {
    await makeTrust('fine', READY);
    expect(await run('fine', ...inNamespace())).toMatchObject({ code: 0, err: '' });
    await makeTrust('moving', MOVING);
    expect(await run('moving', ...inNamespace())).toMatchObject({ code: 2, err: '' });
    expect(await run(...inNamespace())).toMatchObject({ code: 2 });
    await makeTrust('blocked', { status: 'False', reason: 'ReimageBlocked', message: 'by a budget' }, [BLOCKED]);
    const all = await run('-A', '-o', 'json');
    expect(all).toMatchObject({ code: 3, err: '' });
    const { outcome, clusters } = JSON.parse(all.out) as {
      outcome: string;
      clusters: { objects: { name: string }[] }[];
    };
    expect(outcome).toBe('Stuck');
    expect(clusters[0]?.objects.map(({ name }) => name)).toEqual(['blocked', 'fine', 'moving']);
  }, 30_000);

  it('is an error with one line for what is not there', async () => {
    expect(await run('no-such', ...inNamespace())).toEqual({
      code: 1,
      out: '',
      err: `aks-ca-trust: there is no CustomCATrust no-such in namespace ${rig.namespace} of ${rig.plane.config.server}\n`,
    });
    expect(await run('-n', 'empty')).toMatchObject({
      err: `aks-ca-trust: there is no CustomCATrust in namespace empty of ${rig.plane.config.server}; --all-namespaces shows those of all\n`,
    });
    await makeTrust('one', READY);
    expect(await run('--cluster', 'moon')).toMatchObject({
      code: 1,
      err: `aks-ca-trust: no cluster moon is known at ${rig.plane.config.server}; there are prod\n`,
    });
  }, 30_000);

  it('asks the context that was named, and looks where the kubeconfig says', async () => {
    await makeTrust('fine', READY);
    const config = parse(rig.plane.config.kubeconfigYaml) as { contexts: { context: object }[] };
    const { context } = config.contexts[0]!;
    const gone = { name: 'gone', cluster: { server: 'https://127.0.0.1:1' } };
    const file = join(folder, 'contexts');
    const contexts = [
      { name: 'mgmt', context: { ...context, namespace: rig.namespace } },
      { name: 'gone', context: { ...context, cluster: 'gone' } },
    ];
    const clusters = [...(config as unknown as { clusters: object[] }).clusters, gone];
    writeFileSync(file, JSON.stringify({ ...config, contexts, clusters, 'current-context': 'gone' }));
    const [found, unreachable, unknown] = await Promise.all([
      run('fine', '--kubeconfig', file, '--context', 'mgmt'),
      run('fine', '--kubeconfig', file),
      run('fine', '--kubeconfig', file, '--context', 'prod'),
    ]);
    expect(found).toMatchObject({ code: 0, err: '' });
    expect(found.out).toContain(`${rig.namespace}/fine  Ready: Trusted`);
    expect(unreachable).toMatchObject({ code: 1, out: '' });
    expect(unreachable.err).toContain('ECONNREFUSED');
    expect(unknown).toEqual({
      code: 1,
      out: '',
      err: `aks-ca-trust: ${file}: there is no context "prod"; its contexts are "mgmt", "gone"\n`,
    });
  }, 30_000);

  it('is an error where the answer cannot be written', async () => {
    await makeTrust('fine', READY);
    const full = openSync('/dev/full', 'w');
    const { code, err } = await startWith(full, 'fine', ...inNamespace()).ended;
    closeSync(full);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'aks-ca-trust: the output cannot be written: ENOSPC: no space left on device, write\n',
    });
  }, 30_000);

  it('goes by the clock of the API server, whatever that of the user says', async () => {
    await makeTrust('moving', MOVING);
    const soon = new Date(Date.now() + 600_000).toISOString();
    await makeRecord();
    const nodes = { total: 2, reimaged: 1, excluded: 0, summary: '1/2' };
    await sayOfRecord({ nodes, nodePools: [], estimate: { nodesLeft: 1, earliest: soon, likely: soon } });
    const { signal } = new AbortController();
    const show = async (aheadMs: number) => {
      let out = '';
      const clock = { ...systemClock, now: () => Date.now() + aheadMs };
      const output = pipe((text) => (out += text));
      const scope: ResolvedScope = { kind: 'Cluster', cluster: 'prod' };
      await showStatus({ connection: rig.admin, scope, request: REQUEST, output, clock, signal });
      return out;
    };
    const right = await show(0);
    expect(right).toContain('ends      likely');
    expect(await show(3_600_000)).toBe(right);
    expect(await show(-3_600_000)).toBe(right);
  }, 30_000);

  it('shows a cluster by name or resource id with all its objects, and asks which of two of a name', async () => {
    await makeTrust('one', READY);
    await makeRecord();
    for (const name of ['prod', 'PROD', ID.toUpperCase()]) {
      const { code, out } = await run('--cluster', name);
      expect({ code, lines: out.split('\n').slice(0, 3) }).toEqual({
        code: 0,
        lines: ['prod  Updating', `  ${ID}`, `  ${rig.namespace}/one  Ready: Trusted`],
      });
    }
    // Made just now, without a record.
    await rig.apply('new', ID.replace('/prod', '/fresh'), {});
    expect(await run('--cluster', 'fresh')).toMatchObject({ code: 2, err: '' });
    const other = ID.replace('/g/', '/h/');
    await makeRecord('prod', other);
    const { code, err } = await run('--cluster', 'prod');
    expect(code).toBe(1);
    expect(err).toContain('2 clusters are called prod; say which by resource id');
    expect(err).toContain(other);
  }, 30_000);
});

describe('status --watch of a real change', () => {
  it('has each step of it as a line, ends by itself with 0, and never has a number that was not', async () => {
    const cluster = await rig.addCluster({
      nodes: true,
      pools: [
        { name: 'system', count: 2 },
        { name: 'apps', count: 3 },
      ],
    });
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0, 1))], target: SEES_NODES });
    const watch = start('roots', ...inNamespace(), '--watch', '--certificates');
    const json = start('roots', ...inNamespace(), '--watch', '-o', 'json');
    await eventually(async () => watch.out().includes('was not looked at yet') && json.out() !== '');
    await rig.startController();
    const { code, out, err } = await watch.ended;

    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \P{C}+$/u);
    expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
    const said = (text: string) => lines.findIndex((line) => line.includes(text));
    const steps = [
      'was not looked at yet',
      'is Updating',
      'nodes: 0/5 replaced',
      'nodes: 5/5 replaced',
      'Ready: Trusted',
    ];
    expect(steps.map(said)).toEqual(steps.map(said).toSorted((a, b) => a - b));
    expect(steps.map(said)).not.toContain(-1);
    expect(said('certificate a[1]')).toBeGreaterThan(0);
    const counts = lines.flatMap((line) => /nodes: (\d)\/5/.exec(line)?.[1] ?? []).map(Number);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));

    const followed = await json.ended;
    expect(followed).toMatchObject({ code: 0, err: '' });
    const documents = followed.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { outcome: string });
    expect(documents[0]).toMatchObject({ outcome: 'InProgress' });
    expect(documents.at(-1)).toMatchObject({
      outcome: 'Converged',
      exitCode: 0,
      clusters: [{ state: 'Idle', nodes: { total: 5, reimaged: 5 }, objects: [{ name: 'roots', judged: true }] }],
    });
    expect(isReady((await rig.get('roots'))!)).toBe(true);
  }, 60_000);
});

const REQUEST: StatusRequest = {
  scope: { kind: 'Everywhere' },
  kubeconfig: undefined,
  context: undefined,
  output: 'text',
  certificates: false,
  watch: true,
  forever: false,
  patience: 300_000,
  timeout: Infinity,
};

interface Watching {
  readonly ended: Promise<number | undefined>;
  readonly out: () => string;
  readonly stop: AbortController;
}

/** What is no terminal. */
function pipe(write: (text: string) => void): Output {
  return {
    write,
    warn: write,
    redraws: false,
    colour: false,
    blocks: false,
    columns: () => Infinity,
    rows: () => 24,
    onResize: () => () => {},
  };
}

/** In this process, where its connection and its terminal can be had. */
function watchHere(
  connection: Connection,
  what: string | ResolvedScope,
  request: Partial<StatusRequest> = {},
  terminal: Partial<Output> = {},
  clock: Clock = systemClock,
): Watching {
  let out = '';
  const stop = new AbortController();
  const output: Output = { ...pipe((text) => (out += text)), ...terminal };
  const object = (name: string): ResolvedScope => ({ kind: 'Object', namespace: rig.namespace, name });
  const scope = typeof what === 'string' ? object(what) : what;
  // A watch then lasts for as long as ever it may.
  const tools = { connection, scope, output, clock, random: () => 1, signal: stop.signal };
  return { ended: watchStatus({ ...tools, request: { ...REQUEST, ...request } }), out: () => out, stop };
}

describe('status --watch', () => {
  it('ends with 3 when the object stalls', async () => {
    await makeTrust('moving', MOVING);
    const watch = start('moving', ...inNamespace(), '--watch');
    await eventually(async () => watch.out().includes('not Ready: Updating: a list was sent'));
    await say('moving', { status: 'False', reason: 'Suspended' }, [
      { type: 'Stalled', status: 'True', reason: 'Suspended' },
    ]);
    const { code, out, err } = await watch.ended;
    expect({ code, err }).toEqual({ code: 3, err: 'aks-ca-trust: stuck: a person must act\n' });
    expect(out).toMatch(/moving: not Ready: Suspended, stalled/);
  }, 30_000);

  it('waits where nodes are held up for as long as there is patience', async () => {
    await makeTrust('blocked', { status: 'False', reason: 'ReimageBlocked', message: 'by a budget' }, [BLOCKED]);
    const hasty = watchHere(rig.admin, 'blocked', { patience: 0 });
    expect(await hasty.ended).toBe(3);
    expect(hasty.out()).toMatch(/stuck: held up for longer than --patience\n$/);
    const patient = watchHere(rig.admin, 'blocked');
    await eventually(async () => patient.out().includes('ReimageBlocked: by a budget'));
    await say('blocked', READY);
    expect(await patient.ended).toBe(0);
  }, 30_000);

  it('ends with what it has seen last when its time is over', async () => {
    await makeTrust('moving', MOVING);
    const watch = watchHere(rig.admin, 'moving', { timeout: 1000 });
    expect(await watch.ended).toBe(2);
    expect(watch.out()).toMatch(/not over in the time that it was given\n$/);
    await say('moving', READY);
    expect(await watchHere(rig.admin, 'moving', { timeout: 1000, forever: true }).ended).toBe(0);
  }, 30_000);

  it('goes on when all is done, if asked to', async () => {
    await makeTrust('fine', READY);
    const watch = watchHere(rig.admin, 'fine', { forever: true });
    await eventually(async () => watch.out().includes('Ready: Trusted'));
    await say('fine', MOVING);
    await eventually(async () => watch.out().includes('not Ready: Updating'));
    watch.stop.abort();
    expect(await watch.ended).toBeUndefined();
  }, 30_000);

  it('ends with 0 when the object is gone', async () => {
    await makeTrust('leaving', MOVING);
    const watch = watchHere(rig.admin, 'leaving');
    await eventually(async () => watch.out() !== '');
    await rig.remove('leaving');
    expect(await watch.ended).toBe(0);
    expect(watch.out()).toMatch(/what was watched is gone\n$/);
  }, 30_000);

  it.each<[string, () => ResolvedScope]>([
    ['a namespace', () => ({ kind: 'Namespace', namespace: rig.namespace })],
    ['all namespaces', () => ({ kind: 'Everywhere' })],
    ['a cluster', () => ({ kind: 'Cluster', cluster: 'prod' })],
    ['a cluster by its id', () => ({ kind: 'Cluster', cluster: ID })],
  ])('of %s sees objects come, and their records, and ends when the last is done', async (_, scope) => {
    await makeRecord();
    await makeTrust('one', MOVING);
    const watch = watchHere(rig.admin, scope());
    await eventually(async () => watch.out().includes('one: not Ready: Updating'));
    await makeTrust('two', MOVING);
    await eventually(async () => watch.out().includes('two: not Ready: Updating'));
    await sayOfRecord({ state: 'Held' });
    await eventually(async () => watch.out().includes('prod: is Held'));
    await say('one', READY);
    await eventually(async () => watch.out().includes('one: Ready: Trusted'));
    await say('two', READY);
    expect(await watch.ended).toBe(0);
    expect(watch.out()).toMatch(/two: Ready: Trusted\n$/);
  });

  it('of a cluster has nothing of another one', async () => {
    const other = ID.replace('/g/', '/h/');
    await makeRecord();
    await makeTrust('one', MOVING);
    await rig.apply('foreign', other, {});
    const watch = watchHere(rig.admin, { kind: 'Cluster', cluster: ID });
    await eventually(async () => watch.out().includes('one: not Ready: Updating'));
    await say('foreign', { ...MOVING, message: 'of another cluster' });
    await say('one', READY);
    expect(await watch.ended).toBe(0);
    expect(watch.out()).not.toContain('foreign');
  }, 30_000);

  it('ends at once on Ctrl-C, with the exit code of shells and without a stack', async () => {
    await makeTrust('moving', MOVING);
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const watch = start('moving', ...inNamespace(), '--watch');
      await eventually(async () => watch.out() !== '');
      watch.kill(signal);
      expect(await watch.ended).toMatchObject({ code, err: '' });
    }
  }, 30_000);

  it('draws on a terminal', async () => {
    await makeTrust('moving', MOVING);
    const watch = watchHere(rig.admin, 'moving', {}, { redraws: true, columns: () => 79 });
    await eventually(async () => watch.out().includes('a list was sent'));
    await say('moving', { ...MOVING, message: 'another was sent' });
    await eventually(async () => watch.out().includes('another was sent'));
    watch.stop.abort();
    await watch.ended;
    expect(watch.out().lastIndexOf('\x1b[H')).toBeGreaterThan(watch.out().indexOf('\x1b[J'));
  }, 30_000);

  it('says when the API server goes away, waits for it, and misses nothing', async () => {
    await makeTrust('moving', MOVING);
    const proxy: SilentProxy = await startSilentProxy(rig.plane.config);
    const connection = connect({ server: proxy.server, caPem: proxy.caPem, token: await viewerToken() });
    try {
      const watch = watchHere(connection, 'moving');
      await eventually(async () => proxy.passed.filter(({ path }) => path.includes('watch=')).length >= 2);
      proxy.cut();
      await eventually(async () => watch.out().includes('what is shown may be old: the API server'));
      await say('moving', READY);
      proxy.mend();
      expect(await watch.ended).toBe(0);
      expect(watch.out()).toContain('moving: Ready: Trusted');
      expect(watch.out()).toContain('the API server answers again');
      expect(watch.out().match(/may be old/g)).toHaveLength(1);
    } finally {
      await connection.close();
      await proxy.stop();
    }
  }, 60_000);

  it('asks anew where a watch says nothing for long, as on a laptop that slept', async () => {
    await makeTrust('moving', MOVING);
    const proxy: SilentProxy = await startSilentProxy(rig.plane.config);
    const connection = connect({ server: proxy.server, caPem: proxy.caPem, token: await viewerToken() });
    // 90 s of silence are 3 s, and a watch would end after 20 s.
    const started = Date.now();
    const clock: Clock = {
      now: () => started + (Date.now() - started) * 30,
      setTimeout: (fn, ms) => systemClock.setTimeout(fn, ms / 30),
    };
    const watch = watchHere(connection, 'moving', {}, {}, clock);
    try {
      await eventually(async () => proxy.passed.filter(({ path }) => path.includes('watch=')).length >= 2);
      proxy.swallowWatches();
      await say('moving', READY);
      expect(await watch.ended).toBe(0);
      expect(watch.out()).toContain('moving: Ready: Trusted');
      expect(Date.now() - started).toBeLessThan(15_000);
    } finally {
      await connection.close();
      await proxy.stop();
    }
  }, 60_000);
});

/** Of a service account with the role for viewers, everywhere. */
async function viewerToken(role = 'aks-ca-trust-viewer'): Promise<string> {
  const name = await makeServiceAccount(rig.admin, rig.namespace);
  await bind('clusterrolebindings', name, role);
  return tokenOf(rig.admin, rig.namespace, name);
}

async function bind(kind: string, name: string, role: string): Promise<void> {
  await rig.admin.request({
    method: 'POST',
    path: kind === 'clusterrolebindings' ? `${RBAC}/${kind}` : `${RBAC}/namespaces/${rig.namespace}/${kind}`,
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace: rig.namespace }],
    },
  });
}

describe('the rights of a viewer', () => {
  async function show(token: string, scope: ResolvedScope): Promise<{ code: number; out: string }> {
    const { server, caPem } = rig.plane.config;
    const connection = connect({ server, caPem, token });
    let out = '';
    const output = pipe((text) => (out += text));
    const { signal } = new AbortController();
    try {
      const code = await showStatus({ connection, scope, request: REQUEST, output, clock: systemClock, signal });
      return { code, out };
    } finally {
      await connection.close();
    }
  }
  const scopes = (): ResolvedScope[] => [
    { kind: 'Object', namespace: rig.namespace, name: 'fine' },
    { kind: 'Namespace', namespace: rig.namespace },
    { kind: 'Everywhere' },
    { kind: 'Cluster', cluster: 'prod' },
    { kind: 'Cluster', cluster: ID },
  ];

  it('are to read the two kinds and nothing else, and part of the role view', () => {
    expect(ROLE).toMatchObject({ metadata: { labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } } });
    expect(ROLE.rules).toEqual([
      {
        apiGroups: ['aks-ca-trust.dev'],
        resources: ['customcatrusts', 'targetclusters'],
        verbs: ['get', 'list', 'watch'],
      },
    ]);
  });

  it('suffice for every view', async () => {
    await makeTrust('fine', READY);
    await makeRecord();
    const token = await viewerToken();
    for (const scope of scopes()) expect(await show(token, scope)).toMatchObject({ code: 0 });
  }, 30_000);

  it('in one namespace only suffice for its objects; what is left out is said', async () => {
    await makeTrust('fine', READY);
    await makeRecord();
    const name = await makeServiceAccount(rig.admin, rig.namespace);
    await bind('rolebindings', name, 'aks-ca-trust-viewer');
    const token = await tokenOf(rig.admin, rig.namespace, name);
    const [object, namespace, ...others] = scopes();
    for (const scope of [object!, namespace!]) {
      const { code, out } = await show(token, scope);
      expect(code).toBe(0);
      expect(out).toContain('aks-ca-trust: TargetCluster objects may not be read');
    }
    const { server, caPem } = rig.plane.config;
    const connection = connect({ server, caPem, token });
    const watch = watchHere(connection, 'fine', { forever: true });
    await eventually(async () => watch.out().includes('TargetCluster objects may not be read'));
    await say('fine', MOVING);
    await eventually(async () => watch.out().includes('fine: not Ready: Updating'));
    watch.stop.abort();
    await watch.ended;
    await connection.close();
    expect(watch.out()).not.toContain('may be old');
    await say('fine', READY);
    for (const scope of others)
      await expect(show(token, scope)).rejects.toThrow(
        /^not allowed; the ClusterRole aks-ca-trust-viewer has the rights/,
      );
  }, 30_000);

  it('are asked for by name where somebody has none', async () => {
    await makeTrust('fine', READY);
    const name = await makeServiceAccount(rig.admin, rig.namespace);
    const token = await tokenOf(rig.admin, rig.namespace, name);
    for (const scope of scopes()) await expect(show(token, scope)).rejects.toThrow('aks-ca-trust-viewer');
    await expect(show('no-token', { kind: 'Everywhere' })).rejects.toThrow('does not accept these credentials');
  }, 30_000);
});
