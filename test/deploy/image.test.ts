import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { parse } from 'yaml';
import { entrypoint, instructions } from './dockerfile.ts';
import type { Deployment } from './kustomize.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const deployment = parse(read('deploy/kustomize/controller/deployment.yaml')) as Deployment;
const { version, license, description } = JSON.parse(read('package.json')) as Record<string, string>;
/** The instructions after the last FROM. */
const lastStage =
  read('Dockerfile')
    .split(/^FROM /m)
    .at(-1) ?? '';

describe('the image', () => {
  it('copies only what is there and what the build may see', () => {
    const visible = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = instructions('COPY')
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(/\s+/).slice(0, -1));
    expect(copied.toSorted()).toEqual(visible.toSorted());
    for (const path of copied) expect(existsSync(new URL(`../../${path}`, import.meta.url))).toBe(true);
  });

  it('builds from what it copies the very bytes that make build makes, which are the ones that the tests run', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    mkdirSync(join(root, 'coverage'), { recursive: true });
    // On the file system of the checkout, so that packages can be linked; esbuild would follow a symbolic link out of the folder.
    const here = mkdtempSync(join(root, 'coverage', 'image-'));
    try {
      const stage = join(here, 'build');
      for (const path of ['package.json', 'package-lock.json', '.npmrc', 'src', 'scripts'])
        cpSync(join(root, path), join(stage, path), { recursive: true });
      const run = promisify(execFile);
      await run('cp', ['-al', join(root, 'node_modules'), join(stage, 'node_modules')]);
      const build = (cwd: string, ...args: string[]) => run(process.execPath, ['scripts/build.ts', ...args], { cwd });
      const own = join(here, 'own');
      await Promise.all([build(stage), build(root, '--outdir', own)]);
      const copied = (instructions('COPY').at(-1) ?? '').split(/\s+/).slice(1, -1);
      const files = copied.map((path) => path.replace(/^\/build\/dist\//, ''));
      for (const file of files)
        expect(readFileSync(join(stage, 'dist', file)).equals(readFileSync(join(own, file)))).toBe(true);
      expect(readdirSync(own).toSorted()).toEqual([...files, 'aks-ca-trust.mjs.map'].toSorted());
    } finally {
      rmSync(here, { recursive: true, force: true });
    }
  }, 120_000);

  it('starts the bundle where it was copied to', () => {
    const [folder] = instructions('WORKDIR').slice(-1);
    expect(entrypoint().program).toBe(`${folder}/aks-ca-trust.mjs`);
    expect(instructions('COPY').at(-1)).toMatch(/^--from=build .*\/aks-ca-trust\.mjs \.\/$/);
  });

  it('has the user, ports and the version that the deployment names', () => {
    const { securityContext, containers } = deployment.spec.template.spec;
    const [container] = containers;
    expect(instructions('USER')).toEqual([`${securityContext.runAsUser}:${securityContext.runAsUser}`]);
    const ports = container?.ports.map(({ containerPort }) => `${containerPort}`);
    expect(instructions('EXPOSE').flatMap((words) => words.split(' '))).toEqual(ports);
    expect(instructions('ARG')).toContain(`VERSION=${version}`);
    expect(container?.image).toBe(`aks-ca-trust:${version}`);
  });

  it('has a Dockerfile without a finding of its linter, which finds a wrong one', () => {
    expect(validate(read('Dockerfile'), { deprecatedMaintainer: ValidationSeverity.ERROR })).toEqual([]);
    expect(validate('FROM a\nWORKDIR app\nUSR 1\n')).toHaveLength(2);
  });

  it('has a last stage without a shell: nothing runs in it, and every word of its command is written out', () => {
    expect(lastStage).not.toMatch(/^(?:RUN|SHELL|HEALTHCHECK|ADD) /m);
    for (const name of ['ENTRYPOINT', 'CMD']) expect(instructions(name)).toEqual([expect.stringMatching(/^\[".*"\]$/)]);
    expect(instructions('ARG').find((arg) => arg.startsWith('RUN_IMAGE='))).toMatch(/\/distroless\/.*:nonroot$/);
  });

  it.each([
    ['writes a file', "require('node:fs').writeFileSync('/tmp/aks-ca-trust', '')"],
    ['starts a process', "require('node:child_process').spawnSync('/bin/true')"],
    ['loads native code', "process.dlopen({ exports: {} }, '/lib/native.node')"],
    ['starts a thread', "new (require('node:worker_threads').Worker)('', { eval: true })"],
  ])('has a program that never %s', async (_, code) => {
    const running = promisify(execFile)(process.execPath, [...entrypoint().flags, '-e', code]);
    await expect(running).rejects.toThrow(/ERR_(?:ACCESS_DENIED|DLOPEN_DISABLED)/);
  });

  it('is labelled with the words of package.json', () => {
    const [labels = ''] = instructions('LABEL');
    const pairs = [...labels.matchAll(/org\.opencontainers\.image\.(\S+?)="([^"]*)"/g)];
    expect(Object.fromEntries(pairs.map(([, name, value]) => [name, value]))).toEqual({
      title: 'aks-ca-trust',
      description,
      licenses: license,
      version: '${VERSION}',
    });
  });

  it('has one major version of Node.js with everything that builds, checks and refuses', () => {
    const manifest = JSON.parse(read('package.json')) as {
      engines: { node: string };
      devDependencies: Record<string, string>;
    };
    const majors = {
      engines: /^>=(\d+)$/.exec(manifest.engines.node)?.[1],
      node: manifest.devDependencies['node']?.split('.')[0],
      types: manifest.devDependencies['@types/node']?.split('.')[0],
      buildImage: /BUILD_IMAGE=node:(\d+)-/.exec(read('Dockerfile'))?.[1],
      runImage: /RUN_IMAGE=\S*\/nodejs(\d+)-/.exec(read('Dockerfile'))?.[1],
      target: /target: 'node(\d+)'/.exec(read('scripts/build.ts'))?.[1],
      refused: /\[0\]\) < (\d+)\)/.exec(read('scripts/needs-node.mjs'))?.[1],
      running: process.versions.node.split('.')[0],
    };
    // Another major needs more than a number: 25 and later refuse the network under --permission unless --allow-net is given.
    expect(new Set(Object.values(majors))).toEqual(new Set(['24']));
  });
});
