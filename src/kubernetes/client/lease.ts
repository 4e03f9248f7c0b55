import { apiPath } from '../../api/paths.ts';
import { VERSION } from '../../api/version.ts';
import { create, get } from './verbs.ts';
import type { Connection } from './connection.ts';
import { microTime } from '../micro-time.ts';
import type { KubernetesObject } from '../object.ts';

/** `coordination.k8s.io/v1` Lease, the parts that leader election uses. */
export interface Lease extends KubernetesObject {
  spec?: {
    /** Empty: the lease has no holder. */
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

/** Annotation: the version of the process that leads. */
const VERSION_ANNOTATION = 'aks-ca-trust.dev/version';

/** The name of a lease, and the deadline of one request about it. */
export interface LeaseAddress {
  readonly connection: Connection;
  readonly namespace: string;
  readonly name: string;
}

export function readLease(address: LeaseAddress, signal?: AbortSignal): Promise<Lease | undefined> {
  return get<Lease>(urgent(address.connection), pathOf(address), signal);
}

/**
 * Writes that `holder` has the lease from `now` on, for `durationMs`. An empty `holder` releases the lease.
 *
 * @param found the lease as it was read; undefined when there is none
 * @throws KubernetesError 409 when another client was faster
 */
export async function writeLease(
  address: LeaseAddress,
  found: Lease | undefined,
  claim: { readonly holder: string; readonly durationMs: number; readonly now: number },
  signal?: AbortSignal,
): Promise<Lease> {
  const now = microTime(claim.now);
  const before = found?.spec ?? {};
  const renewal = before.holderIdentity === claim.holder;
  const taken = !renewal && claim.holder !== '' && found !== undefined;
  const spec = {
    ...before,
    holderIdentity: claim.holder,
    // Whole seconds; rounded up, so that no candidate takes over early.
    leaseDurationSeconds: Math.ceil(claim.durationMs / 1000),
    acquireTime: renewal ? (before.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: (before.leaseTransitions ?? 0) + (taken ? 1 : 0),
  };
  const annotations = { ...found?.metadata.annotations, [VERSION_ANNOTATION]: VERSION };
  const path = collectionOf(address);
  const connection = urgent(address.connection);
  if (found === undefined) {
    const { name, namespace } = address;
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace, annotations },
      spec,
    };
    return create<Lease>(connection, path, lease, signal);
  }
  const body = { ...found, metadata: { ...found.metadata, annotations }, spec };
  return (await connection.request({ method: 'PUT', path: pathOf(address), body, signal })) as Lease;
}

/** The version of the program that has written the lease. */
export function versionOf({ metadata }: Lease): string | undefined {
  return metadata.annotations?.[VERSION_ANNOTATION];
}

/** A lease that is renewed late is lost, so these requests do not wait behind others. */
function urgent(connection: Connection): Pick<Connection, 'request'> {
  return { request: (request) => connection.request({ ...request, urgent: true }) };
}

function collectionOf({ namespace }: LeaseAddress): string {
  return apiPath('/apis/coordination.k8s.io/v1', 'namespaces', namespace, 'leases');
}

function pathOf({ namespace, name }: LeaseAddress): string {
  return apiPath('/apis/coordination.k8s.io/v1', 'namespaces', namespace, 'leases', name);
}
