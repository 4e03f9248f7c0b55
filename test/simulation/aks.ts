import { parseClusterId, type ClusterId } from '../../src/api/resource-id.ts';
import { textOf, type Shown } from './aks-text.ts';
import { makeClusterCA, type ClusterCA } from './cluster-ca.ts';
import type { Scheduler } from './scheduler.ts';

export type End = 'Succeeded' | 'Failed' | 'Canceled';

/** How a rotation goes. `InVain`: it succeeds and leaves the CA as it is. `Hangs`: it goes on for hours. */
export type RotationFate = 'Succeeds' | 'FailsBefore' | 'FailsAfter' | 'InVain' | 'Hangs';

/** A Linux node; it keeps the list that it was born with. */
export interface Node {
  readonly name: string;
  readonly uid: string;
  /** Of our time, in ms; its creationTimestamp is of the cluster's own clock, in whole seconds. */
  readonly bornAt: number;
  readonly createdAt: number;
  readonly list: readonly string[];
  /** The cluster CA that signed its certificates. */
  readonly ca: ClusterCA | undefined;
}

/** What a GET would have shown from `at` on. */
export interface Snapshot {
  readonly at: number;
  readonly shown: Shown;
  /** undefined: 404. */
  readonly text: string | undefined;
}

export interface Operation {
  readonly number: number;
  readonly ours: boolean;
  status: 'InProgress' | End;
  readonly rotates?: true;
  endedAt?: number;
}

/** What is drawn once for a cluster. */
export interface AksOptions {
  readonly name: string;
  readonly withETag: boolean;
  readonly windows: boolean;
  readonly nodes: number;
  /** How far the clock of its API server is off, in ms. */
  readonly clockOffset: number;
  readonly list: readonly string[] | undefined;
  /** How long its operations of ours take, in ms; undefined: each another time. */
  readonly rollMs?: number;
  /** True where it has a CA of its own, which can be rotated. */
  readonly withCA?: boolean;
}

