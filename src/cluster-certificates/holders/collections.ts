import { apiPath, type ApiRoot } from '../../api/paths.ts';
import type { Holding } from './holder.ts';
import { holdingOf, nameBudget, type ClusterMark } from './mark.ts';

/** A part of an object that holds, or depends on, a CA of the cluster. */
export interface Found {
  readonly part: string;
  readonly holding: Holding;
}

/** A collection that is searched, and how its objects are read. */
export interface Searched {
  readonly kind: string;
  readonly path: string;
  /** Objects of a page: one object may have 1.5 MiB. */
  readonly page: number;
  /** Default: of all namespaces. */
  readonly inNamespace?: (namespace: string) => string;
  readonly accept?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** False: objects of the management cluster of this kind have nothing to do with the target. */
  readonly inManagement: boolean;
  /**
   * What an object holds, which may be of any shape.
   *
   * @param own true for an object within the cluster itself
   */
  readonly find: (object: unknown, mark: ClusterMark, own: boolean) => readonly Found[];
}

type Data = Readonly<Record<string, unknown>>;

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const REGISTRATION: ApiRoot = '/apis/admissionregistration.k8s.io/v1';
/** The controllers of Kubernetes and the API server write these themselves. */
const WRITTEN_BY_KUBERNETES: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'extension-apiserver-authentication']);

/** Every collection that may hold a CA, in the order in which results are shown. */
export const COLLECTIONS: readonly Searched[] = [
  {
    kind: 'Secret',
    path: apiPath('/api/v1', 'secrets'),
    page: 40,
    inNamespace: (namespace) => apiPath('/api/v1', 'namespaces', namespace, 'secrets'),
    // Packed manifests of Helm are large, and have no certificate in plain text.
    query: { fieldSelector: 'type!=helm.sh/release.v1' },
    inManagement: true,
    find(object, mark, own) {
      const type = member(object, 'type');
      // Only the cluster's own token controller makes these.
      if (type === 'kubernetes.io/service-account-token') return own ? [{ part: 'token', holding: 'Token' }] : [];
      if (type === 'helm.sh/release.v1') return [];
      return inValues(decodedValues(member(object, 'data')), mark, own);
    },
  },
  {
    kind: 'ConfigMap',
    path: apiPath('/api/v1', 'configmaps'),
    page: 100,
    inManagement: true,
    find(object, mark, own) {
      const found = inValues(entriesOf(member(object, 'data')), mark, own);
      const name = member(member(object, 'metadata'), 'name');
      if (typeof name !== 'string' || !WRITTEN_BY_KUBERNETES.has(name)) return found;
      return name === 'kube-root-ca.crt' ? found.filter(({ holding }) => holding !== 'PresentCA') : [];
    },
  },
  ...['Validating', 'Mutating'].map((sort): Searched => ({
    kind: `${sort}WebhookConfiguration`,
    path: apiPath(REGISTRATION, `${sort.toLowerCase()}webhookconfigurations`),
    page: 100,
    inManagement: false,
    find: (object, mark) =>
      listIn(member(object, 'webhooks')).flatMap((webhook) =>
        inBundle(`webhook ${String(member(webhook, 'name'))}`, member(webhook, 'clientConfig'), mark),
      ),
  })),
  {
    kind: 'APIService',
    path: apiPath('/apis/apiregistration.k8s.io/v1', 'apiservices'),
    page: 100,
    inManagement: false,
    find: (object, mark) => inBundle('spec', member(object, 'spec'), mark),
  },
  {
    kind: 'CustomResourceDefinition',
    path: apiPath('/apis/apiextensions.k8s.io/v1', 'customresourcedefinitions'),
    page: 20,
    inManagement: false,
    find: (object, mark) =>
      inBundle(
        'conversion webhook',
        ['spec', 'conversion', 'webhook', 'clientConfig'].reduce<unknown>(member, object),
        mark,
      ),
  },
  {
    kind: 'Pod',
    path: apiPath('/api/v1', 'pods'),
    page: 500,
    accept: METADATA,
    // Pods that have ended connect to nothing any more.
    query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
    inManagement: false,
    find(object, { caSince }) {
      const created = member(member(object, 'metadata'), 'creationTimestamp');
      const isOlder = typeof created === 'string' && Date.parse(created) < caSince;
      return isOlder ? [{ part: `created ${created}`, holding: 'OlderThanCA' }] : [];
    },
  },
];

/** Characters of one object that are read: the API server of Kubernetes takes a mebibyte of a Secret or ConfigMap. */
const MOST_TEXT = 2 ** 21;

function inValues(values: Iterable<readonly [key: string, value: unknown]>, mark: ClusterMark, own: boolean): Found[] {
  const found: Found[] = [];
  const named = nameBudget();
  let read = 0;
  for (const [part, value] of values) {
    if (typeof value !== 'string') continue;
    read += value.length;
    if (read > MOST_TEXT) break;
    const holding = holdingOf(value, mark, own, named);
    if (holding !== undefined) found.push({ part, holding });
  }
  return found;
}

function* decodedValues(data: unknown): Generator<readonly [string, unknown]> {
  for (const [key, value] of entriesOf(data))
    if (typeof value === 'string') yield [key, Buffer.from(value, 'base64').toString('latin1')];
}

function inBundle(part: string, config: unknown, mark: ClusterMark): Found[] {
  const bundle = member(config, 'caBundle');
  if (typeof bundle !== 'string') return [];
  const holding = holdingOf(Buffer.from(bundle, 'base64').toString('latin1'), mark, true);
  return holding === undefined ? [] : [{ part: `${part}: caBundle`, holding }];
}

function entriesOf(value: unknown): (readonly [key: string, value: unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Data)[name] : undefined;
}

function listIn(value: unknown): Data[] {
  return Array.isArray(value) ? value.filter((one): one is Data => typeof one === 'object' && one !== null) : [];
}
