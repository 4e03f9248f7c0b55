import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { entrypoint, instructions } from './dockerfile.ts';
import type { Deployment } from './kustomize.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const deployment = parse(read('deploy/kustomize/controller/deployment.yaml')) as Deployment;
const { version } = JSON.parse(read('package.json')) as { version: string };

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
      await Promise.all([build(stage), build(root, '--outdir', join(here, 'own'))]);
      const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
      expect(digest(join(stage, 'dist', 'aks-ca-trust.mjs'))).toBe(digest(join(here, 'own', 'aks-ca-trust.mjs')));
    } finally {
      rmSync(here, { recursive: true, force: true });
    }
  }, 60_000);

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
});
