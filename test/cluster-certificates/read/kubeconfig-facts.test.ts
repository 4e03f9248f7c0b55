import { beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import type { X509Certificate } from 'node:crypto';
import { readKubeconfigFacts, withoutSecrets } from '../../../src/cluster-certificates/read/kubeconfig-facts.ts';
import { makeAuthority, type Authority } from '../authority.ts';

const NOW = Date.UTC(2026, 11, 1);
const SECRET = 'c2VjcmV0';

let authority: Authority;
let client: X509Certificate;
beforeAll(async () => {
  authority = await makeAuthority(NOW);
  client = await authority.sign('O=system:masters, CN=masterclient', { notBefore: NOW, notAfter: NOW + 1 });
});

const base64 = (certificate: X509Certificate) => Buffer.from(certificate.toString()).toString('base64');

function kubeconfig(cluster: object = {}, user: object = {}): string {
  return stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'aks' },
    contexts: [{ name: 'aks', context: { cluster: 'aks', user: 'clusterUser_rg_aks' } }],
    clusters: [
      {
        name: 'aks',
        cluster: {
          server: 'https://aks.example:443',
          'certificate-authority-data': base64(authority.certificate),
          ...cluster,
        },
      },
    ],
    users: [
      {
        name: 'clusterUser_rg_aks',
        user: { 'client-certificate-data': base64(client), 'client-key-data': SECRET, token: SECRET, ...user },
      },
    ],
  });
}

function factsOf(text: string | undefined) {
  const reading = readKubeconfigFacts(text ?? '');
  if (!reading.ok) throw new Error(reading.message);
  return reading.facts;
}

describe('a kubeconfig', () => {
  it('shows its certificates and its server', () => {
    const { clusterCA, client: shown, ...rest } = factsOf(kubeconfig({ 'tls-server-name': 'aks.internal' }));
    expect(clusterCA?.ok && clusterCA.certificates.map(({ fingerprint256 }) => fingerprint256)).toEqual([
      authority.certificate.fingerprint256,
    ]);
    expect(shown?.ok && shown.certificate.fingerprint256).toBe(client.fingerprint256);
    expect(rest).toEqual({ server: 'https://aks.example/', tlsServerName: 'aks.internal' });
  });

  it('shows the rest where a part cannot be used', () => {
    const facts = factsOf(
      kubeconfig(
        { 'certificate-authority-data': undefined, 'certificate-authority': '/etc/ca.crt', 'proxy-url': 'http://p' },
        { 'client-certificate-data': 'AAAA', token: undefined, exec: { command: 'kubelogin' } },
      ),
    );
    expect(facts).toEqual({
      server: 'https://aks.example/',
      clusterCA: {
        ok: false,
        message: 'certificate-authority names a file, and only certificate-authority-data is read',
      },
      client: { ok: false, message: 'client-certificate-data cannot be used: it has no certificate in PEM' },
    });
  });

  it.each(['http://aks.example', 'https://user:pw@aks.example', 'aks', `https://${'a'.repeat(3000)}`])(
    'has no server where it is %s',
    (server) => {
      expect(factsOf(kubeconfig({ server })).server).toBeUndefined();
    },
  );

  it.each<[string, string]>([
    ['', 'it is empty'],
    ['a: 1', 'current-context is missing'],
    ['current-context: x', 'its current context has no cluster, or no user'],
  ])('of %j is refused', (text, message) => {
    expect(readKubeconfigFacts(text)).toEqual({ ok: false, message });
    expect(withoutSecrets(text)).toBeUndefined();
  });
});

describe('a kubeconfig without its secrets', () => {
  it('shows the same', () => {
    for (const text of [
      kubeconfig(),
      kubeconfig({ 'tls-server-name': 'x' }, { exec: { command: 'kubelogin', args: [SECRET] } }),
      kubeconfig({ 'certificate-authority-data': 'AAAA' }, { 'client-certificate': '/a', token: undefined }),
    ])
      expect(String(JSON.stringify(factsOf(withoutSecrets(text))))).toBe(JSON.stringify(factsOf(text)));
  });

  it('has none of them', () => {
    const user = { password: SECRET, username: SECRET, exec: { command: SECRET, env: [{ name: 'A', value: SECRET }] } };
    const kept = withoutSecrets(kubeconfig({ 'proxy-url': `http://u:${SECRET}@p` }, user));
    expect(kept).toContain('certificate-authority-data');
    expect(kept).not.toContain(SECRET);
  });
});
