import type { KubernetesObject } from '../../src/kubernetes/object.ts';

export type Kind = 'customcatrusts' | 'certificaterotations' | 'targetclusters' | 'secrets' | 'leases' | 'events';

/** No cache has them, so no watch brings them. */
const UNWATCHED: ReadonlySet<Kind> = new Set(['secrets', 'leases', 'events']);

/** An object of the store; frozen, so that whoever changes what it was handed is found out. */
export interface Stored extends KubernetesObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

export interface Change {
  readonly version: number;
  readonly kind: Kind;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
  /** As a watch sends it. */
  readonly line: string;
}

/** The API server's answer to what it does not do. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Everything etcd would hold, and its history. Who asks and how it travels is not its business. */
export class ApiServer {
  /** Refuses connections while true. */
  down = false;
  /** What happened before this version is forgotten. */
  compacted = 0;
  readonly changes: Change[] = [];
  readonly watchers = new Set<(change: Change) => void>();
  readonly #objects = new Map<string, Stored>();
  readonly #now: () => number;
  #version = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  get version(): number {
    return this.#version;
  }

  get(kind: Kind, name: string): Stored | undefined {
    return this.#objects.get(`${kind} ${name}`);
  }

  list(kind: Kind): readonly Stored[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${kind} `)).map(([, object]) => object);
  }

  create(kind: Kind, name: string, object: Partial<Stored>): Stored {
    if (this.get(kind, name)) throw new Refusal(409, 'AlreadyExists', `${name} exists`);
    const { metadata, ...rest } = object;
    const [namespace, own] = name.includes('/') ? name.split('/') : [undefined, name];
    return this.#write('ADDED', kind, name, {
      apiVersion: 'v1',
      kind,
      ...rest,
      metadata: {
        ...metadata,
        name: own ?? name,
        ...(namespace === undefined ? {} : { namespace }),
        uid: `uid-${this.#version + 1}`,
        creationTimestamp: new Date(Math.floor(this.#now() / 1000) * 1000).toISOString().replace('.000', ''),
        generation: 1,
      },
    });
  }

  /** Changes spec or metadata; what changes nothing makes no version, and a new spec makes a new generation. */
  update(kind: Kind, name: string, change: (object: Stored) => Stored): Stored {
    const before = this.#existing(kind, name);
    const changed = change(before);
    if (same(before, changed)) return before;
    const { metadata } = changed;
    if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0)
      return this.#remove(kind, name, changed);
    const generation = (metadata.generation ?? 1) + (same(before.spec, changed.spec) ? 0 : 1);
    return this.#write('MODIFIED', kind, name, { ...changed, metadata: { ...metadata, generation } });
  }

  /** As `kubectl delete`: waits for finalisers. */
  delete(kind: Kind, name: string): Stored {
    const before = this.#existing(kind, name);
    const { metadata } = before;
    if ((metadata.finalizers ?? []).length === 0) return this.#remove(kind, name, before);
    if (metadata.deletionTimestamp !== undefined) return before;
    const deletionTimestamp = new Date(this.#now()).toISOString();
    const generation = (metadata.generation ?? 1) + 1;
    return this.#write('MODIFIED', kind, name, { ...before, metadata: { ...metadata, deletionTimestamp, generation } });
  }

  #existing(kind: Kind, name: string): Stored {
    const object = this.get(kind, name);
    if (!object) throw new Refusal(404, 'NotFound', `${kind} ${name} not found`);
    return object;
  }

  #write(type: Change['type'], kind: Kind, name: string, object: Stored): Stored {
    const written = this.#record(type, kind, object);
    this.#objects.set(`${kind} ${name}`, written);
    return written;
  }

  #remove(kind: Kind, name: string, object: Stored): Stored {
    this.#objects.delete(`${kind} ${name}`);
    return this.#record('DELETED', kind, object);
  }

  #record(type: Change['type'], kind: Kind, object: Stored): Stored {
    const version = (this.#version += 1);
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const line = UNWATCHED.has(kind) ? '' : JSON.stringify({ type, object: written });
    const change = { version, kind, type, object: deepFreeze(written), line };
    if (line === '') return written;
    this.changes.push(change);
    for (const tell of this.watchers) tell(change);
    return written;
  }
}

function same(a: object | undefined, b: object | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const [before, after] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (key) => before[key] === after[key] || JSON.stringify(before[key]) === JSON.stringify(after[key]),
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
