import { X509Certificate } from 'node:crypto';
import type { Handshake } from '../../cluster-certificates/read/source.ts';

/** The certificates that API servers have shown. */
export interface KeptHandshakes {
  /**
   * A handshake with the cluster's API server, unless there was one in the last hour, or, where it has to be fresh, in the last
   * minutes. Several at the same time are one.
   */
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

/** @param freshMs a fresh handshake is at most this old, in ms */
export function createKeptHandshakes(handshake: Handshake, now: () => number, freshMs: number): KeptHandshakes {
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<X509Certificate>>();
  return {
    for: (key, fresh) => (address, signal) => {
      const { server, tlsServerName = '' } = address;
      const found = kept.get(key);
      if (found?.server === server && Math.abs(now() - found.at) < (fresh ? freshMs : HOUR))
        return Promise.resolve(new X509Certificate(found.raw));
      const name = `${key} ${server} ${tlsServerName}`;
      const known = running.get(name);
      if (known) return known;
      const made = handshake(address, signal)
        .then((certificate) => {
          kept.set(key, { server, raw: certificate.raw, at: now() });
          return certificate;
        })
        .finally(() => running.delete(name));
      running.set(name, made);
      return made;
    },
    forget: (key) => void kept.delete(key),
  };
}
