import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export interface Scrape {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks once, over TLS whatever the certificate, on a connection of its own. Rejects when the connection is cut. */
export function scrape(port: number, options: RequestOptions & { readonly plain?: boolean } = {}): Promise<Scrape> {
  const { plain = false, ...rest } = options;
  const send = plain ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const asked = { host: '127.0.0.1', port, path: '/metrics', rejectUnauthorized: false, agent: false, ...rest };
    send(asked, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (body += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      answer.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

export function bearer(token: string): RequestOptions {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** Opens a connection, sends what is given and nothing more, and resolves with what came back when the server cuts it. */
export function dawdle(port: number, how: 'tcp' | 'tls', words: string): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const socket =
      how === 'tcp'
        ? connectTcp({ host: '127.0.0.1', port })
        : connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
    socket.on('close', () => resolve(got));
    socket.on(how === 'tcp' ? 'connect' : 'secureConnect', () => socket.write(words));
  });
}

/** A TLS connection that is open, or undefined when it was turned away. */
export function shakeHands(port: number): Promise<TLSSocket | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => resolve(socket));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
  });
}
