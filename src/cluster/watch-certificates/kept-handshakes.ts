import { X509Certificate } from 'node:crypto';
import type { Handshake } from '../../cluster-certificates/read/source.ts';

/** The certificates that API servers have shown. */
export interface KeptHandshakes {
  /** A handshake with the cluster's API server, unless there was one in the last hour. `fresh`: in the last minutes. */
  for(key: string, fresh: boolean): Handshake;
  forget(key: string): void;
}

interface Kept {
  readonly server: string;
  /** DER. */
  readonly raw: Buffer;
  /** ms. */
  readonly at: number;
}

const HOUR = 60 * 60_000;

/** @param freshMs as `timing.kubeconfig`: a fresh handshake is at most this old, in ms */
export function createKeptHandshakes(handshake: Handshake, now: () => number, freshMs: number): KeptHandshakes {
  const kept = new Map<string, Kept>();
  return {
    for: (key, fresh) => async (address, signal) => {
      const found = kept.get(key);
      const longest = fresh ? freshMs : HOUR;
      if (found?.server === address.server && now() - found.at < longest) return new X509Certificate(found.raw);
      kept.delete(key);
      const certificate = await handshake(address, signal);
      kept.set(key, { server: address.server, raw: certificate.raw, at: now() });
      return certificate;
    },
    forget: (key) => void kept.delete(key),
  };
}
