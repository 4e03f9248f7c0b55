/** Certificates that are the same in every run: Ed25519 keys from a seed make the same signatures. */
import { createPrivateKey, hash, type KeyObject } from 'node:crypto';
import { COMMON_NAME, armour, craft, name, utcTime, type Recipe } from '../../certificates/fixtures/craft.ts';

/** In every test of files, in ms since 1970. */
export const NOW = Date.UTC(2026, 5, 1);

/** PKCS#8 of an Ed25519 key, without its 32 bytes (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export function keyOf(seed: string): KeyObject {
  const der = Buffer.concat([PKCS8, hash('sha256', seed, 'buffer')]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** A root in DER with a key of its own. */
export function rootDer(subject: string, more: Recipe = {}): Buffer {
  return craft({ key: keyOf(subject), subject: [name(COMMON_NAME, subject)], ...more });
}

export function root(subject: string, more: Recipe = {}): string {
  return armour(rootDer(subject, more));
}

/** An authority that another one issued; its signature is not that of the issuer, which nothing here verifies. */
export function intermediate(subject: string, issuer: string): string {
  return root(subject, { issuer: [name(COMMON_NAME, issuer)] });
}

export const expired = () =>
  root('Expired Root', { notBefore: utcTime('150101000000Z'), notAfter: utcTime('200101000000Z') });

export const privateKey = () => keyOf('leaked').export({ format: 'pem', type: 'pkcs8' }).toString();
