import { existsSync, readFileSync } from 'node:fs';
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
