import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { unlessAborted } from '../../waiting/unless-aborted.ts';
import { resolveAsNode, type Resolve } from './dial.ts';
import { createGate } from './concurrency-limit.ts';

export interface ResolveOptions {
  /** DNS servers in the form of `Resolver.setServers`; default: those of the machine. */
  readonly servers?: readonly string[];
  /** Default: that of the machine. */
  readonly hostsFile?: string;
  /** Deadline for one name, in ms; default 5 s. */
  readonly timeoutMs?: number;
  /** Resolves names that DNS does not have as they are written; default: Node's own lookup. */
  readonly fallback?: Resolve;
}

/** Lookups that take a thread each. Two of Node's four stay free for ARM, signing in, and files. */
const THREADS = 2;
/** Addresses of a name that are tried. */
const MOST_ADDRESSES = 16;
/** Wait for the answer about one address family once the other has arrived, in ms. Some servers answer for one only. */
const OTHER_FAMILY_MS = 300;
/** The name is not in DNS as it is written, or there is no DNS server: search domains and other sources may have it. */
const NOT_IN_DNS: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'EBADNAME']);

/**
 * Resolves names without a thread for each: Node's own lookup occupies one of four threads for as long as the name server takes,
 * which a tenant may have chosen, and ARM's name waits meanwhile. The file of hosts comes first, as for every program; then DNS;
 * then, for a few names at a time, the other sources of the machine.
 */
export function createResolve(options: ResolveOptions = {}): Resolve {
  const { servers, hostsFile = '/etc/hosts', timeoutMs = 5000, fallback = resolveAsNode } = options;
  const threads = createGate(THREADS);
  const falling = new Map<string, Promise<readonly LookupAddress[]>>();

  async function ask(hostname: string, family: 0 | 4 | 6): Promise<readonly LookupAddress[]> {
    const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / 4), tries: 2 });
    if (servers) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), timeoutMs);
    const found: LookupAddress[] = [];
    const asked = (family === 0 ? ([4, 6] as const) : [family]).map(async (one) => {
      const addresses = await (one === 4 ? resolver.resolve4(hostname) : resolver.resolve6(hostname));
      found.push(...addresses.map((address) => ({ address, family: one })));
    });
    const all = Promise.allSettled(asked);
    try {
      // Rejects if all of them do.
      await Promise.any(asked).catch(() => {});
      if (found.length > 0) await Promise.race([all, sleep(OTHER_FAMILY_MS)]);
      if (found.length > 0) return found.sort((a, b) => a.family - b.family).slice(0, MOST_ADDRESSES);
    } finally {
      clearTimeout(timer);
      resolver.cancel();
    }
    const failures = (await all).flatMap((one) =>
      one.status === 'rejected' ? [one.reason as NodeJS.ErrnoException] : [],
    );
    throw failures.find(({ code }) => !NOT_IN_DNS.has(code)) ?? failures[0] ?? notInTime(hostname);
  }

  /** A name uses one thread at a time, however many callers wait for it. */
  function fallBack(hostname: string, family: 0 | 4 | 6): Promise<readonly LookupAddress[]> {
    const key = `${family} ${hostname}`;
    const known = falling.get(key);
    if (known) return known;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(notInTime(hostname)), timeoutMs);
    const work = async () => {
      const leave = await threads.enter(late.signal);
      // An abandoned lookup still occupies its thread.
      return unlessAborted(fallback(hostname, family).finally(leave), late.signal);
    };
    const found = work().finally(() => {
      clearTimeout(timer);
      falling.delete(key);
    });
    falling.set(key, found);
    return found;
  }

  return async (hostname, family) => {
    const written = addressesIn(hostsFile, hostname).filter((one) => family === 0 || one.family === family);
    if (written.length > 0) return written;
    try {
      return await ask(hostname, family);
    } catch (error) {
      if (!NOT_IN_DNS.has((error as NodeJS.ErrnoException).code)) throw notInTime(hostname);
    }
    return fallBack(hostname, family);
  };
}

/** hosts(5); a file that cannot be read has none. Read each time: it is small, and a pod's changes with its hostAliases. */
function addressesIn(hostsFile: string, hostname: string): LookupAddress[] {
  let text: string;
  try {
    text = readFileSync(hostsFile, 'utf8');
  } catch {
    return [];
  }
  const name = hostname.toLowerCase();
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    return family !== 0 && names.some((one) => one.toLowerCase() === name) ? [{ address, family }] : [];
  });
}

function notInTime(hostname: string): Error {
  return Object.assign(new Error(`the name ${hostname} was not resolved in time`), { code: 'EAI_AGAIN' });
}
