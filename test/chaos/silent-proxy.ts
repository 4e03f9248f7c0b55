import type { Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer, request } from 'node:https';
import type { ServerResponse } from 'node:http';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';

/** What went through, in order of arrival. */
export interface Passed {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

/** Stands before an API server, notes what is asked of it, and fails as networks do. Credentials pass through, tokens only. */
export interface SilentProxy {
  readonly server: string;
  readonly caPem: string;
  readonly passed: readonly Passed[];
  /** From now on nothing more comes out of the watches that are open, and nobody is told. Watches that come later are heard. */
  swallowWatches(): void;
  /** Bytes of watches that nobody was given. */
  readonly swallowed: number;
  /** Breaks every connection, and takes none until {@link mend}. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startSilentProxy(target: { server: string; caPem: string }): Promise<SilentProxy> {
  const { caPem, certPem, keyPem } = await makeServingCertificate(['127.0.0.1'], Date.now());
  const passed: Passed[] = [];
  const watches = new Set<ServerResponse>();
  const silent = new WeakSet<ServerResponse>();
  const sockets = new Set<Socket>();
  let swallowed = 0;
  let isCut = false;
  const proxy = createServer({ cert: certPem, key: keyPem }, (incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming;
    passed.push({ method, path: url });
    const options = { method, headers: { ...headers, host: new URL(target.server).host }, ca: target.caPem };
    const forwarded = request(new URL(url, target.server), options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      // What is buffered would come out with the first bytes only.
      outgoing.flushHeaders();
      if (/[?&]watch=(1|true)/.test(url)) watches.add(outgoing);
      answer.on('data', (chunk: Buffer) => {
        if (silent.has(outgoing)) swallowed += chunk.length;
        else outgoing.write(chunk);
      });
      answer.on('end', () => {
        if (!silent.has(outgoing)) outgoing.end();
      });
      answer.on('error', () => outgoing.destroy());
    });
    outgoing.on('close', () => {
      watches.delete(outgoing);
      forwarded.destroy();
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  proxy.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (isCut) socket.destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    server: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    caPem,
    passed,
    swallowWatches() {
      for (const watch of watches) silent.add(watch);
    },
    get swallowed() {
      return swallowed;
    },
    cut,
    mend() {
      isCut = false;
    },
    async stop() {
      cut();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
