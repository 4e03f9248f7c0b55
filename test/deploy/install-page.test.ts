import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Manifest } from './kustomize.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/how-to/install.md');

describe('the page on installing', () => {
  it('names the service account that the manifests make', () => {
    const { metadata } = parse(read('deploy/kustomize/base/service-account.yaml')) as Manifest;
    expect(page).toContain(`--subject system:serviceaccount:${metadata.namespace}:${metadata.name} `);
  });

  it('explains every action of the role', () => {
    const role = JSON.parse(read('deploy/azure/role.json')) as { Name: string; Actions: string[] };
    const written = page.replaceAll('`…/', '`Microsoft.ContainerService/managedClusters/');
    for (const action of role.Actions) expect(written).toContain(`\`${action}\``);
    expect(page).toContain(`--role "${role.Name}"`);
  });
});
