import { createServer as createTlsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';

/** What a server does with a connection instead of a TLS handshake. */
export type Handshake = 'Silent' | 'Drips' | 'Garbage' | 'Ends' | 'Good';

/** An HTTPS server whose handshakes may never end. */
export interface HandshakeServer {
  readonly url: string;
  readonly caPem: string;
  does: Handshake;
  /** Connections that are open now, and the most that ever were. */
  readonly open: { now: number; most: number };
  stop(): Promise<void>;
}

/** The head of a TLS record of 16 KiB with a ServerHello, of which one byte after another follows. */
const RECORD = Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00, 0x02]);

/** @param body of every answer */
export async function startHandshakes(body: string): Promise<HandshakeServer> {
  const { certPem, keyPem, caPem } = await makeServingCertificate([], Date.now());
  const https = createTlsServer({ cert: certPem, key: keyPem }, (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(body),
  );
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const inner = (https.address() as AddressInfo).port;
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    sockets.add(socket);
    server.open.now += 1;
    server.open.most = Math.max(server.open.most, server.open.now);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      server.open.now -= 1;
    });
    behave[server.does](socket);
  });
  const behave: Readonly<Record<Handshake, (socket: Socket) => void>> = {
    Silent: (socket) => void socket.resume(),
    Drips(socket) {
      socket.resume().write(RECORD);
      const drip = setInterval(() => socket.write('\u0000'), 20);
      socket.once('close', () => clearInterval(drip));
    },
    Garbage: (socket) => void socket.resume().write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    Ends: (socket) => void socket.resume().end(),
    Good(socket) {
      const behind = connect(inner, '127.0.0.1');
      behind.on('error', () => socket.destroy());
      socket.once('close', () => behind.destroy());
      socket.pipe(behind).pipe(socket);
    },
  };
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const server: HandshakeServer = {
    url: `https://127.0.0.1:${(front.address() as AddressInfo).port}`,
    caPem,
    does: 'Good',
    open: { now: 0, most: 0 },
    async stop() {
      for (const socket of sockets) socket.destroy();
      https.closeAllConnections();
      await Promise.all([front, https].map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
  return server;
}
