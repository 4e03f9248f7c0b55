import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Client {
  readonly socket: Socket;
  /** Requests of it that are being answered. */
  open: number;
  /** It has sent a whole request before. */
  known: boolean;
}

/**
 * Keeps the connections of a server below a bound. A new one is never turned away for old ones that only wait: the oldest that
 * has sent nothing is cut, else the oldest between two requests.
 *
 * @returns cuts all of them, those that have not shaken hands yet included
 */
export function boundConnections(server: Server, most: number): () => void {
  // In the order in which they came. The socket of a TLS request is another object than that of its connection.
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
