import type { TLSSocket } from 'node:tls';

export interface Connections {
  /** TLS handshakes that were finished, resumed ones included. */
  readonly handshakes: number;
  /** The part of them that resumed an earlier session. */
  readonly resumed: number;
}

export interface ConnectionCount {
  opened(socket: TLSSocket): void;
  /** To be called with the path of every request of the connection. */
  asked(socket: object, pathname: string): void;
  read(): Connections;
  clear(): void;
}

/** Counts connections, but for those whose first request is to the control endpoints: the client that watches is not counted. */
export function countConnections(isControl: (pathname: string) => boolean): ConnectionCount {
  let handshakes = 0;
  let resumed = 0;
  let silent = new WeakSet<object>();
  const isResumed = (socket: object) => 'isSessionReused' in socket && (socket as TLSSocket).isSessionReused();
  return {
    opened(socket) {
      handshakes++;
      if (isResumed(socket)) resumed++;
      silent.add(socket);
    },
    asked(socket, pathname) {
      if (!silent.delete(socket) || !isControl(pathname)) return;
      handshakes--;
      if (isResumed(socket)) resumed--;
    },
    read: () => ({ handshakes, resumed }),
    clear() {
      handshakes = 0;
      resumed = 0;
      silent = new WeakSet();
    },
  };
}
