import { type Connection, KubernetesError } from '../../src/kubernetes/client/connection.ts';
import type { Lease } from '../../src/kubernetes/client/lease.ts';

/** The part of an API server that keeps one lease, with its checks of versions; can be away. */
export class LeaseServer {
  lease: Lease | undefined;
  away = false;
  #version = 0;

  /** What one candidate talks through. */
  readonly connection: Connection = {
    server: 'https://leases.test',
    request: ({ method = 'GET', body }) => this.#answer(method, body as Lease),
    stream: () => Promise.reject(new Error('leases are not watched')),
    close: () => Promise.resolve(),
  };

  get holder(): string | undefined {
    return this.lease?.spec?.holderIdentity;
  }

  #answer(method: string, body: Lease): Promise<unknown> {
    if (this.away) return Promise.reject(new KubernetesError(0, 'ECONNREFUSED', 'away'));
    switch (method) {
      case 'GET':
        if (this.lease === undefined) return Promise.reject(new KubernetesError(404, 'NotFound', 'none'));
        return Promise.resolve(structuredClone(this.lease));
      case 'POST':
        if (this.lease !== undefined) return Promise.reject(new KubernetesError(409, 'AlreadyExists', 'there'));
        break;
      case 'PUT':
        if (body.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) {
          return Promise.reject(new KubernetesError(409, 'Conflict', 'changed'));
        }
        break;
    }
    this.lease = { ...body, metadata: { ...body.metadata, resourceVersion: String(++this.#version) } };
    return Promise.resolve(structuredClone(this.lease));
  }
}
