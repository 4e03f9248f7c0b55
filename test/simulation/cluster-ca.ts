import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** A cluster's own CA. */
export interface ClusterCA {
  readonly pem: string;
  /** SHA-256 of its DER, as the API writes it. */
  readonly fingerprint: string;
  /** Of our time, in ms. */
  readonly madeAt: number;
}

/** All CAs of histories have this one key, which makes their signatures the same for the same seed. */
const KEY = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});
const PUBLIC_KEY = createPublicKey(KEY).export({ format: 'der', type: 'spki' });
const BACKDATED = 10 * 60_000;

/** A CA as AKS makes one: `CN=ca`, whose validity begins ten minutes before it was made. RFC 5280, 4.1; RFC 8410. */
export function makeClusterCA(serial: number, madeAt: number): ClusterCA {
  const algorithm = der(0x30, Buffer.from('06032b6570', 'hex'));
  const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('ca')))));
  const isCA = der(0x30, Buffer.from('0603551d130101ff040530030101ff', 'hex'));
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([0x10 + (serial >> 8), serial & 0x7f])),
    algorithm,
    name,
    der(0x30, utcTime(madeAt - BACKDATED), utcTime(Date.parse('2049-01-01T00:00:00Z'))),
    name,
    PUBLIC_KEY,
    der(0xa3, der(0x30, isCA)),
  );
  const raw = der(0x30, content, algorithm, der(0x03, Buffer.from([0]), sign(null, content, KEY)));
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    pem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    fingerprint: createHash('sha256').update(raw).digest('hex'),
    madeAt,
  };
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
