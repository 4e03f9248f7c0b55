import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Incoming } from './answer.ts';
import type { ServingCertificate } from './certificates.ts';
import type { ConnectionCount } from './connections.ts';

/** An answer, or the wish to cut the connection instead, or never to say anything on it. */
export type Reply = Answer | 'cut' | 'silence';

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** ARM takes bodies up to 4 MB. */
const LARGEST_BODY = 4 * 1024 * 1024;

/** Listens for HTTPS and hands every request, body read, to `handle`. */
export async function listen(
  { host, port }: { host: string; port: number },
  certificate: ServingCertificate,
  connections: ConnectionCount,
  handle: (request: Incoming) => Promise<Reply>,
): Promise<Listener> {
  const server = createServer({ cert: certificate.certPem + certificate.caPem, key: certificate.keyPem });
  // Longer than any client keeps an idle connection, so that it is never this side that hangs up on a request under way.
  server.keepAliveTimeout = 120_000;
  server.on('secureConnection', (socket) => connections.opened(socket));
  server.on('request', (request, response) => {
    connections.asked(request.socket, pathOf(request));
    void respond(request, response, host, handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  handle: (request: Incoming) => Promise<Reply>,
): Promise<void> {
  try {
    const body = await bodyOf(request);
    const url = urlOf(request, host);
    const reply: Reply =
      url === undefined
        ? plainText(400, 'Bad Request - Invalid URL')
        : body === undefined
          ? plainText(413, 'The request content is too large.')
          : await handle({ method: request.method ?? 'GET', url, headers: flat(request.headers), body });
    if (reply === 'cut') request.socket.destroy();
    else if (reply !== 'silence') send(response, reply);
  } catch (error) {
    // The client gets the message, without the stack and its file names.
    process.stderr.write(`Fault of the simulator: ${error instanceof Error ? error.stack : String(error)}\n`);
    send(response, plainText(500, `Fault of the simulator: ${error instanceof Error ? error.message : String(error)}`));
  }
}

function plainText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}

/** Undefined when it is not a URL, or has broken escapes. */
function urlOf({ url: sent = '/', headers }: IncomingMessage, host: string): URL | undefined {
  const url = URL.parse(sent, `https://${headers.host ?? host}`);
  try {
    return url !== null && decodeURIComponent(url.pathname) !== '' ? url : undefined;
  } catch {
    return undefined;
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? url;
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  if (response.destroyed) return;
  const bytes = body === undefined ? undefined : Buffer.from(body);
  response.writeHead(status, {
    ...headers,
    ...(status === 204 ? {} : { 'content-length': String(bytes?.length ?? 0) }),
  });
  response.end(bytes);
}

/** The body's text; undefined when there is too much of it. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  return size > LARGEST_BODY ? undefined : Buffer.concat(chunks).toString('utf8');
}

function flat(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
