import type { Connection } from '../kubernetes/client/connection.ts';

/**
 * A connection that writes only while `mayWrite` is true. It is called before each request, and once more when the request
 * leaves: a leader that was paused detects here, before it writes, that another process may lead by now.
 */
export function fenceWrites(connection: Connection, mayWrite: () => boolean): Connection {
  return {
    server: connection.server,
    request(request) {
      if ((request.method ?? 'GET') === 'GET') return connection.request(request);
      assertLeading(mayWrite);
      return connection.request({ ...request, mayLeave: () => assertLeading(mayWrite) });
    },
    stream: (request) => connection.stream(request),
    close: () => connection.close(),
    get lastResponseDate() {
      return connection.lastResponseDate;
    },
  };
}

/** Throws when another process may lead. */
export function assertLeading(mayWrite: () => boolean): void {
  if (!mayWrite()) throw new Error('the lease is not held (any more): nothing is written');
}
