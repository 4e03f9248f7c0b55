import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { play, readScenario } from '../../simulator/control/scenario.ts';
import { startSimulator, steppedClock } from '../../simulator/index.ts';
import { makeElements } from './certificates.ts';

const MAIN = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url));
const SCENARIO = `
clients:
  - { clientId: 11111111-1111-1111-1111-111111111111, clientSecret: s3cret }
clusters:
  - name: prod
    resourceGroup: apps
    pools:
      - { name: system, count: 1 }
      - { name: win, osType: Windows, count: 1 }
faults:
  - { operation: PutManagedCluster, status: 409, code: EtagMismatch }
schedule:
  - { at: 120, cluster: prod, action: recreate }
  - { at: 60, cluster: prod, action: scale, pool: system, count: 2 }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scenario-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function scenarioFile(text: string): Promise<string> {
  const path = join(folder, `${Math.random()}.yaml`);
  await writeFile(path, text);
  return path;
}

describe('a scenario', () => {
  it('puts in what it names and follows its schedule on the simulated clock', async () => {
    const clock = steppedClock(0);
    const simulator = await startSimulator({ clock });
    const path = await scenarioFile(SCENARIO);
    const played = await play(simulator, await readScenario(path), path);
    expect(played.clients).toMatchObject([{ clientSecret: 's3cret' }]);
    expect(simulator.faults.pending()).toHaveLength(1);
    const cluster = simulator.cluster('prod');
    const uid = cluster.resourceUid;
    expect(cluster.nodes()).toHaveLength(2);
    await clock.advance(59_000);
    expect(cluster.nodes()).toHaveLength(2);
    await clock.advance(10_000);
    expect(cluster.nodes()).toHaveLength(3);
    await clock.advance(60_000);
    await played.schedule;
    expect(cluster.nodes()).toHaveLength(2);
    expect(cluster.resourceUid).not.toBe(uid);
    await simulator.stop();
  });

  it.each([
    ['a part it does not have', 'cluster: []', /unknown cluster; a scenario has clients, clusters, faults, schedule/],
    ['an action there is not', 'schedule: [{at: 1, cluster: c, action: explode}]', /unknown action explode/],
  ])('with %s is refused', async (_, text, reason) => {
    await expect(readScenario(await scenarioFile(text))).rejects.toThrow(reason);
  });

  it.each([
    ['of a cluster', 'clusters: [{ name: prod, pool: [] }]', 'A cluster has no pool; it has subscriptionId, '],
    ['of a pool', 'clusters: [{ name: prod, pools: [{ name: a, nodes: 3 }] }]', 'A pool has no nodes; it has name, '],
  ])('with a misspelt member %s does not start the program', async (_, text, reason) => {
    const args = ['--no-warnings', MAIN, '--state', await scenarioFile(text)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^The simulator does not start: ${reason}[^\\n]*\\n$`));
  });
});

