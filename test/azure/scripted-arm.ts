import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';
import { createTransport, type ArmTransport } from '../../src/azure/transport.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTPS server that answers what a test says, and remembers what it was asked. */
export interface ScriptedArm {
  readonly url: string;
  readonly ca: readonly string[];
  readonly seen: SeenRequest[];
  /** Takes the next requests; an answer may be left unfinished. */
  answer: (request: SeenRequest, response: ServerResponse) => void;
  /** `signInMs`: how long each token takes; `onSignIn`: called for each. `url`: another address under which this server is reached. */
  transport(options?: {
    timeoutMs?: number;
    apiVersion?: string;
    signInMs?: number;
    onSignIn?: () => void;
    url?: string;
  }): ArmTransport;
  stop(): Promise<void>;
}

export const TOKEN = 'a-token-of-the-test';

export async function startScriptedArm(): Promise<ScriptedArm> {
  const { certPem, keyPem, caPem } = await makeServingCertificate([], Date.now());
  const server = createServer({ cert: certPem, key: keyPem });
  const seen: SeenRequest[] = [];
  const arm: ScriptedArm = {
    url: '',
    ca: [caPem],
    seen,
    answer: (_request, response) => response.end('{}'),
    transport: ({ timeoutMs = 5000, apiVersion = '2026-06-01', signInMs = 0, onSignIn, url = arm.url } = {}) =>
      createTransport({
        cloud: { authorityHost: url, endpoint: url, scope: `${url}/.default` },
        credential: {
          async getToken() {
            if (signInMs > 0) await delay(signInMs);
            onSignIn?.();
            return { token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 };
          },
        },
        apiVersion,
        ca: arm.ca,
        timeoutMs,
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const read = { method, path, headers, body: Buffer.concat(chunks).toString() };
      seen.push(read);
      arm.answer(read, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(arm, { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
