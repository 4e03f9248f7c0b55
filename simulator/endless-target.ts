import { realSleep } from './clock.ts';
import type { TargetAccess } from './nodes/target-access.ts';
import { makeServingCertificate } from './http/certificates.ts';
import { json } from './http/answer.ts';
import { countConnections } from './http/connections.ts';
import { listen } from './http/listener.ts';

export interface EndlessTargetOptions {
  /** Objects a page. Default 500, as clients ask for. */
  readonly pageSize?: number;
  /** Real milliseconds before each page. Default 0. */
  readonly pageMs?: number;
}

/** A server in place of a target's API server: each page of a list names another one. */
export interface EndlessTarget {
  /** The parts of a kubeconfig for it. It accepts every client; the client certificate is its own. */
  readonly access: TargetAccess;
  /** How many pages have been asked for. */
  pages(): number;
  stop(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. Every path is a list, of nodes where it ends so; a watch and any other method are 405. */
export async function startEndlessTarget({
  pageSize = 500,
  pageMs = 0,
}: EndlessTargetOptions = {}): Promise<EndlessTarget> {
  const certificate = await makeServingCertificate(['127.0.0.1'], Date.now());
  const over = new AbortController();
  let pages = 0;
  const listener = await listen(
    { host: '127.0.0.1', port: 0 },
    certificate,
    countConnections(() => false),
    async ({ method, url }) => {
      if (method !== 'GET' || url.searchParams.has('watch')) return { status: 405 };
      const page = pages++;
      if (pageMs > 0) await realSleep(pageMs, over.signal);
      const isOfNodes = url.pathname.endsWith('/nodes');
      return json(200, {
        apiVersion: 'v1',
        kind: isOfNodes ? 'NodeList' : 'List',
        metadata: { resourceVersion: '1', continue: `page-${page + 1}` },
        items: Array.from({ length: isOfNodes ? pageSize : 0 }, (_, index) => node(page * pageSize + index)),
      });
    },
  );
  return {
    access: {
      server: `https://127.0.0.1:${listener.port}`,
      caPem: certificate.caPem,
      certPem: certificate.certPem,
      keyPem: certificate.keyPem,
    },
    pages: () => pages,
    async stop() {
      over.abort(new Error('The target stops'));
      await listener.close();
    },
  };
}

function node(index: number): object {
  const name = `aks-system-00000000-vmss${index.toString(36).padStart(6, '0')}`;
  const labels = { 'kubernetes.azure.com/agentpool': 'system', 'kubernetes.io/os': 'linux' };
  return {
    metadata: { name, uid: `uid-${index}`, creationTimestamp: '2026-01-01T00:00:00Z', labels },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { bootID: `boot-${index}` } },
  };
}