describe('the program', () => {
  let program: ChildProcess;
  let url: string;
  let token: string;
  let agent: Agent;
  const said: string[] = [];

  beforeAll(async () => {
    const path = await scenarioFile(SCENARIO);
    program = spawn(process.execPath, ['--no-warnings', MAIN, '--state', path, '--speed', '10000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: program.stdout! })) {
      said.push(line);
      if (line.includes('/_simulator/nodes')) break;
    }
    url = /https:\S+/.exec(said.join('\n'))?.[0] ?? '';
    token = /AKS_SIMULATOR_CONTROL_TOKEN='(\S+)'/.exec(said.join('\n'))?.[1] ?? '';
    agent = new Agent({ connect: { rejectUnauthorized: false } });
    const { caPem } = (await control('GET', '')).body as { caPem: string };
    await agent.close();
    agent = new Agent({ connect: { ca: caPem } });
  }, 20_000);
  afterAll(() => agent.close());

  async function control(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
    const response = await request(`${url}/_simulator${path}`, {
      method,
      dispatcher: agent,
      headers: { authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
    };
  }

  it('prints how to sign in with the client of the scenario', () => {
    expect(said.join('\n')).toContain(
      "az login --service-principal -u 11111111-1111-1111-1111-111111111111 -p 's3cret'",
    );
    expect(said.join('\n')).toContain(`AZURE_AUTHORITY_HOST=${url}`);
  });

  it('takes clusters, actions, faults and clients with the token it prints, and shows the lists of nodes', async () => {
    const [element] = await makeElements(1);
    const added = await control('POST', '/clusters', {
      name: 'added',
      pools: [{ name: 'system', count: 1, maxSurge: 0, maxUnavailable: 1 }],
    });
    expect(added).toMatchObject({ status: 200, body: { provisioningState: 'Succeeded', list: [] } });
    expect(
      await control('POST', '/clusters/actions', { cluster: 'added', action: 'changeList', elements: [element!.pem] }),
    ).toMatchObject({
      status: 200,
      body: { provisioningState: 'Updating', list: [element!.base64] },
    });
    expect(await control('POST', '/clusters/actions', { cluster: 'added', action: 'explode' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('There is no action explode') },
    });
    expect(await control('POST', '/faults', undefined, undefined)).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^The body is not JSON, which it has to be, unlike a scenario file: /) },
    });
    const { body: nodes } = await control('GET', '/nodes');
    expect(nodes).toMatchObject({ clusters: [{}, { nodes: [{ pool: 'system', osType: 'Linux' }] }] });
    expect(await control('DELETE', '/faults')).toMatchObject({ status: 204 });
    expect(await control('POST', '/faults', { operation: 'GetManagedCluster', status: 503 })).toMatchObject({
      status: 204,
    });
    expect(await control('GET', '/faults')).toMatchObject({ body: { faults: [{ status: 503 }] } });
    expect(await control('POST', '/clients', {})).toMatchObject({
      status: 200,
      body: { clientId: expect.any(String), federatedToken: expect.stringMatching(/^ey/) },
    });
    expect((await control('GET', '/nothing')).status).toBe(404);
  });

  it('shows the requests ARM got, and only those', async () => {
    await request(`${url}/subscriptions?api-version=2022-12-01`, { dispatcher: agent }).then(({ body }) => body.dump());
    const { body } = await control('GET', '/requests?operation=ListSubscriptions');
    expect(body).toMatchObject({ requests: [{ method: 'GET', path: '/subscriptions', status: 401 }] });
    await control('DELETE', '/requests');
    expect((await control('GET', '/requests')).body).toEqual({ requests: [] });
  });

  it('stops at a signal', async () => {
    program.kill('SIGTERM');
    const [code] = (await once(program, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  it.each([
    ['a scenario that is not there', ['--state', 'missing.yaml'], /there is no scenario file \/.*\/missing\.yaml$/],
    ['a scenario that is no YAML', ['--state', MAIN], /main\.ts, line \d+: not YAML \(\w+\)$/],
    ['a flag that it does not know', ['--stat', 'x'], /Unknown option '--stat'/],
    ['an address without a port', ['--listen', 'localhost'], /--listen wants host:port, not localhost$/],
    ['a clock that stands still', ['--speed', '0'], /speed must be more than 0, not 0$/],
  ])('refuses %s in one line, without a stack', async (_, args, line) => {
    const run = promisify(execFile)(process.execPath, ['--no-warnings', MAIN, ...args]);
    const failure = await run.catch((error: { code: number; stdout: string; stderr: string }) => error);
    expect(failure).toMatchObject({ code: 1, stdout: '' });
    expect(failure.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^The simulator does not start: /)]);
    expect(failure.stderr.trimEnd()).toMatch(line);
  });

  it('starts with the command that its README begins with', async () => {
    const readme = await readFile(new URL('../../simulator/README.md', import.meta.url), 'utf8');
    const [, command = ''] = /^node (simulator\/main\.ts .*)$/m.exec(readme) ?? [];
    const args = command.replace(/--listen \S+/, '--listen 127.0.0.1:0').split(' ');
    const example = spawn(process.execPath, ['--no-warnings', ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: example.stdout })) {
      lines.push(line);
      if (line.includes('/_simulator/nodes')) break;
    }
    example.kill('SIGTERM');
    expect(await once(example, 'exit')).toEqual([0, null]);
    expect(lines[0]).toMatch(/^AKS simulator at https:/);
  });

  it('says how it is used', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', MAIN, '--help']);
    expect(stdout).toContain('--state scenario.yaml');
  });
});
