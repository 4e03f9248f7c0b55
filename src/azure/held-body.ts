import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/**
 * A request body that waits until the connection is up, and then asks whether it may leave. Headers leave with the first byte of
 * a body, so nothing of the request is sent before. DNS, the handshakes of TCP and TLS, and a proxy take time, in which the answer
 * may have changed.
 */
export class HeldBody extends Readable {
  readonly #bytes: Buffer;
  readonly #mayLeave: () => void;

  /** @param mayLeave throws when the body must not leave; the stream is destroyed with what it threw */
  constructor(text: string, mayLeave: () => void) {
    super();
    this.#bytes = Buffer.from(text);
    this.#mayLeave = mayLeave;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  override _read(): void {
    // Everything is pushed at once, when it may leave.
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    onceConnected(destination as unknown as ClientRequest, () => {
      if (this.destroyed) return;
      try {
        this.#mayLeave();
      } catch (error) {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.push(this.#bytes);
      this.push(null);
      super.pipe(destination);
    });
    return destination;
  }
}

function onceConnected(request: ClientRequest, then: () => void): void {
  const onSocket = (socket: Socket) => {
    const { secureConnecting } = socket as TLSSocket & { readonly secureConnecting?: boolean };
    // Undefined where there is no TLS; false once its handshake is done.
    if (secureConnecting) socket.once('secureConnect', then);
    else if (secureConnecting === undefined && socket.connecting) socket.once('connect', then);
    else then();
  };
  if (request.socket) onSocket(request.socket);
  else request.once('socket', onSocket);
}
