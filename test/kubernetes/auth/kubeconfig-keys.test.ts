import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { stringify } from 'yaml';
import { describe, expect, it } from '@jest/globals';
import { readAzureKubeconfig } from '../../../src/cluster/node-access/azure-kubeconfig.ts';
import { keyProblem } from '../../../src/kubernetes/auth/key-strength.ts';
import { readKubeconfigData } from '../../../src/kubernetes/auth/kubeconfig-data.ts';
import { certificateOf, ecOf, pemOf, rsaOf } from '../odd-keys.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const noToken = { current: () => Promise.reject(new Error('not used')), distrust: () => {} };
const GOOD = ecOf('P-256');

function config(client: KeyObject, ca: readonly KeyObject[] = [GOOD], more = ''): string {
  const cluster = {
    server: 'https://prod.example.test',
    'certificate-authority-data': base64(ca.map(certificateOf).join('') + more),
  };
  const user = { 'client-certificate-data': base64(certificateOf(client)), 'client-key-data': base64(pemOf(client)) };
  return stringify({
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

/** What is said of it, and after how many milliseconds. */
function refusal(text: string): { readonly message: string; readonly ms: number } {
  const start = performance.now();
  const reading = readKubeconfigData(text);
  const ms = performance.now() - start;
  const ofAzure = readAzureKubeconfig(text, noToken, undefined);
  expect(ofAzure.ok ? '' : ofAzure.message).toBe(reading.ok ? '' : reading.message);
  return { message: reading.ok ? '' : reading.message, ms };
}

const TAKEN: readonly [string, () => KeyObject][] = [
  ['RSA of 2048 bits', () => rsaOf({ modulus: 2048 })],
  ['RSA of 4096 bits', () => rsaOf({ modulus: 4096 })],
  ['RSA of 8192 bits', () => rsaOf({ modulus: 8192 })],
  ['RSA with an exponent of 32 bits', () => rsaOf({ modulus: 2048, exponent: 32 })],
  ['honest RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['P-256', () => GOOD],
  ['P-384', () => ecOf('P-384')],
  ['P-521', () => ecOf('P-521')],
  ['Ed25519', () => generateKeyPairSync('ed25519').privateKey],
];

const REFUSED: readonly [string, () => KeyObject, RegExp][] = [
  ['RSA of 1024 bits', () => rsaOf({ modulus: 1024 }), /RSA of 1024 bits/],
  ['RSA of 8200 bits', () => rsaOf({ modulus: 8200 }), /RSA of 8200 bits/],
  ['RSA of 16384 bits', () => rsaOf({ modulus: 16384 }), /RSA of 16384 bits/],
  ['RSA of 32768 bits', () => rsaOf({ modulus: 32768 }), /RSA of 32768 bits/],
  ['RSA with an exponent of 33 bits', () => rsaOf({ modulus: 2048, exponent: 33 }), /public exponent/],
  ['RSA with a long exponent', () => rsaOf({ modulus: 2048, exponent: 2000 }), /public exponent/],
  ['secp256k1', () => ecOf('secp256k1'), /elliptic curve secp256k1/],
  ['Ed448', () => generateKeyPairSync('ed448').privateKey, /type ed448/],
  ['RSA-PSS', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, /type rsa-pss/],
];

describe('the keys of a kubeconfig', () => {
  it.each(TAKEN)('may be %s', (_what, make) => {
    const key = make();
    expect(refusal(config(key)).message).toBe('');
    expect(refusal(config(GOOD, [key])).message).toBe('');
  });

  it.each(REFUSED)('may not be %s: neither ours nor those of certificates', (_what, make, problem) => {
    const key = make();
    const taken = 'RSA of 2048 to 8192 bits, P-256, P-384, P-521 and Ed25519 are accepted';
    const ours = refusal(config(key));
    expect(ours.message).toMatch(problem);
    expect(ours.message).toContain(`client-certificate-data is refused`);
    expect(ours.message).toContain(taken);
    const theirs = refusal(config(GOOD, [GOOD, key]));
    expect(theirs.message).toMatch(problem);
    expect(theirs.message).toContain('the key of a certificate in certificate-authority-data is refused');
    for (const { ms } of [ours, theirs]) expect(ms).toBeLessThan(1000);
  });

  it('may not have primes that make up for a small modulus', () => {
    expect(keyProblem(rsaOf({ modulus: 8192, primes: 8192 }))).toBe('its primes are larger than those of its size');
  });

  it('may be of no size that stops the process, for any size of the Secret', () => {
    const { message, ms } = refusal(config(GOOD, [rsaOf({ modulus: 262_144 })]));
    expect(message).toMatch(/RSA of 262144 bits/);
    expect(ms).toBeLessThan(1000);
  });

  it('may not be hidden in a block that only OpenSSL reads', () => {
    const giant = certificateOf(rsaOf({ modulus: 16_384 }));
    for (const label of ['TRUSTED CERTIFICATE', 'X509 CERTIFICATE']) {
      const reading = readKubeconfigData(config(GOOD, [GOOD], giant.replaceAll('CERTIFICATE', label)));
      if (!reading.ok) throw new Error(reading.message);
      expect(reading.credentials.caPem?.match(/BEGIN [^-]*/g)).toEqual(['BEGIN CERTIFICATE']);
    }
  });

  it('may be of 64 certificates, and no more', () => {
    const one = certificateOf(GOOD);
    expect(refusal(config(GOOD, [], one.repeat(64))).message).toBe('');
    expect(refusal(config(GOOD, [], one.repeat(65))).message).toMatch(/more than 64 certificates/);
  });
});
