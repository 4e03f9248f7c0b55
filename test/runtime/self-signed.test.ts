import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { makeSelfSigned, SELF_SIGNED_MS } from '../../src/runtime/self-signed.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

describe('a self-signed certificate', () => {
  it('is signed with its own key, names the host, and serves TLS alone', async () => {
    const { certPem, keyPem } = await makeSelfSigned('aks-ca-trust-0', NOW);
    const certificate = new X509Certificate(certPem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(certificate.subject).toBe('CN=aks-ca-trust-0');
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.subjectAltName).toBe('DNS:aks-ca-trust-0, DNS:localhost');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.ca).toBe(false);
    expect(certificate.serialNumber).not.toMatch(/^[89A-F]/);
  });

  it.each([
    ['this year', NOW],
    ['across 2050, where the encoding of time changes', Date.UTC(2049, 11, 31, 23, 30)],
    ['after it', Date.UTC(2060, 0, 1)],
  ])('is valid for a year from %s', async (_when, now) => {
    const { validFromDate, validToDate } = new X509Certificate((await makeSelfSigned('host', now)).certPem);
    expect(validFromDate.getTime()).toBe(now - 3_600_000);
    expect(validToDate.getTime()).toBe(now + SELF_SIGNED_MS);
  });

  it('is another each time, and takes the longest host name', async () => {
    const host = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
    const [one, two] = await Promise.all([makeSelfSigned(host, NOW), makeSelfSigned(host, NOW)]);
    expect(one.keyPem).not.toBe(two.keyPem);
    expect(new X509Certificate(one.certPem).checkHost(host)).toBe(host);
    expect(new X509Certificate(one.certPem).serialNumber).not.toBe(new X509Certificate(two.certPem).serialNumber);
  });
});
