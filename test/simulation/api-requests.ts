import type { KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import { Refusal, type ApiServer, type Kind, type Stored } from './api-server.ts';

/** What a request is about. */
export interface Address {
  readonly kind: Kind;
  /** namespace/name, or name; undefined for a collection. */
  readonly name: string | undefined;
  readonly status: boolean;
}

const KINDS: readonly Kind[] = [
  'customcatrusts',
  'certificaterotations',
  'targetclusters',
  'secrets',
  'leases',
  'events',
];

const addresses = new Map<string, Address>();

export function addressOf(path: string): Address {
  const known = addresses.get(path);
  if (known) return known;
  const address = readAddress(path);
  addresses.set(path, address);
  return address;
}

function readAddress(path: string): Address {
  const parts = path.split('/').filter((part) => part !== '');
  const place = parts.findIndex((part) => KINDS.includes(part as Kind));
  const kind = parts[place] as Kind | undefined;
  if (kind === undefined) throw new Error(`the API server's model knows no ${path}`);
  const [own, subresource] = parts.slice(place + 1);
  const namespace = parts[place - 2] === 'namespaces' ? parts[place - 1] : undefined;
  const name = own === undefined || namespace === undefined ? own : `${namespace}/${own}`;
  return { kind, name, status: subresource === 'status' };
}

interface Body extends Partial<Stored> {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Does what a request asks for, as the API server does. Throws a {@link Refusal}. */
export function serve(server: ApiServer, request: KubernetesRequest, body: Body | undefined): unknown {
  const { kind, name, status } = addressOf(request.path);
  const method = request.method ?? 'GET';
  if (name === undefined) {
    if (method === 'POST' && body)
      return server.create(kind, qualified(request.path, body), kind === 'targetclusters' ? body : withoutStatus(body));
    return list(server, kind);
  }
  const existing = () => {
    const object = server.get(kind, name);
    if (!object) throw new Refusal(404, 'NotFound', `${kind} ${name} not found`);
    return object;
  };
  switch (method) {
    case 'GET':
      return existing();
    case 'POST':
      throw new Refusal(405, 'MethodNotAllowed', 'POST goes to a collection');
    case 'PUT': {
      checkVersion(existing(), body?.metadata?.resourceVersion);
      return server.update(kind, name, (object) =>
        kind === 'targetclusters'
          ? withStatus(object, body?.status)
          : { ...object, ...(body?.spec ? { spec: body.spec } : {}) },
      );
    }
    case 'PATCH': {
      if (status) {
        const [test, change] = body as unknown as readonly { readonly value: unknown }[];
        if (existing().metadata.uid !== test?.value) throw new Refusal(422, 'Invalid', 'the test of the patch failed');
        return server.update(kind, name, (object) => withStatus(object, change?.value as Stored['status']));
      }
      const { uid, resourceVersion, finalizers } = body?.metadata ?? {};
      checkUid(existing(), uid);
      checkVersion(existing(), resourceVersion);
      return server.update(kind, name, (object) => ({
        ...object,
        metadata: { ...object.metadata, ...(finalizers ? { finalizers } : {}) },
      }));
    }
    case 'DELETE': {
      checkUid(existing(), body?.preconditions?.uid);
      checkVersion(existing(), body?.preconditions?.resourceVersion);
      return server.delete(kind, name);
    }
  }
}

function list(server: ApiServer, kind: Kind): unknown {
  const names = {
    customcatrusts: 'CustomCATrust',
    certificaterotations: 'CertificateRotation',
    targetclusters: 'TargetCluster',
    secrets: 'Secret',
    leases: 'Lease',
    events: 'Event',
  };
  const apiVersion = 'aks-ca-trust.dev/v1alpha1';
  const metadata = { resourceVersion: String(server.version) };
  return { apiVersion, kind: `${names[kind]}List`, metadata, items: server.list(kind) };
}

function qualified(path: string, body: Body): string {
  const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
  const name = body.metadata?.name ?? '';
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function withoutStatus(body: Body): Body {
  const { status: _, ...rest } = body;
  return rest;
}

function withStatus(object: Stored, status: Stored['status']): Stored {
  const { status: _, ...rest } = object;
  return status === undefined ? rest : { ...rest, status };
}

function checkUid({ metadata }: Stored, uid: string | undefined): void {
  if (uid !== undefined && uid !== metadata.uid) throw new Refusal(409, 'Conflict', 'another uid');
}

function checkVersion({ metadata }: Stored, resourceVersion: string | undefined): void {
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw new Refusal(409, 'Conflict', 'the object has been modified');
}
