import type { ClusterObject } from '../api/cluster-object.ts';
import { API_VERSION, collectionOf } from '../api/names.ts';
import { apiPath } from '../api/paths.ts';
import type { OperationKind } from '../cluster/operation/kind.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../kubernetes/cache/reflector.ts';
import type { Change } from '../kubernetes/cache/replica.ts';
import { Store } from '../kubernetes/cache/store.ts';
import type { SharedTexts } from '../kubernetes/cache/shared-texts.ts';

/** The objects that name clusters, one cache for each kind. */
export interface ObjectCaches {
  readonly reflectors: readonly Reflector[];
  readonly size: number;
  /** The object that the cache has under the kind and the name of this one. */
  get(object: Pick<ClusterObject, 'kind' | 'metadata'>): ClusterObject | undefined;
  /** The objects that name a cluster. */
  of(key: string): readonly ClusterObject[];
  /** The clusters that objects name. */
  keys(): Iterable<string>;
  /** Each namespace and resource id that objects have, with a blank between them; only kept where there is a policy. */
  askers(): Iterable<string>;
}

export interface ObjectCachesOptions {
  readonly kinds: readonly OperationKind[];
  /** The key of a cluster. */
  readonly keyOf: (resourceId: string) => string;
  readonly hasPolicy: boolean;
  readonly texts: SharedTexts;
  readonly reflect: Omit<ReflectorOptions<ClusterObject>, 'path' | 'store' | 'onChange'>;
  /** `isFirst`: the cache is being filled. */
  readonly onChange: (change: Change<ClusterObject>, isFirst: boolean) => void;
}

const BY_CLUSTER = 'cluster';

/** Index by namespace and resource id, the arguments of a policy. */
const BY_ASKER = 'asker';

export function createObjectCaches(options: ObjectCachesOptions): ObjectCaches {
  const { keyOf, hasPolicy, texts, reflect, onChange } = options;
  const indexers = {
    [BY_CLUSTER]: ({ spec }: ClusterObject) => [keyOf(spec.target.resourceId)],
    ...(hasPolicy
      ? { [BY_ASKER]: ({ metadata, spec }: ClusterObject) => [`${metadata.namespace} ${spec.target.resourceId}`] }
      : {}),
  };
  const caches = options.kinds.map(({ objects: { kind } }) => {
    const store = new Store<ClusterObject>({ indexers, texts });
    const reflector: Reflector = createReflector({
      ...reflect,
      path: apiPath(`/apis/${API_VERSION}`, collectionOf(kind)),
      store,
      onChange: (change: Change<ClusterObject>) => onChange(change, !reflector.hasSynced()),
    });
    return { kind, store, reflector };
  });
  const keysOf = (index: string) => new Set(caches.flatMap(({ store }) => [...store.indexKeys(index)]));
  return {
    reflectors: caches.map(({ reflector }) => reflector),
    get size() {
      return caches.reduce((sum, { store }) => sum + store.size, 0);
    },
    get: ({ kind, metadata: { namespace, name } }) =>
      caches.find((one) => one.kind === kind)?.store.get(namespace, name),
    of: (key) => caches.flatMap(({ store }) => store.byIndex(BY_CLUSTER, key)),
    keys: () => keysOf(BY_CLUSTER),
    askers: () => keysOf(BY_ASKER),
  };
}
