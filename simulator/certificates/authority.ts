import 'reflect-metadata'; // @peculiar/x509 wants it loaded first
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from './key-pair.ts';

/** A certificate and its key, both PEM. */
export interface Issued {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A certificate authority of a cluster. */
export interface Authority extends Issued {
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  issue(request: CertificateRequest): Promise<string>;
}

/** What a certificate is to say. */
export interface CertificateRequest {
  readonly publicKey: webcrypto.CryptoKey;
  /** Such as `CN=masterclient, O=system:masters`. */
  readonly subject: x509.JsonName;
  readonly usage: 'server' | 'client';
  /** DNS names and addresses. */
  readonly hosts?: readonly string[];
  readonly validity: Validity;
}

/** Real milliseconds since 1970. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface AuthoritySettings {
  /** Such as `ca`, which every cluster CA of AKS is called. */
  readonly commonName: string;
  readonly validity: Validity;
  /** Whether it has a subject key identifier, and its certificates the authority's. */
  readonly keyIdentifiers: boolean;
  readonly makeKeys: () => Promise<KeyPair>;
}

export async function makeAuthority({
  commonName,
  validity,
  keyIdentifiers,
  makeKeys,
}: AuthoritySettings): Promise<Authority> {
  const own = await makeKeys();
  const { publicKey: ownPublicKey, privateKey } = own.keys;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys: own.keys,
    signingAlgorithm: own.signing,
    ...datesOf(validity),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      ...(keyIdentifiers ? [await x509.SubjectKeyIdentifierExtension.create(ownPublicKey)] : []),
    ],
  });
  return {
    certPem: `${ca.toString('pem')}\n`,
    keyPem: own.keyPem,
    fingerprint: Buffer.from(await ca.getThumbprint('SHA-256')).toString('hex'),
    async issue({ publicKey, subject, usage, hosts = [], validity }) {
      const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
      const issued = await x509.X509CertificateGenerator.create({
        subject,
        issuer: ca.subject,
        publicKey,
        signingKey: privateKey,
        signingAlgorithm: own.signing,
        ...datesOf(validity),
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
          new x509.ExtendedKeyUsageExtension([usage === 'server' ? serverAuth : clientAuth]),
          ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts.map(alternativeName))]),
          ...(keyIdentifiers ? [await x509.AuthorityKeyIdentifierExtension.create(ca)] : []),
        ],
      });
      return `${issued.toString('pem')}\n`;
    },
  };
}

/** A certificate with a new key of its own. */
export async function issueWithKey(
  authority: Authority,
  makeKeys: () => Promise<KeyPair>,
  request: Omit<CertificateRequest, 'publicKey'>,
): Promise<Issued> {
  const { keys, keyPem } = await makeKeys();
  return { certPem: await authority.issue({ ...request, publicKey: keys.publicKey }), keyPem };
}

function alternativeName(value: string) {
  return { type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value };
}

/** A certificate has whole seconds. */
function datesOf({ notBefore, notAfter }: Validity) {
  return {
    notBefore: new Date(Math.floor(notBefore / 1000) * 1000),
    notAfter: new Date(Math.floor(notAfter / 1000) * 1000),
  };
}
