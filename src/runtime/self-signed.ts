import { generateKeyPair, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';

/** The certificate and key of an HTTPS server. PEM. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

const HOUR = 3_600_000;

/** How long a self-signed certificate is valid, in ms. */
export const SELF_SIGNED_MS = 365 * 24 * HOUR;

/**
 * A certificate (RFC 5280) for a server that was given none, with a P-256 key; neither is ever written anywhere. Encoded
 * here: the libraries at hand sign with RSA alone, in JavaScript, which would block the event loop.
 *
 * @param host DNS name of the server; its common name too
 * @param now ms since the epoch
 */
export async function makeSelfSigned(host: string, now: number): Promise<ServingCertificate> {
  const keys = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(OID.commonName, der(0x0c, host.slice(0, 64)))));
  const extensions = sequence(
    extension(OID.keyUsage, der(0x03, [7, 0x80])), // digitalSignature
    extension(OID.extendedKeyUsage, sequence(OID.serverAuth)),
    extension(OID.subjectAltName, sequence(der(0x82, host), der(0x82, 'localhost'))),
  );
  const toBeSigned = sequence(
    der(0xa0, der(0x02, [2])), // version 3
    der(0x02, [0x40], randomBytes(15)), // a positive number
    sequence(OID.ecdsaWithSHA256),
    name,
    sequence(time(now - HOUR), time(now + SELF_SIGNED_MS)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', toBeSigned, keys.privateKey);
  const certificate = sequence(toBeSigned, sequence(OID.ecdsaWithSHA256), der(0x03, [0], signature));
  const base64 = certificate.toString('base64').replace(/.{1,64}/g, '$&\n');
  return {
    certPem: `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`,
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Object identifiers as DER. */
const OID = {
  commonName: Buffer.from('0603550403', 'hex'),
  keyUsage: Buffer.from('0603551d0f', 'hex'),
  subjectAltName: Buffer.from('0603551d11', 'hex'),
  extendedKeyUsage: Buffer.from('0603551d25', 'hex'),
  serverAuth: Buffer.from('06082b06010505070301', 'hex'),
  ecdsaWithSHA256: Buffer.from('06082a8648ce3d040302', 'hex'),
};

function der(tag: number, ...contents: readonly (string | readonly number[] | Buffer)[]): Buffer {
  const body = Buffer.concat(contents.map((content) => Buffer.from(content as string)));
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  const head = length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function set(...contents: readonly Buffer[]): Buffer {
  return der(0x31, ...contents);
}

function extension(oid: Buffer, value: Buffer): Buffer {
  return sequence(oid, der(0x04, value));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().replace(/[-:T]|\..*/g, '')}Z`;
  return text < '2050' ? der(0x17, text.slice(2)) : der(0x18, text);
}
