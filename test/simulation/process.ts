import type { KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { Logger } from '../../src/runtime/logging.ts';
import type { Part } from '../../src/runtime/manager.ts';
import type { Snapshot } from './aks.ts';
import { addressOf } from './api-requests.ts';
import type { Change, Kind, Stored } from './api-server.ts';
import { createTransport } from './arm.ts';
import { createConnection } from './connection.ts';
import { noteListed, noteNews, notePass } from './rules-news.ts';
import { createTargetConnection } from './target.ts';
import type { Owner } from './scheduler.ts';
import { violate, type World } from './world.ts';

/** A read of a cluster, as a process got it. */
export interface Read {
  readonly snapshot: Snapshot;
  readonly requestedAt: number;
}

/** One life of the controller: memory, connections and clock of its own. Another life begins with another one. */
export class Process implements Owner {
  readonly name: string;
  readonly held: (() => void)[] = [];
  readonly bornAt: number;
  alive = true;
  paused = false;
  pausedAt = -Infinity;
  clockOffset = 0;
  /** True while ARM does not let it in. */
  denied = false;
  lastResponseDate: number | undefined;
  /** How far its caches have come, as versions of the API server. */
  readonly views = new Map<Kind, number>();
  /** The newest that it was told of objects, by answers to its own writes too. */
  readonly newest = new Map<Kind, number>();
  /** Its last read of each cluster. */
  readonly reads = new Map<string, Read>();
  /** When its last pass over each cluster began, and what it saw of the objects. */
  readonly passes = new Map<string, { readonly at: number; readonly view: number; readonly rotations: number }>();
  /** How many nodes of each cluster really had the list, each time when it was told of them. */
  readonly nodesHaving = new Map<string, { readonly at: number; readonly count: number }[]>();
  readonly streams = new Set<(error?: Error) => void>();
  onEnd: () => void = () => {};
  readonly #world: World;
  readonly #stop = new AbortController();

  constructor(world: World, name: string, clockOffset: number) {
    this.#world = world;
    this.name = name;
    this.clockOffset = clockOffset;
    this.bornAt = world.scheduler.now;
  }

  /** Starts the parts as the command does; `elected`: only the holder of the lease works. */
  boot(elected: boolean): void {
    const world = this.#world;
    const { subject, scheduler, random } = world;
    const clock = scheduler.clockOf(this);
    const logger = this.#logger();
    const plain = createConnection(world, this);
    const election = elected
      ? subject.createLeaderElection({
          connection: plain,
          namespace: 'system',
          name: 'aks-ca-trust',
          identity: this.name,
          clock,
          random: () => random.next(),
          logger,
          ...LEASE,
          elapsed: () => scheduler.now,
        })
      : undefined;
    const mayWrite = () => election?.isLeader() ?? true;
    const arm = subject.createManagedClusters({
      transport: createTransport(world, this),
      now: () => clock.now(),
      assertMayWrite: () => subject.assertLeading(mayWrite),
      ...(world.budgets
        ? { budgets: subject.createBudgets(), payersOf: (key: string) => operator.namespacesOf(key) }
        : {}),
    });
    const events = world.recordsEvents
      ? subject.createEventRecorder({
          connection: plain,
          component: 'aks-ca-trust',
          instance: this.name,
          clock,
          random: () => random.next(),
        })
      : undefined;
    const queue = subject.createWorkQueue({ clock, random: () => random.next() });
    const operator = subject.createOperator({
      connection: subject.fenceWrites(plain, mayWrite),
      arm: {
        ...arm,
        get: (id, signal) => {
          notePass(world, this, id.key);
          return arm.get(id, signal);
        },
      },
      apiServerToken: { current: () => Promise.reject(new Error('no cluster has Entra here')), distrust: () => {} },
      reader: READERS.get(subject) ?? newReader(world),
      queue,
      clock,
      elapsed: () => scheduler.now,
      random: () => random.next(),
      timing: subject.DEFAULT_TIMING,
      workers: world.budgets ? 10 : 2,
      maxChangingClusters: world.maxChangingClusters,
      logger,
      emit(object, note) {
        const { namespace, name } = object.metadata;
        world.count('Event', namespace ? `${namespace}/${name}` : name, `${note.reason}: ${note.message}`);
        events?.record(object, note);
      },
      maintenance: { nextOpening: () => Promise.resolve(undefined), read: () => Promise.resolve({ kind: 'Missing' }) },
      connectTarget: (credentials) => subject.fenceWrites(createTargetConnection(world, this, credentials), mayWrite),
      ...(world.rotations ? { policy: policyOf(world) } : {}),
    });
    const electionPart: readonly Part[] = election
      ? [{ name: 'leader election', run: ({ stop }) => election.run(stop), ready: () => election.acquired }]
      : [];
    void subject
      .runManager({
        parts: [operator.caches, ...(election ? [...electionPart, operator.freshCaches] : []), operator.controller],
        logger,
        graceMs: 25_000,
        clock,
        stop: this.#stop.signal,
        process: { on: () => {}, off: () => {}, exit: () => {} },
      })
      .then(() => this.crash('ended'));
  }

  /** As SIGTERM. */
  stop(): void {
    this.#world.scheduler.after(0, () => this.#stop.abort(), this);
  }

  /** As SIGKILL: nothing it waits for will ever reach it. */
  crash(why: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.#world.note(`${this.name} dead: ${why}`);
    for (const end of [...this.streams]) end();
    this.onEnd();
  }

  freeze(ms: number): void {
    if (!this.alive || this.paused) return;
    this.#world.note(`${this.name} frozen for ${Math.round(ms / 1000)} s`);
    this.paused = true;
    this.#world.scheduler.after(ms, () => this.thaw());
  }

  thaw(): void {
    if (!this.paused) return;
    this.#world.note(`${this.name} thawed`);
    this.paused = false;
    this.pausedAt = this.#world.scheduler.now;
    for (const run of this.held.splice(0)) this.#world.scheduler.after(0, run, this);
  }

  /** The API server hangs up. */
  hangUp(): void {
    const broken = new this.#world.subject.KubernetesError(0, 'ECONNRESET', 'the watch broke');
    for (const end of this.streams) this.#world.scheduler.after(1, () => end(broken), this);
  }

  noteNodes(cluster: string, count: number): void {
    const told = this.nodesHaving.get(cluster) ?? [];
    this.nodesHaving.set(cluster, [...told.slice(-20), { at: this.#world.scheduler.now, count }]);
  }

  noteAnswer({ method = 'GET', path }: KubernetesRequest, result: unknown): void {
    const { kind, name } = addressOf(path);
    const { resourceVersion } = (result as { metadata: { resourceVersion: string } }).metadata;
    const version = Number(resourceVersion);
    this.newest.set(kind, Math.max(version, this.newest.get(kind) ?? 0));
    if (method !== 'GET' || name !== undefined) return;
    this.views.set(kind, version);
    for (const object of (result as { items: readonly Stored[] }).items) noteListed(this, object);
  }

  noteDelivery(kind: Kind, change: Change): void {
    this.views.set(kind, Math.max(change.version, this.views.get(kind) ?? 0));
    this.newest.set(kind, Math.max(change.version, this.newest.get(kind) ?? 0));
    noteNews(this.#world, this, change);
  }

  #logger(): Logger {
    const say = (fields: object, message: string) => {
      const { err } = fields as { err?: unknown };
      this.#world.note(`${this.name}: ${message}${err instanceof Error ? `: ${err.message}` : ''}`);
      if (err instanceof Error && !isExpected(err))
        violate(this.#world, `no pass fails but for what is done to it: ${err.stack ?? err.message}`);
    };
    const logger: Logger = { debug: () => {}, info: () => {}, warn: say, error: say, child: () => logger };
    return logger;
  }
}

/** Some namespaces may rotate. */
function policyOf({ subject, rotations }: World): () => Policy {
  const policy: Policy = {
    ...subject.OPEN_POLICY,
    grants: (namespace) => ({ ...subject.OPEN_GRANTS, rotate: rotations?.mayRotate.has(namespace) === true }),
  };
  return () => policy;
}

/** Longer than by default, so that hours of renewals cost little; the order of the three is what matters. */
export const LEASE = { leaseMs: 60_000, renewMs: 40_000, retryMs: 15_000 };

function isExpected({ name, message }: Error): boolean {
  return (
    name === 'KubernetesError' ||
    name === 'StaleCacheError' ||
    name === 'TimeoutError' ||
    name === 'AbortError' ||
    /^(the )?lease /.test(message)
  );
}

const READERS = new WeakMap<World['subject'], ReturnType<World['subject']['createCertificateReader']>>();

/** Reading certificates is no part of what a history tests: one reader serves all of them. */
function newReader({ subject }: World) {
  const reader = subject.createCertificateReader();
  READERS.set(subject, reader);
  return reader;
}
