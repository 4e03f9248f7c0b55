import type { ClusterObject } from '../../api/cluster-object.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { TARGET_CLUSTERS } from '../../api/names.ts';
import { clusterKey } from '../../api/resource-id.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import { createReflector, type Reflector } from '../../kubernetes/cache/reflector.ts';
import type { Logger } from '../../kubernetes/logger.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { Store } from '../../kubernetes/cache/store.ts';
import type { Clock } from '../../runtime/clock.ts';
import { troubleOf } from '../client/errors.ts';
import {
  collectionPath,
  recordNameOf,
  type AskingKind,
  type ResolvedScope,
  type Snapshot,
  type Unread,
} from './read.ts';

export interface FollowOptions {
  readonly connection: Connection;
  readonly scope: ResolvedScope;
  /** The state that was read at the start. */
  readonly first: Snapshot;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called when an object changes, and when the API server does not answer. */
  readonly onChange: () => void;
}

/** A snapshot that watches keep up to date. */
export interface Follower {
  /** Works until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** The state now; until all watches are in sync, the state of the start. */
  snapshot(): Snapshot;
  /** Why a watch fails at the moment; undefined once the API server serves it again. */
  trouble(): string | undefined;
}

interface Watched<T extends KubernetesObject> {
  readonly store: Store<T>;
  readonly reflector: Reflector;
  run(signal: AbortSignal): Promise<void>;
  trouble(): string | undefined;
}

/** Watches the readable kinds of the scope: one object by name where it has a name, else the collection. */
export function follow(options: FollowOptions): Follower {
  const { scope, first } = options;
  const only = onlyRecord(scope, first);
  const may = (what: Unread) => !first.unread.includes(what);
  const trusts =
    may('trusts') && scope.kind !== 'Rotation' ? watchKind<CustomCATrust>(options, 'CustomCATrust') : undefined;
  const mayWatchRotations = may('rotations') && may('rotationsOfNoCRD') && scope.kind !== 'Object';
  const rotations = mayWatchRotations ? watchKind<CertificateRotation>(options, 'CertificateRotation') : undefined;
  const records = may('records') ? watch<TargetCluster>(options, TARGET_CLUSTERS, only) : undefined;
  const watched = [trusts, rotations, records].filter((one) => one !== undefined);
  const cluster = scope.kind === 'Cluster' ? clusterOf(first) : undefined;

  return {
    async run(signal) {
      for (const { reflector } of watched) void reflector.synced.then(options.onChange);
      await Promise.all(watched.map((one) => one.run(signal)));
    },
    snapshot() {
      if (!watched.every(({ reflector }) => reflector.hasSynced())) return first;
      const isInScope = ({ spec }: ClusterObject) =>
        cluster === undefined || clusterKey(spec.target.resourceId) === cluster;
      const seen = {
        trusts: [...(trusts?.store.objects() ?? [])].filter(isInScope),
        rotations: [...(rotations?.store.objects() ?? [])].filter(isInScope),
      };
      const objects = [...seen.trusts, ...seen.rotations];
      const names = only === undefined ? new Set(objects.flatMap(recordNameOf)) : undefined;
      const keys = new Set(
        cluster === undefined ? objects.map(({ spec }) => clusterKey(spec.target.resourceId)) : [cluster],
      );
      // A record of another cluster may have the name that belongs to this cluster's record (RecordConflict).
      const kept = [...(records?.store.objects() ?? [])].filter(
        ({ metadata, spec }) => (names?.has(metadata.name) ?? true) && keys.has(clusterKey(spec.resourceId)),
      );
      return { ...seen, records: kept, unread: first.unread };
    },
    trouble: () => {
      const [text] = watched.flatMap((one) => one.trouble() ?? []);
      return text === undefined ? undefined : `The view may be out of date. ${text}`;
    },
  };
}

/** The name of the record, where the scope can have only one. */
function onlyRecord(scope: ResolvedScope, { trusts, rotations, records }: Snapshot): string | undefined {
  if (scope.kind === 'Namespace' || scope.kind === 'Everywhere') return undefined;
  return records[0]?.metadata.name ?? [...trusts, ...rotations].flatMap(recordNameOf)[0];
}

function clusterOf({ trusts, rotations, records }: Snapshot): string | undefined {
  const resourceId = records[0]?.spec.resourceId ?? [...trusts, ...rotations][0]?.spec.target.resourceId;
  return resourceId === undefined ? undefined : clusterKey(resourceId);
}

/** Watches the objects of a kind in the scope: one by its name, where the scope has one. */
function watchKind<T extends KubernetesObject>(options: FollowOptions, kind: AskingKind): Watched<T> {
  const { scope } = options;
  return watch<T>(options, collectionPath(kind, scope), 'name' in scope ? scope.name : undefined);
}

function watch<T extends KubernetesObject>(options: FollowOptions, path: string, name: string | undefined): Watched<T> {
  const { connection, clock, random, onChange } = options;
  const store = new Store<T>();
  let trouble: { readonly at: number; readonly text: string } | undefined;
  // The reflector retries by itself. Only its first error is kept: the later ones have the same cause.
  const note = (fields: object, message: string) => {
    const error = 'err' in fields ? fields.err : undefined;
    const { server } = connection;
    const text = error instanceof KubernetesError ? troubleOf(error, server) : `The API server ${server}: ${message}`;
    if (current() === undefined) trouble = { at: clock.now(), text };
    onChange();
  };
  const current = () => {
    const heard = reflector.lastContact();
    if (trouble && heard !== undefined && heard > trouble.at) trouble = undefined;
    return trouble?.text;
  };
  const logger: Logger = { debug: () => {}, info: () => {}, warn: note, error: note };
  const query = name === undefined ? {} : { query: { fieldSelector: `metadata.name=${name}` } };
  const reflector = createReflector<T>({ connection, path, ...query, store, onChange, clock, random, logger });
  return {
    store,
    reflector,
    run: (signal) => reflector.run(signal),
    trouble: current,
  };
}
