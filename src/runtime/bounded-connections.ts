import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Client {
  readonly socket: Socket;
  /** Its requests that are being answered. */
  open: number;
  /** True once it has sent a whole request. */
  known: boolean;
}

/**
 * Limits the connections of a server. A new one is never refused because of idle ones: the oldest that has sent nothing is cut,
 * else the oldest between two requests.
 *
 * @returns a function that cuts all of them, those in their handshake included
 */
export function boundConnections(server: Server, most: number): () => void {
  // In the order of their arrival. The socket of a TLS request is another object than that of its connection.
  const clients = new Map<string, Client>();

  function makeRoom(): boolean {
    const waiting = [...clients.values()].filter(({ open }) => open === 0);
    const cut = waiting.find(({ known }) => !known) ?? waiting[0];
    cut?.socket.destroy();
    return cut !== undefined;
  }

  server.on('connection', (socket: Socket) => {
    if (clients.size >= most && !makeRoom()) {
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    const client: Client = { socket, open: 0, known: false };
    clients.set(name, client);
    socket.once('close', () => {
      if (clients.get(name) === client) clients.delete(name);
    });
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const client = clients.get(nameOf(socket));
    if (client === undefined) return;
    client.open++;
    client.known = true;
    response.once('close', () => client.open--);
  });
  return () => {
    for (const { socket } of clients.values()) socket.destroy();
  };
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
