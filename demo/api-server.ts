import { parse, stringify } from 'yaml';
import { httpsClient, type Access } from './https-client.ts';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [member: string]: unknown;
}

/** A person at an API server, with an administrator's client certificate. */
export interface ApiServer {
  readonly server: string;
  /** Undefined when there is none. */
  get(path: string): Promise<unknown>;
  /** The output of `kubectl get`, in the server's columns. */
  table(path: string): Promise<readonly (readonly string[])[]>;
  post(path: string, body: object): Promise<unknown>;
  /** As `kubectl apply --server-side`: makes the object or brings it to this. */
  apply(object: KubernetesObject): Promise<unknown>;
  delete(object: KubernetesObject): Promise<void>;
  close(): Promise<void>;
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows?: readonly { readonly cells: readonly unknown[] }[];
}

export function apiServer(access: Access): ApiServer {
  const client = httpsClient(access);
  return {
    server: access.server,
    async get(path) {
      const { status, text } = await client.send(path);
      if (status === 404) return undefined;
      if (status !== 200) throw new Error(`GET ${access.server}${path}: ${status} ${text.slice(0, 500)}`);
      return JSON.parse(text) as unknown;
    },
    async table(path) {
      const { columnDefinitions, rows = [] } = (await client.json(path, { accept: TABLE })) as Table;
      const shown = columnDefinitions.map(({ priority }) => priority === 0);
      return [
        columnDefinitions.map(({ name }) => name.toUpperCase()),
        ...rows.map(({ cells }) => cells.map((cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell ?? '')))),
      ].map((cells) => cells.filter((_, column) => shown[column]));
    },
    post: (path, body) => client.json(path, { method: 'POST', body: JSON.stringify(body) }),
    apply: (object) =>
      client.json(`${pathOf(object)}?fieldManager=kubectl&force=true`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body: stringify(object),
      }),
    delete: async (object) => void (await client.json(pathOf(object), { method: 'DELETE' })),
    close: () => client.close(),
  };
}

/** Objects of a file with one or more YAML documents. */
export function objectsIn(yaml: string): KubernetesObject[] {
  return yaml
    .split(/^---$/m)
    .map((document) => parse(document) as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** Path of an object. Its kind's plural is regular, or ends in -ies, as those of all kinds here do. */
export function pathOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
  return `${root}${namespace}/${plural}/${metadata.name}`;
}
