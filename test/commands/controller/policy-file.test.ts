import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { openPolicyFile, type PolicyFile } from '../../../src/commands/controller/policy-file.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { eventually } from '../../eventually.ts';
import { ManualClock } from '../../runtime/manual-clock.ts';

const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod';
const allowing = (...namespaces: string[]) =>
  `rules:\n  - namespaces: [${namespaces.join(', ')}]\n    clusters: ["${ID}"]\n`;

let folder: string;
let clock: ManualClock;
let registry: Registry;
let logged: { level: string; fields: object }[];
let changes: { before: Policy; after: Policy }[];
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
  clock = new ManualClock();
  registry = new Registry();
  logged = [];
  changes = [];
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true });
});

/** As the kubelet writes a ConfigMap: a new folder, and a link that is replaced in one step. */
async function mount(text: string): Promise<string> {
  const data = await mkdtemp(join(folder, '..data-'));
  await writeFile(join(data, 'policy.yaml'), text);
  await symlink(data, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  const path = join(folder, 'policy.yaml');
  await symlink(join('..data', 'policy.yaml'), path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return path;
}

async function open(path: string): Promise<PolicyFile> {
  const log = (level: string) => (fields: object) => void logged.push({ level, fields });
  const logger = {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: () => logger,
  };
  const file = await openPolicyFile({
    path,
    clock,
    logger,
    registry,
    onChange: (before, after) => void changes.push({ before, after }),
  });
  void file.part.run({ stop: stop.signal, cutOff: stop.signal });
  return file;
}

/** Steps the clock until it is as wanted: reading a file takes real time. */
async function stepUntil(reached: () => boolean): Promise<void> {
  await eventually(async () => {
    await clock.advance(5000);
    return reached();
  });
}

const mayName = (policy: Policy, namespace: string) => policy.grants(namespace, ID).target;
const gauge = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value;

describe('a policy file', () => {
  it('is in force from the start', async () => {
    const file = await open(await mount(allowing('team-a')));
    expect([mayName(file.current(), 'team-a'), mayName(file.current(), 'team-b')]).toEqual([true, false]);
    expect(await gauge('aks_ca_trust_policy_file_valid')).toBe(1);
  });

  it('is in force anew when the link of a mounted ConfigMap is replaced', async () => {
    const file = await open(await mount(allowing('team-a')));
    await mount(allowing('team-b'));
    await stepUntil(() => mayName(file.current(), 'team-b'));
    expect(changes).toHaveLength(1);
    expect(changes.map(({ before, after }) => [mayName(before, 'team-a'), mayName(after, 'team-a')])).toEqual([
      [true, false],
    ]);
  });

  it('stays as it was while the new one cannot be used, with a warning and a metric', async () => {
    const path = await mount(allowing('team-a'));
    const file = await open(path);
    await mount('rules:\n  - namespaces: [team-b]\n    cluster: []\n');
    await stepUntil(() => logged.some(({ level }) => level === 'warn'));
    expect(logged.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', fields: { path, fault: expect.stringMatching(/^Line 3: rules\[0\]\.cluster: /) } },
    ]);
    expect(mayName(file.current(), 'team-a')).toBe(true);
    expect(await gauge('aks_ca_trust_policy_file_valid')).toBe(0);
    await mount(allowing('team-b'));
    await stepUntil(() => mayName(file.current(), 'team-b'));
    expect(await gauge('aks_ca_trust_policy_file_valid')).toBe(1);
  });

  it('stays as it was when the file is gone', async () => {
    const path = await mount(allowing('team-a'));
    const file = await open(path);
    await rm(path);
    await stepUntil(() => logged.some(({ level }) => level === 'warn'));
    expect(mayName(file.current(), 'team-a')).toBe(true);
    expect(changes).toEqual([]);
  });

  it('says once that it cannot be used, not at each read', async () => {
    const path = await mount(allowing('team-a'));
    await open(path);
    await rm(path);
    await stepUntil(() => logged.some(({ level }) => level === 'warn'));
    for (let read = 0; read < 5; read++) await clock.advance(5000);
    expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it.each([
    ['cannot be read', async () => join(folder, 'none.yaml'), /^The policy file .*none\.yaml cannot be read: ENOENT/],
    ['is a folder', async () => (await mkdir(join(folder, 'd')), join(folder, 'd')), /cannot be read: EISDIR/],
    [
      'is wrong',
      () => mount('rules:\n  - adopt: 1\n'),
      /^The policy file .*policy\.yaml cannot be used\. Line 2: rules\[0\]: The member "namespaces" is missing\.$/,
    ],
    ['is far too long', () => mount(`#${'x'.repeat(2_000_000)}`), /cannot be read: .* bytes, and at most/],
  ])('that %s at the start is refused in one message', async (_, make, message) => {
    await expect(open(await make())).rejects.toThrow(message);
  });
});
