import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VERSION } from '../../src/api/version.ts';
import { startStatusRig, type StatusRig } from './status-rig.ts';

let rig: StatusRig;
beforeAll(async () => {
  rig = await startStatusRig();
}, 180_000);
afterAll(async () => {
  await rig.stop();
});

describe('version', () => {
  it.each([
    [
      'that refuses connections',
      (file: string) => ['--kubeconfig', file],
      /^aks-ca-trust: The API server \S+ does not answer: .*ECONNREFUSED.*\n$/,
    ],
    ['of a kubeconfig that is not there', () => ['--kubeconfig', '/none'], /^aks-ca-trust: .*ENOENT.*\n$/],
  ])('is an error for an API server %s, in one line, with its own version all the same', async (_, words, said) => {
    const file = join(rig.folder, 'dead');
    const yaml = rig.plane.config.kubeconfigYaml.replaceAll(rig.plane.config.server, 'https://127.0.0.1:1');
    writeFileSync(file, yaml);
    const { code, out, err } = await rig.runCommand('version', ...words(file));
    expect({ code, out }).toEqual({ code: 1, out: `client               ${VERSION}\n` });
    expect(err).toMatch(said);
  });

  it('reports what a viewer may not read, and is no error', async () => {
    const file = join(rig.folder, 'viewer');
    const user = { token: await rig.viewerToken() };
    const cluster = {
      server: rig.plane.config.server,
      'certificate-authority-data': Buffer.from(rig.plane.config.caPem).toString('base64'),
    };
    const config = {
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster }],
      users: [{ name: 'a', user }],
    };
    writeFileSync(file, JSON.stringify({ ...config, 'current-context': 'a' }));
    const { code, out, err } = await rig.runCommand('version', '--kubeconfig', file);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^client .*\ncertificaterotations the CRD of this version\ncustomcatrusts {7}the CRD of this version\ntargetclusters {7}the CRD of this version\n$/,
    );
    expect(err).toMatch(
      /^aks-ca-trust: The controller's version is not shown, because listing Leases in namespace aks-ca-trust-system is forbidden: /,
    );
  });
});
