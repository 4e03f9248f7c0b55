import { X509Certificate } from 'node:crypto';
import { createServer, type Server as HttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ControlPlaneFiles, OwnControlPlane } from './control-plane.ts';

/**
 * A listener in place of an API server: handshakes with its certificate, credentials that are taken or refused, and no objects. It is on
 * 127.0.0.1, and listens from the first `install` on, always at the same port. `GET /version` and a SelfSubjectReview are
 * answered to those that bring a client certificate of the cluster CA, or a static token; other clients get 401, other paths 404.
 */
export function handshakeServer(replicas = 1): OwnControlPlane {
  const running: (HttpsServer | undefined)[] = Array.from({ length: replicas });
  const sockets = new Set<{ readonly socket: Socket; readonly replica: number }>();
  let front: Server | undefined;
  let port = 0;
  let turn = 0;
  let shut = false;

  function connect(socket: Socket): void {
    turn++;
    const [replica] = running.flatMap((_, index) => {
      const next = (turn + index) % replicas;
      return running[next] === undefined ? [] : [next];
    });
    const server = replica === undefined ? undefined : running[replica];
    if (server === undefined || replica === undefined) return void socket.destroy();
    const entry = { socket, replica };
    sockets.add(entry);
    socket.once('close', () => sockets.delete(entry));
    if (shut) return void socket.resume().on('error', () => {});
    server.emit('connection', socket);
  }

  function disconnect(replica: number): void {
    running[replica] = undefined;
    for (const entry of sockets) if (entry.replica === replica) entry.socket.destroy();
  }

  async function listen(): Promise<void> {
    if (front !== undefined) return;
    const server = createTcpServer(connect);
    front = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    ({ port } = server.address() as AddressInfo);
  }

  async function closeFront(): Promise<void> {
    const server = front;
    front = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  return {
    get server() {
      return `https://127.0.0.1:${port}`;
    },
    replicas,
    async install(files, replica) {
      disconnect(replica);
      running[replica] = secureServer(files);
      await listen();
    },
    async takeAway(replica) {
      disconnect(replica);
      if (running.every((server) => server === undefined)) await closeFront();
    },
    shutOut(on) {
      shut = on;
      for (const { socket } of sockets) socket.destroy();
    },
    async stop() {
      for (const replica of running.keys()) disconnect(replica);
      await closeFront();
    },
  };
}

function secureServer(files: ControlPlaneFiles): HttpsServer {
  const server = createServer({
    cert: files.servingCertPem,
    key: files.servingKeyPem,
    requestCert: true,
    // As kube-apiserver: a certificate that is refused, or none, is a matter of the request. With `ca` the CA would be sent with the leaf.
    rejectUnauthorized: false,
    // With TLS 1.2 OpenSSL ends the connection when a client certificate is of an authority that it was not asked for.
    minVersion: 'TLSv1.3',
  });
  server.on('request', (request, response) => answer(request, response, files));
  return server;
}

function answer(request: IncomingMessage, response: ServerResponse, files: ControlPlaneFiles): void {
  request.resume();
  const user = userOf(request, files);
  if (user === undefined) return send(response, 401, status(401, 'Unauthorized', 'Unauthorized'));
  if (request.url === '/version') return send(response, 200, { major: '1', minor: '33', gitVersion: 'v1.33.3' });
  if (request.method === 'POST' && request.url === '/apis/authentication.k8s.io/v1/selfsubjectreviews') {
    const apiVersion = 'authentication.k8s.io/v1';
    return send(response, 201, { apiVersion, kind: 'SelfSubjectReview', status: { userInfo: user } });
  }
  send(response, 404, status(404, 'NotFound', 'the server could not find the requested resource'));
}

/** A client certificate that does not verify is refused, whatever else a request brings. */
function userOf({ socket, headers }: IncomingMessage, { clusterCaPem, tokens }: ControlPlaneFiles) {
  const { raw, subject } = (socket as TLSSocket).getPeerCertificate();
  if (subject !== undefined) {
    return isSigned(new X509Certificate(raw), new X509Certificate(clusterCaPem), Date.now())
      ? { username: String(subject.CN), groups: [subject.O].flat() }
      : undefined;
  }
  const known = tokens.find(({ token }) => headers.authorization === `Bearer ${token}`);
  return known === undefined ? undefined : { username: known.user, groups: known.groups };
}

function isSigned(certificate: X509Certificate, ca: X509Certificate, now: number): boolean {
  const isInTime = certificate.validFromDate.getTime() <= now && now <= certificate.validToDate.getTime();
  return isInTime && certificate.verify(ca.publicKey);
}

function status(code: number, reason: string, message: string): object {
  return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason, message, code };
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
