import 'reflect-metadata'; // @peculiar/x509 wants it loaded first
import { beforeAll, describe, expect, it } from '@jest/globals';
import { webcrypto, type X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { authenticationConfigMap } from '../../../src/cluster-certificates/read/authentication-config-map.ts';
import { certificatesIn } from '../../../src/cluster-certificates/read/certificates.ts';
import { clusterCA } from '../../../src/cluster-certificates/read/cluster-ca.ts';
import { nodes } from '../../../src/cluster-certificates/read/nodes.ts';
import { readEvidence } from '../../../src/cluster-certificates/read/read-evidence.ts';
import { signingKeys } from '../../../src/cluster-certificates/read/signing-keys.ts';
import type { EvidenceReader } from '../../../src/cluster-certificates/read/source.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { HOSTILE_VALUES } from '../../hostile-values.ts';
import { makeAuthority } from '../authority.ts';

const NOW = Date.UTC(2026, 11, 1);
const SIGNAL = new AbortController().signal;

/** What a reader makes of an answer of the API server. */
async function readFrom(reader: EvidenceReader, answer: unknown) {
  const request = () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
  const access = { ok: true, connection: { request } } as const;
  const { readAt: _, ...members } = await readEvidence({ access }, () => NOW, SIGNAL, [reader]);
  return members;
}

let ca: X509Certificate;
beforeAll(async () => {
  ca = (await makeAuthority(NOW)).certificate;
});

const READERS = { clusterCA, authenticationConfigMap, signingKeys, nodes };

/** Odd values, in the place of an answer and of each of its members. */
const ODD = HOSTILE_VALUES.flatMap(([, json]) => {
  const value: unknown = JSON.parse(json);
  const data = { 'ca.crt': value, 'client-ca-file': value, 'requestheader-client-ca-file': value };
  const columnDefinitions = [{ name: 'Status' }];
  return [
    value,
    { data: value, keys: value, metadata: value, rows: value, columnDefinitions },
    { data, keys: [value], metadata: { creationTimestamp: value }, rows: [value], columnDefinitions },
  ];
});

describe('an answer of another shape', () => {
  it.each(Object.entries(READERS))('is a finding of %s', async (_, reader) => {
    for (const value of ODD) {
      const members = await readFrom(reader, value);
      expect(Object.keys(members).sort()).toEqual([...reader.members].sort());
      for (const finding of Object.values(members))
        expect(finding).toMatchObject({ known: false, why: expect.stringMatching(/^.{1,700}\.$/s) });
    }
  });

  it.each(Object.entries(READERS))('and a refusal names the right that %s needs', async (_, reader) => {
    const refusal = new KubernetesError(403, 'Forbidden', 'GET /x: 403 Forbidden: User "u" cannot get', {
      hasStatus: true,
    });
    for (const finding of Object.values(await readFrom(reader, refusal)))
      expect(finding).toMatchObject({
        known: false,
        why: expect.stringContaining('User "u" cannot get'),
        fix: expect.stringMatching(/certificates-role\.yaml, which has the right to (get|list) \S+/),
      });
  });

  it('a 403 of another server than an API server names no right', async () => {
    const refusal = new KubernetesError(403, 'UnexpectedAnswer', 'no Status', { hasStatus: false });
    const { nodes: finding } = await readFrom(nodes, refusal);
    expect(finding).toEqual({ known: false, why: 'The API server could not be asked for the nodes: no Status.' });
  });
});

describe('the keys of service accounts', () => {
  it.each<[string, unknown, string]>([
    ['without an id', { keys: [{ kty: 'RSA' }] }, 'without a usable id'],
    ['with an id of blanks', { keys: [{ kid: 'a b' }] }, 'without a usable id'],
    [
      'of an endless number',
      { keys: Array.from({ length: 17 }, (_, kid) => ({ kid: `${kid}` })) },
      'more than 16 keys',
    ],
  ])('%s are unknown', async (_, answer, why) => {
    const { signingKeys: found } = await readFrom(signingKeys, answer);
    expect(found).toMatchObject({ known: false, why: expect.stringContaining(why) });
  });

  it('are sorted, and each is there once', async () => {
    const { signingKeys: found } = await readFrom(signingKeys, { keys: ['b', 'a', 'b'].map((kid) => ({ kid })) });
    expect(found).toMatchObject({ known: true, value: ['a', 'b'] });
  });
});

describe('a bundle of certificates', () => {
  const pem = () => ca.toString();
  it.each<[string, () => string, string | undefined]>([
    ['two CAs and text around them', () => `# old\n${pem()}\n# new\n${pem()}`, undefined],
    ['nothing', () => '', 'it has no certificate in PEM'],
    ['a private key', () => pem().replaceAll('CERTIFICATE', 'PRIVATE KEY'), 'it has no certificate in PEM'],
    ['damaged base64', () => pem().replace(/\n[A-Za-z0-9+/]{20}/, '\n'), 'it has a certificate that cannot be read'],
    ['very many', () => pem().repeat(17), 'it has more than 16 certificates'],
    ['megabytes', () => 'x'.repeat(2 ** 20), 'it is longer than 262144 characters'],
  ])('with %s is read with bounds', (_, text, message) => {
    const result = certificatesIn(text());
    if (message === undefined) expect(result).toMatchObject({ ok: true, certificates: { length: 2 } });
    else expect(result).toEqual({ ok: false, message });
  });

  it('with a key that is costly to verify with is refused', async () => {
    const usage = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const size = { modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) };
    const keys = await webcrypto.subtle.generateKey({ ...usage, ...size }, true, ['sign', 'verify']);
    const weak = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=ca', keys, signingAlgorithm: usage });
    expect(certificatesIn(weak.toString('pem'))).toEqual({
      ok: false,
      message: expect.stringContaining('RSA of 1024 bits'),
    });
  });
});