/** One AKS cluster as it really is. Takes writes, replaces nodes in its own time, remembers what it looked like. */
export class Aks {
  readonly id: ClusterId;
  readonly options: AksOptions;
  exists = true;
  /** How the next operation ends. */
  nextEnd: End = 'Succeeded';
  /** How every operation of ours ends while this is set; `Never`: it goes on. */
  lastingEnd: End | 'Never' | undefined;
  /** True while an operation leaves the first of the nodes as it is. */
  leavesOld = false;
  nodes: Node[] = [];
  list: readonly string[] | undefined;
  state = 'Succeeded';
  stopped = false;
  revision = 1;
  uid: string;
  /** When somebody other than us last wrote, or made the cluster anew. */
  foreignAt = -Infinity;
  running: Operation | undefined;
  /** Its own CAs, the present one last. */
  readonly cas: ClusterCA[] = [];
  /** True from the replacement of the CA until the API server is back. */
  isAway = false;
  /** The last rotation, of whichever client. */
  rotation: (Operation & { readonly begunAt: number }) | undefined;
  onCA: () => void = () => {};
  onChange: () => void = () => {};
  onEnd: (ours: boolean) => void = () => {};
  /** Told after anything changed, nodes included. */
  readonly watchers = new Set<() => void>();
  readonly snapshots: Snapshot[] = [];
  #eTag = 1;
  #births = 0;
  #operations = 0;
  #listSince = -Infinity;
  #listBefore: readonly string[] = [];
  #targetVersion = '1.33.1';
  #currentVersion = '1.33.1';
  #error: string | undefined;
  #cancel: (() => void)[] = [];
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler, options: AksOptions) {
    this.#scheduler = scheduler;
    this.options = options;
    this.id = parseClusterId(
      `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${options.name}`,
    )!;
    this.uid = 'made-1';
    this.list = options.list;
    if (options.withCA) this.cas.push(makeClusterCA(0, scheduler.now - 24 * 3600_000));
    for (let count = 0; count < options.nodes; count++) this.bear(3600_000);
    this.#changed();
  }

  get key(): string {
    return this.id.key;
  }

  get ca(): ClusterCA | undefined {
    return this.cas.at(-1);
  }

  get offTarget(): boolean {
    return this.#targetVersion !== this.#currentVersion;
  }

  get eTag(): string | undefined {
    return this.options.withETag ? `e${this.#eTag}` : undefined;
  }

  /** What a replica shows that lags so far behind. */
  snapshot(lag: number): Snapshot {
    const at = this.#scheduler.now - lag;
    return this.snapshots.findLast((one) => one.at <= at) ?? this.snapshots[0]!;
  }

  /** A machine registers: a new one, or one that was reimaged, under its old name. `late`: it was made before the list changed. */
  bear(age = 0, name?: string, late = false): void {
    const bornAt = this.#scheduler.now - age;
    const createdAt = Math.floor((bornAt + this.options.clockOffset) / 1000) * 1000;
    this.#births += 1;
    const born = {
      uid: `u${this.#births}`,
      bornAt,
      createdAt,
      list: late ? this.#listBefore : (this.list ?? []),
      ca: this.ca,
    };
    this.nodes = [...this.nodes, { name: name ?? `node-${this.#births}`, ...born }];
  }

  /** Takes a list, or anything else, and makes every node follow. Only when {@link running} is not. */
  begin(what: {
    ours: boolean;
    state: string;
    list?: readonly string[];
    revision?: number;
    ms: number;
    inVain?: boolean;
  }): Operation {
    const { ours, state, list, revision, ms, inVain = false } = what;
    const operation: Operation = { number: (this.#operations += 1), ours, status: 'InProgress' };
    if (list !== undefined) {
      // A list that changes replaces every node, whatever each was born with.
      if (inVain || list.join() !== (this.list ?? []).join()) {
        this.#listSince = this.#scheduler.now;
        this.#listBefore = this.list ?? [];
      }
      this.list = list;
    }
    if (revision !== undefined) this.revision = revision;
    this.running = operation;
    this.state = state;
    this.#error = undefined;
    if (!ours) this.foreignAt = this.#scheduler.now;
    if (state === 'Upgrading') this.#targetVersion = `1.33.${this.#operations + 1}`;
    const lasting = ours ? this.lastingEnd : undefined;
    const end = lasting === undefined || lasting === 'Never' ? this.nextEnd : lasting;
    this.nextEnd = 'Succeeded';
    this.#changed();
    const old = this.nodes.filter(({ bornAt }) => state === 'Upgrading' || bornAt <= this.#listSince);
    const replaced = end === 'Succeeded' && lasting !== 'Never' ? old.length : old.length >> 1;
    old.slice(this.leavesOld ? 1 : 0, replaced).forEach((node, index) => {
      this.#later((ms * (index + 1)) / (old.length + 1), () => this.#replace(node));
    });
    if (lasting !== 'Never') this.#later(ms, () => this.finish(end));
    return operation;
  }

  /** Makes another CA after a third of the time, and replaces every node after that. Only when {@link running} is not. */
  rotate({ ours, ms, fate }: { ours: boolean; ms: number; fate: RotationFate }): Operation {
    const number = (this.#operations += 1);
    const begunAt = this.#scheduler.now;
    const operation = { number, ours, status: 'InProgress' as const, rotates: true as const, begunAt };
    this.running = operation;
    this.rotation = operation;
    this.state = 'RotatingClusterCertificates';
    this.#error = undefined;
    if (!ours) this.foreignAt = this.#scheduler.now;
    this.#changed();
    const fails = fate === 'FailsBefore' || fate === 'FailsAfter';
    const old = fate === 'FailsBefore' || fate === 'InVain' ? [] : this.nodes;
    if (fate !== 'FailsBefore' && fate !== 'InVain') {
      this.#later(ms * 0.3, () => this.#replaceCA());
      this.#later(ms * 0.4, () => (this.isAway = false));
    }
    old.slice(0, fails ? old.length >> 1 : old.length).forEach((node, index) => {
      this.#later(ms * (0.4 + (0.5 * (index + 1)) / old.length), () => this.#replace(node));
    });
    this.#later(ms, () => this.finish(fails ? 'Failed' : 'Succeeded'));
    return operation;
  }

  /** Ends what runs. */
  finish(end: End): void {
    if (!this.running) return;
    for (const cancel of this.#cancel.splice(0)) cancel();
    const { ours, rotates } = this.running;
    this.running.status = end;
    this.running.endedAt = this.#scheduler.now;
    this.running = undefined;
    this.isAway = false;
    this.state = end;
    this.#error = end === 'Failed' ? 'DrainFailed' : undefined;
    if (end === 'Succeeded') this.#currentVersion = this.#targetVersion;
    // AKS is not done before those that joined late have the list as well.
    const isLate = (node: Node) =>
      (node.bornAt >= this.#listSince && node.list.join() !== (this.list ?? []).join()) ||
      (rotates === true && node.ca !== this.ca);
    if (end === 'Succeeded') for (const node of this.nodes.filter(isLate)) this.#replace(node);
    this.#changed();
    this.onEnd(ours);
  }

  /** Replaces what is left to replace, and ends what runs. */
  complete(): void {
    for (const node of this.nodes.filter(({ bornAt }) => bornAt <= this.#listSince)) this.#replace(node);
    this.finish('Succeeded');
  }

  /** Something that is no operation: a tag, a stop, a start. */
  edit(change: () => void): void {
    change();
    this.#changed();
  }

  remove(): void {
    for (const cancel of this.#cancel.splice(0)) cancel();
    if (this.running) this.running.status = 'Canceled';
    this.running = undefined;
    this.exists = false;
    this.foreignAt = this.#scheduler.now;
    this.#changed();
  }

  /** Another cluster under the same id. */
  recreate(): void {
    this.remove();
    this.exists = true;
    this.uid = `made-${this.#eTag}`;
    this.list = [];
    this.state = 'Succeeded';
    this.stopped = false;
    this.#currentVersion = this.#targetVersion;
    this.#error = undefined;
    this.nodes = [];
    if (this.options.withCA) this.#replaceCA();
    this.isAway = false;
    for (let count = 0; count < this.options.nodes; count++) this.bear();
    this.#changed();
  }

  #replaceCA(): void {
    const madeAt = Math.floor(this.#scheduler.now / 1000) * 1000;
    this.cas.push(makeClusterCA(this.cas.length, madeAt));
    this.isAway = true;
    this.onCA();
    this.#tell();
  }

  #replace(node: Node): void {
    if (!this.nodes.includes(node)) return;
    this.nodes = this.nodes.filter((one) => one !== node);
    this.bear(0, node.name);
    this.#tell();
  }

  #later(ms: number, act: () => void): void {
    this.#cancel.push(this.#scheduler.after(ms, act));
  }

  #changed(): void {
    this.#eTag += 1;
    const { name, windows } = this.options;
    const pool = { state: this.state, currentVersion: this.#currentVersion };
    const shown: Shown = {
      name,
      eTag: this.eTag,
      uid: this.uid,
      state: this.state,
      stopped: this.stopped,
      list: this.list,
      revision: this.revision,
      targetVersion: this.#targetVersion,
      currentVersion: this.#currentVersion,
      error: this.#error,
      pools: [
        { name: 'system', osType: 'Linux', count: this.nodes.length, ...pool },
        ...(windows ? [{ name: 'win', osType: 'Windows' as const, count: 2, ...pool }] : []),
      ],
    };
    this.snapshots.push({ at: this.#scheduler.now, shown, text: this.exists ? textOf(shown) : undefined });
    if (this.snapshots.length > 200) this.snapshots.splice(0, 100);
    this.#tell();
  }

  #tell(): void {
    this.onChange();
    for (const tell of this.watchers) tell();
  }
}
