import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** Sizes of the parts of an RSA key, in bits; those that are left out are as an honest key has them. */
export interface RsaSizes {
  readonly modulus: number;
  readonly exponent?: number;
  readonly primes?: number;
}

/** An RSA key of any sizes. Its numbers are no primes, which is not checked; signing takes as long. */
export function rsaOf({ modulus, exponent = 17, primes = modulus / 2 }: RsaSizes): KeyObject {
  const odd = (bits: number) => {
    const bytes = randomBytes(Math.ceil(bits / 8));
    bytes[0] = bits % 8 === 0 ? bytes[0]! | 0x80 : 1 << ((bits % 8) - 1);
    bytes[bytes.length - 1]! |= 1;
    return der(0x02, Buffer.concat([Buffer.from([0]), bytes]));
  };
  const version = der(0x02, Buffer.from([0]));
  const parts = Array.from({ length: 5 }, () => odd(primes));
  const key = der(0x30, version, odd(modulus), odd(exponent), odd(modulus), ...parts);
  return createPrivateKey({ key, format: 'der', type: 'pkcs1' });
}

export const ecOf = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const ALGORITHM = Buffer.from('300d06092a864886f70d01010b0500', 'hex'); // sha256WithRSAEncryption
const NAME = Buffer.from('300c310a300806035504030c0178', 'hex'); // CN=x

/** A certificate of that key. Its signature is none: certificates are read without looking at it. */
export function certificateOf(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const validity = der(0x30, der(0x17, Buffer.from('250101000000Z')), der(0x17, Buffer.from('450101000000Z')));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const body = der(0x30, version, der(0x02, Buffer.from([1])), ALGORITHM, NAME, validity, NAME, spki);
  const certificate = der(0x30, body, ALGORITHM, der(0x03, Buffer.from([0]), randomBytes(256)));
  const base64 = certificate.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const head = body.length < 0x80 ? [tag, body.length] : [tag, 0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from(head), body]);
}
