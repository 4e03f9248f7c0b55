import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const FOLDER = '.github/workflows/';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
}
interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const texts = Object.fromEntries(readdirSync(new URL(FOLDER, ROOT)).map((name) => [name, read(`${FOLDER}${name}`)]));
const workflows = Object.entries(texts).map(([name, text]) => ({ name, ...(parse(text) as Workflow) }));
const jobs = workflows.flatMap(({ name, jobs }) =>
  Object.entries(jobs).map(([id, job]) => ({ id: `${name} ${id}`, ...job })),
);
const steps = jobs.flatMap(({ id, steps = [] }) => steps.map((step) => ({ id, ...step })));
const scripts = steps.flatMap(({ id, run }) => (run === undefined ? [] : [{ id, run }]));

/** The jobs that end before this one begins. */
function waitsFor(all: Readonly<Record<string, Job>>, id: string): string[] {
  return [all[id]?.needs ?? []].flat().flatMap((one) => [one, ...waitsFor(all, one)]);
}

describe('the workflows', () => {
  it('are those of a change and of a release', () => {
    expect(Object.keys(texts).sort()).toEqual(['ci.yaml', 'release.yaml']);
  });

  it('pin each action by a commit, and say which version it is', () => {
    const used = Object.values(texts).flatMap((text) => text.match(/uses: .*/g) ?? []);
    const foreign = used.filter((line) => !line.includes('uses: ./'));
    expect(foreign.length).toBeGreaterThan(10);
    for (const line of foreign) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    // One action, one commit.
    const commits = new Map(foreign.map((line) => [line.split('@')[0], line]));
    for (const line of foreign) expect(line).toBe(commits.get(line.split('@')[0]));
  });

  it('call only workflows that are here', () => {
    for (const { uses } of jobs) if (uses !== undefined) expect(existsSync(new URL(uses, ROOT))).toBe(true);
  });

  it('start at changes and at tags of releases, never with the rights of the repository for the code of a stranger', () => {
    expect(Object.fromEntries(workflows.map(({ name, on }) => [name, on]))).toEqual({
      ci: { push: { branches: ['main'] }, pull_request: null, workflow_call: null },
      release: { push: { tags: ['v*'] } },
    });
  });

  it('publish nothing before everything that must hold was checked', () => {
    const release = workflows.find(({ name }) => name === 'release.yaml')?.jobs ?? {};
    for (const id of Object.keys(release).filter((one) => one !== 'verify'))
      expect([id, waitsFor(release, id)]).toEqual([id, expect.arrayContaining(['verify'])]);
  });

  it('may do nothing that no job asks for: writing is each job’s own permission, and all jobs end', () => {
    // A text such as write-all instead of single permissions would grant all of them.
    const granted = Object.fromEntries(workflows.map(({ name, permissions }) => [name, permissions]));
    expect(granted).toEqual({ ci: { contents: 'read' }, release: {} });
    for (const { permissions = {} } of jobs) expect(typeof permissions).toBe('object');
    for (const job of jobs.filter(({ uses }) => uses === undefined)) expect(job['timeout-minutes']).toBeGreaterThan(0);
    const writes = Object.fromEntries(
      jobs.map(({ id, permissions = {} }) => [
        id,
        Object.keys(permissions).filter((key) => permissions[key] === 'write'),
      ]),
    );
    expect(writes).toEqual({
      'ci verify': [],
      'ci image': [],
      'release verify': [],
      'release files': ['id-token', 'attestations'],
      'release image': ['packages', 'id-token', 'attestations'],
      'release chart': ['packages', 'id-token', 'attestations'],
      'release npm': ['id-token'],
      'release page': ['contents'],
    });
  });

  it('leave no token behind in the checkout', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(checkouts.map(() => false));
  });

  it('put no text of an event into a script, where a shell would read it', () => {
    for (const { run } of scripts) expect(run).not.toContain('${{');
  });

  it('run the Node.js that the image has', () => {
    const versions = steps
      .filter(({ uses }) => uses?.startsWith('actions/setup-node@'))
      .map((step) => step.with?.['node-version']);
    expect(new Set(versions)).toEqual(new Set([24]));
  });

  it('name only files and steps that are there', () => {
    const named = scripts.flatMap(({ run }) => run.match(/(?:(?:scripts|\.ci)\/[\w./-]+|\bDockerfile\b)/g) ?? []);
    expect(named).toContain('scripts/release.ts');
    for (const path of named) expect([path, existsSync(new URL(path, ROOT))]).toEqual([path, true]);
    const known = new Set(read('scripts/release.ts').match(/(?<=case ')[\w-]+/g));
    for (const { run } of scripts)
      for (const [, step = ''] of run.matchAll(/scripts\/release\.ts ([\w-]+)/g)) expect(known).toContain(step);
  });

  it('give the Dockerfile only arguments that it has, and each label that it leaves to them', () => {
    const build = scripts.find(({ run }) => run.includes('docker buildx build'))?.run ?? '';
    const dockerfile = read('Dockerfile');
    for (const [, name] of build.matchAll(/--build-arg "(\w+)=/g))
      expect(dockerfile).toMatch(new RegExp(`^ARG ${name}=`, 'm'));
    const left = /adds what only it knows: (.*)\./.exec(dockerfile)?.[1]?.split(/, | and /);
    const given = [...build.matchAll(/--label "\$label\.([\w.]+)=/g)].map(([, name]) => name);
    expect(given.sort()).toEqual(left?.sort());
  });
});
