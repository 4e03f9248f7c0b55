import { createPrivateKey, webcrypto } from 'node:crypto';

/** A key pair of a certificate: to sign with, and as the PEM that programs read. */
export interface KeyPair {
  readonly keys: CryptoKeyPair;
  /** `RSA PRIVATE KEY` (PKCS #1) as AKS' kubeconfigs have it, or `EC PRIVATE KEY` as kubelets write it. */
  readonly keyPem: string;
  /** The algorithm that its owner signs with. */
  readonly signing: SigningAlgorithm;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;
type SigningAlgorithm = typeof RSA | typeof ECDSA;

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const RSA_KEYS = { ...RSA, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

/** The keys of AKS' control planes. Takes some 100 ms of CPU time. */
export async function rsaKeyPair(): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(RSA_KEYS, true, ['sign', 'verify']);
  return { keys, keyPem: await pemOf(keys, 'pkcs1'), signing: RSA };
}

const SHARED_PAIRS = 16;
const shared = new Map<number, Promise<KeyPair>>();

/** One of sixteen pairs that all clusters of the process share: for fleets, where a pair for each would take minutes. */
export function sharedKeyPair(index: number): Promise<KeyPair> {
  const slot = index % SHARED_PAIRS;
  const pair = shared.get(slot) ?? rsaKeyPair();
  shared.set(slot, pair);
  return pair;
}

/** The keys of kubelets (k8s.io/client-go, certificate_manager.go: P-256). */
export async function ecKeyPair(): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  return { keys, keyPem: await pemOf(keys, 'sec1'), signing: ECDSA };
}

async function pemOf({ privateKey }: CryptoKeyPair, type: 'pkcs1' | 'sec1'): Promise<string> {
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type }).toString();
}
