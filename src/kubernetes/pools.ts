import { type Dispatcher, Pool } from 'undici';
import { type Credentials, currentTls, type TlsIdentity } from './credentials.ts';
import { assertMayDial, lookupWithin, type MayDial } from './dial.ts';

/**
 * Which connections a request takes. `bounded`: a limited number, so that a burst of requests does not become one of TLS
 * handshakes. `free`: as many as it needs, for what must not wait for a connection, or keeps one for long.
 */
export type Lane = 'bounded' | 'free';

/** Open connections to one API server, always made with the certificates that hold now. */
export interface Pools {
  /** `mayLeave` is asked when a connection is there and the first byte is about to go; to throw keeps the request back. */
  request(lane: Lane, options: Dispatcher.RequestOptions, mayLeave?: () => void): Promise<Dispatcher.ResponseData>;
  /** Ends everything, what is under way included. */
  destroy(): Promise<void>;
}

interface Generation {
  readonly tls: TlsIdentity;
  readonly bounded: Pool;
  readonly free: Pool;
}

export interface PoolsOptions {
  /** Bound of the bounded lane. */
  readonly connections: number;
  /** Called for every connection that was made, and with it every TLS handshake. */
  readonly connected: () => void;
  /** Absent: any address may be connected to. */
  readonly mayDial?: MayDial | undefined;
}

export function createPools(credentials: Credentials, { connections, connected, mayDial }: PoolsOptions): Pools {
  const all = new Set<Pool>();
  let current: Generation | undefined;
  let closed = false;

  function open(tls: TlsIdentity, limit: number | null): Pool {
    const pool = openPool(credentials, tls, limit, mayDial);
    pool.on('connect', connected);
    all.add(pool);
    return pool;
  }

  /** Lets what runs on it come to its end. */
  function retire(pool: Pool): void {
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
      return (mayLeave === undefined ? pool : askingFirst(pool, mayLeave)).request(options);
    },
    async destroy() {
      closed = true;
      await Promise.all([...all].map((pool) => pool.destroy()));
    },
  };
}

function askingFirst(pool: Pool, mayLeave: () => void): Dispatcher {
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
  { server, tlsServerName }: Credentials,
  tls: TlsIdentity,
  connections: number | null,
  mayDial: MayDial | undefined,
): Pool {
  const { caPem, certPem, keyPem } = tls;
  return new Pool(new URL(server).origin, {
    connections,
    // Long watches over HTTP/2 have leaked memory in other Node clients; one connection a watch is cheap.
    allowH2: false,
    // Below the idle timeout of the API server and of load balancers before it, so that we are the side that closes.
    keepAliveTimeout: 20_000,
    keepAliveMaxTimeout: 60_000,
    // Deadlines are ours: a watch may well be silent for ten minutes.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: 10_000,
      ...(mayDial === undefined ? {} : { lookup: lookupWithin(mayDial) }),
      ...(caPem === undefined ? {} : { ca: caPem }),
      ...(certPem === undefined ? {} : { cert: certPem }),
      ...(keyPem === undefined ? {} : { key: keyPem }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    },
  });
}
