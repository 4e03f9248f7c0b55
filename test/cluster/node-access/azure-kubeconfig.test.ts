import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kubeconfig, execUser, pluginUser } from '../../../simulator/arm/kubeconfig.ts';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';
import type { ApiServerToken } from '../../../src/azure/api-server-token.ts';
import { readAzureKubeconfig } from '../../../src/cluster/node-access/azure-kubeconfig.ts';

const TENANT = '8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8';
const OTHER = 'a2cc6c1b-3c5b-4b6a-9b8f-0a1a5b1f6f10';
const { caPem, certPem, keyPem } = await makeServingCertificate([], Date.now());

const SUFFIXES = ['azmk8s.io', 'cx.aks.containerservice.azure.us'];

let distrusted = 0;
const token: ApiServerToken = { current: () => Promise.resolve('of-entra'), distrust: () => (distrusted += 1) };

const base64 = (text: string) => Buffer.from(text).toString('base64');
const local = `    client-certificate-data: ${base64(certPem)}\n    client-key-data: ${base64(keyPem)}\n    token: of-the-account\n`;
const parts = {
  cluster: 'prod',
  userName: 'clusterUser_rg_prod',
  server: 'https://prod.hcp.westeurope.azmk8s.io:443',
  caPem,
};
const text = (user: string, change: Partial<typeof parts> = {}) => kubeconfig({ ...parts, ...change, user });

function refusal(config: string): string {
  const reading = readAzureKubeconfig(config, token, SUFFIXES);
  return reading.ok ? 'used' : reading.message;
}

describe('a kubeconfig from ARM', () => {
  it('of a local account is used as it is', () => {
    expect(readAzureKubeconfig(text(local), token, SUFFIXES)).toEqual({
      ok: true,
      signIn: 'LocalAccount',
      credentials: { server: 'https://prod.hcp.westeurope.azmk8s.io', caPem, certPem, keyPem, token: 'of-the-account' },
    });
  });

  it.each([
    ['kubelogin', execUser(TENANT)],
    ['the plugin of old', pluginUser(TENANT)],
  ])('with %s is used with the token of our own identity, which is asked for each time', async (_what, user) => {
    const reading = readAzureKubeconfig(text(user), token, SUFFIXES);
    if (!reading.ok || typeof reading.credentials.token !== 'function') throw new Error('not used');
    expect(reading).toMatchObject({ signIn: 'Entra', tenantId: TENANT });
    expect(reading.credentials).toMatchObject({ server: 'https://prod.hcp.westeurope.azmk8s.io', caPem });
    expect(await reading.credentials.token()).toBe('of-entra');
    const before = distrusted;
    reading.credentials.distrust?.();
    expect(distrusted).toBe(before + 1);
  });

  it.each([
    ['kubelogin', execUser(TENANT)],
    ['the plugin of old', pluginUser(TENANT)],
  ])('with %s gets no token for the server application of another owner', (_what, user) => {
    const message = refusal(text(user.replace('6dae42f8-4368-4678-94ff-3960e28e3630', OTHER)));
    expect(message).toContain(OTHER);
    expect(message).toContain('az aks update --enable-aad');
  });

  it.each([
    'https://prod.privatelink.westeurope.azmk8s.io:443',
    'https://prod-0123.hcp.usgovvirginia.cx.aks.containerservice.azure.us',
  ])("shows the token of our own identity to AKS' API servers: %s", (server) => {
    expect(refusal(text(execUser(TENANT), { server }))).toBe('used');
  });

  it.each([
    ['https://evil.example', 'evil.example'],
    ['https://azmk8s.io', 'azmk8s.io'],
    ['https://prod.hcp.westeurope.azmk8s.io.evil.example', 'prod.hcp.westeurope.azmk8s.io.evil.example'],
    ['https://evilazmk8s.io', 'evilazmk8s.io'],
    ['https://10.0.0.4:443', '10.0.0.4'],
  ])('sends the token of our own identity to no other server: %s', (server, host) => {
    expect(refusal(text(execUser(TENANT), { server }))).toBe(
      `its server ${host} is not below azmk8s.io or cx.aks.containerservice.azure.us, so the controller does not send it the token for AKS' API servers`,
    );
    // An account of the cluster itself is no secret to it.
    expect(refusal(text(local, { server }))).toBe('used');
    expect(readAzureKubeconfig(text(execUser(TENANT), { server }), token, undefined).ok).toBe(true);
  });

  it.each([
    ['a program without arguments', '    exec:\n      command: kubelogin\n'],
    ['another program', '    exec:\n      command: /bin/rm\n      args: [-rf, /]\n'],
    ['a server id that is none', '    exec:\n      command: kubelogin\n      args: [--server-id, secret-text]\n'],
    ['a server id that is cut off', '    exec:\n      command: kubelogin\n      args: [get-token, --server-id]\n'],
    ['a plugin without settings', '    auth-provider:\n      name: azure\n'],
  ])('with %s gets no token, and nothing of it is quoted', (_what, user) => {
    const message = refusal(text(user));
    expect(message).toMatch(/accepts tokens for an application that it does not name/);
    expect(message).not.toMatch(/secret-text|rm/);
  });

  it.each([
    ['an address without TLS', text(execUser(TENANT), { server: 'http://prod' }), /https/],
    [
      'an unchecked server',
      text(execUser(TENANT)).replace('    server:', '    insecure-skip-tls-verify: true\n    server:'),
      /insecure-skip-tls-verify/,
    ],
    ['a proxy', text(execUser(TENANT)).replace('    server:', '    proxy-url: http://x\n    server:'), /proxy-url/],
    [
      'no CA',
      text(execUser(TENANT)).replace(/ +certificate-authority-data: .*\n/, ''),
      /certificate-authority-data is missing/,
    ],
    [
      'a CA that is none',
      text(execUser(TENANT)).replace(/(certificate-authority-data: ).*\n/, '$1AAAA\n'),
      /base64 of PEM/,
    ],
    ['no such context', text(local).replace('current-context: prod', 'current-context: x'), /current-context/],
    ['nothing', '', /empty/],
  ])('with %s is refused', (_what, config, message) => {
    expect(refusal(config)).toMatch(message);
  });

  it('is read or refused, whatever became of it on the way', () => {
    const cut = fc.record({
      config: fc.constantFrom(text(local), text(execUser(TENANT)), text(pluginUser(TENANT))),
      from: fc.nat(6000),
      length: fc.nat(40),
      put: fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('\n', 'null', '[]', '{}', '- ', 'user:', '&a', '*a')),
    });
    fc.assert(
      fc.property(cut, ({ config, from, length, put }) => {
        const changed = config.slice(0, from) + put + config.slice(from + length);
        const reading = readAzureKubeconfig(changed, token, SUFFIXES);
        // Our identity shows itself to no server but one that ARM's CA has signed for.
        if (reading.ok && reading.signIn === 'Entra') expect(reading.credentials.caPem).toContain('BEGIN CERTIFICATE');
        else if (!reading.ok) expect(reading.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it('with a program and an account at a time is signed in to with our own identity', () => {
    expect(readAzureKubeconfig(text(execUser(TENANT) + local), token, SUFFIXES)).toMatchObject({ signIn: 'Entra' });
    const reading = readAzureKubeconfig(text(execUser(TENANT) + local), token, SUFFIXES);
    expect(reading.ok && reading.credentials.keyPem).toBeUndefined();
  });
});
