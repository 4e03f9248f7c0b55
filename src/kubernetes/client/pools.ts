import type { LookupFunction } from 'node:net';
import { type Dispatcher, Pool, ProxyAgent, Socks5ProxyAgent } from 'undici';
import { currentTls } from '../auth/credentials.ts';
import type { Credentials, TlsIdentity } from '../auth/types.ts';
import { asLookup, assertMayDial, lookupWithin, type MayDial, type Resolve } from './dial.ts';

/**
 * The connections that a request uses. `bounded`: a limited number, so that a burst of requests does not cause a burst of TLS
 * handshakes. `free`: as many as needed, for requests that must not wait for a connection, or keep one for long.
 */
export type Lane = 'bounded' | 'free';

/** Open connections to one API server, always made with the current certificates. */
export interface Pools {
  /** `mayLeave` is called when a connection is ready and the first byte is about to be sent; throwing keeps the request back. */
  request(lane: Lane, options: Dispatcher.RequestOptions, mayLeave?: () => void): Promise<Dispatcher.ResponseData>;
  /** Ends everything, running requests included. */
  destroy(): Promise<void>;
}

interface Generation {
  readonly tls: TlsIdentity;
  readonly bounded: Dispatcher;
  readonly free: Dispatcher;
}

export interface PoolsOptions {
  /** Most connections of the bounded lane. */
  readonly connections: number;
  /** Called for every new connection, and so for every TLS handshake. */
  readonly connected: () => void;
  /** Absent: any address may be connected to. */
  readonly mayDial?: MayDial | undefined;
  /** Absent: Node resolves names. */
  readonly resolve?: Resolve | undefined;
}

export function createPools(
  credentials: Credentials,
  { connections, connected, mayDial, resolve }: PoolsOptions,
): Pools {
  const all = new Set<Dispatcher>();
  const lookup =
    mayDial === undefined && resolve === undefined
      ? undefined
      : lookupWithin(mayDial ?? (() => true), resolve && asLookup(resolve));
  let current: Generation | undefined;
  let closed = false;

  function open(tls: TlsIdentity, limit: number | null): Dispatcher {
    const pool = openPool(credentials, tls, limit, lookup);
    pool.on('connect', connected);
    all.add(pool);
    return pool;
  }

  /** Lets the running requests finish. */
  function retire(pool: Dispatcher): void {
    const forget = () => void all.delete(pool);
    pool.close().then(forget, forget);
  }

  function generationOf(tls: TlsIdentity): Generation {
    if (current !== undefined && isSame(current.tls, tls)) return current;
    const previous = current;
    current = { tls, bounded: open(tls, connections), free: open(tls, null) };
    if (previous !== undefined) {
      retire(previous.bounded);
      retire(previous.free);
    }
    return current;
  }

  return {
    async request(lane, options, mayLeave) {
      const tls = await currentTls(credentials);
      if (closed) throw new Error('the connection is closed');
      if (mayDial !== undefined) assertMayDial(credentials.server, mayDial);
      const pool = generationOf(tls)[lane];
      const { origin } = new URL(credentials.server);
      return (mayLeave === undefined ? pool : askingFirst(pool, mayLeave)).request({ origin, ...options });
    },
    async destroy() {
      closed = true;
      await Promise.all([...all].map((pool) => pool.destroy()));
    },
  };
}

function askingFirst(pool: Dispatcher, mayLeave: () => void): Dispatcher {
  return pool.compose((dispatch) => (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      try {
        mayLeave();
      } catch (error) {
        controller.abort(error as Error);
        return;
      }
      start?.(controller, context);
    };
    return dispatch(options, handler);
  });
}

function isSame(one: TlsIdentity, other: TlsIdentity): boolean {
  return one.caPem === other.caPem && one.certPem === other.certPem && one.keyPem === other.keyPem;
}

function openPool(
  { server, tlsServerName, insecure, proxyUrl }: Credentials,
  tls: TlsIdentity,
  connections: number | null,
  lookup: LookupFunction | undefined,
): Dispatcher {
  const { caPem, certPem, keyPem } = tls;
  const identity = {
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
  const limits = {
    connections,
    // Long watches over HTTP/2 have leaked memory in other Node clients; one connection a watch is cheap.
    allowH2: false,
    // Shorter than the idle timeout of the API server and of load balancers before it, so that the client closes first.
    keepAliveTimeout: 20_000,
    keepAliveMaxTimeout: 60_000,
    // The connection layer sets the deadlines: a watch may be silent for ten minutes.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxyUrl !== undefined) return throughProxy(proxyUrl, identity, limits);
  return new Pool(new URL(server).origin, {
    ...limits,
    connect: {
      timeout: 10_000,
      ...(lookup === undefined ? {} : { lookup }),
      ...identity,
    },
  });
}

/** The proxy of a trusted kubeconfig: it resolves the server's name and connects to it. */
function throughProxy(
  proxyUrl: string,
  requestTls: object,
  limits: Omit<Pool.Options, 'connect' | 'factory'>,
): Dispatcher {
  return /^socks5h?:/.test(proxyUrl)
    ? new Socks5ProxyAgent(proxyUrl.replace(/^socks5h:/, 'socks5:'), { ...limits, requestTls })
    : new ProxyAgent({ ...limits, uri: proxyUrl, requestTls });
}
