import type { ListItem } from '../../src/azure/replace-list.ts';
import type { ClusterModel } from '../../src/azure/cluster-model.ts';
import type { OperationStatus } from '../../src/azure/managed-clusters.ts';
import type { NodeView } from '../../src/cluster/model/observation.ts';
import { model, node, pool, MINUTE, SECOND } from './build.ts';

type End = 'Succeeded' | 'Failed' | 'Canceled';
export type PutAnswer = 'Accepted' | 'Conflict' | 'Busy';

/** A list that is sent to ARM, made from an earlier read. */
export interface Put {
  readonly elements: readonly string[];
  readonly eTag: string | undefined;
  readonly uid: string;
}

interface Running {
  readonly startedAt: number;
  readonly endsAt: number;
  readonly end: End;
  readonly ours: boolean;
  /** Nodes that it has still to replace. */
  readonly old: NodeView[];
}

const NODES = 3;
export const OPERATION_TIME = 9 * MINUTE;

/** ARM and AKS for one cluster, as a reconcile sees them: a list, one operation at a time, nodes that are replaced one by one. */
export class ArmCluster {
  elements: readonly string[] = [];
  state: 'Updating' | End = 'Succeeded';
  stopped = false;
  uid = 'cluster-1';
  /** How the next operation ends. */
  nextEnd: End = 'Succeeded';
  /** Whose operation was the last. */
  lastWriter: 'us' | 'others' = 'others';
  /** When each of our lists was accepted. */
  readonly ourWrites: number[] = [];
  nodes: NodeView[] = [];
  #running: Running | undefined;
  #version = 1;
  #ourEnd: End | 'InProgress' | undefined;
  #births = 0;
  /** The cluster before the last change, as a stale replica of ARM returns it. */
  #stale: ClusterModel | undefined;
  readonly #withETags: boolean;

  constructor(now: number, withETags: boolean, elements: readonly string[] = []) {
    this.#withETags = withETags;
    this.elements = elements;
    this.nodes = Array.from({ length: NODES }, () => this.#birth(now - 60 * MINUTE));
  }

  read(): ClusterModel {
    const { eTag: _, ...read } = model({
      resourceUID: this.uid,
      elements: this.elements,
      provisioningState: this.state,
      powerState: this.stopped ? 'Stopped' : 'Running',
      pools: [pool({ count: this.nodes.length, provisioningState: this.state })],
    });
    return this.#withETags ? { ...read, eTag: `e${this.#version}` } : read;
  }

  readStale(): ClusterModel {
    return this.#stale ?? this.read();
  }

  /** The status of our last operation, while its URL is known. */
  ourOperation(): OperationStatus | undefined {
    if (this.state !== 'Failed' && this.state !== 'Canceled') return undefined;
    return { status: this.#ourEnd ?? 'Unknown', code: this.#ourEnd === 'Failed' ? 'DrainFailed' : '', message: '' };
  }

  forgetOurOperation(): void {
    this.#ourEnd = undefined;
  }

  put({ elements, eTag, uid }: Put, now: number): PutAnswer {
    this.advance(now);
    this.#ourEnd = undefined;
    if (this.#running || this.stopped || uid !== this.uid) return 'Busy';
    if (this.#withETags && eTag !== `e${this.#version}`) return 'Conflict';
    this.#begin(elements, now, true);
    this.ourWrites.push(now);
    this.#ourEnd = 'InProgress';
    return 'Accepted';
  }

  /** Another client writes a list. AKS refuses it as it would ours. */
  foreignPut(elements: readonly string[], now: number): boolean {
    this.advance(now);
    if (this.#running || this.stopped || elements.length > 10) return false;
    this.#begin(elements, now, false);
    return true;
  }

  recreate(now: number): void {
    this.#running = undefined;
    this.#changed();
    this.uid = `cluster-${this.#version}`;
    this.elements = [];
    this.state = 'Succeeded';
    this.#ourEnd = undefined;
    this.nodes = Array.from({ length: NODES }, () => this.#birth(now));
  }

  advance(now: number): void {
    const running = this.#running;
    if (!running) return;
    const share = Math.min(1, (now - running.startedAt) / (running.endsAt - running.startedAt));
    const due = Math.floor(share * NODES * (running.end === 'Succeeded' ? 1 : 0.5));
    while (running.old.length > NODES - due) {
      const oldest = running.old.shift();
      const bornAt = running.startedAt + ((NODES - running.old.length) / NODES) * (running.endsAt - running.startedAt);
      this.nodes = this.nodes.map((one) => (one === oldest ? this.#birth(Math.min(now, bornAt), one.name) : one));
    }
    if (share < 1) return;
    this.#running = undefined;
    this.#changed();
    this.state = running.end;
    if (running.ours) this.#ourEnd = running.end;
  }

  #begin(elements: readonly string[], now: number, ours: boolean): void {
    this.#changed();
    this.elements = elements;
    this.lastWriter = ours ? 'us' : 'others';
    this.state = 'Updating';
    this.#running = { startedAt: now, endsAt: now + OPERATION_TIME, end: this.nextEnd, ours, old: [...this.nodes] };
    this.nextEnd = 'Succeeded';
  }

  #changed(): void {
    this.#stale = this.read();
    this.#version += 1;
  }

  /** A machine registers: a new one, or one that was reimaged, under its old name. */
  #birth(now: number, name?: string): NodeView {
    this.#births += 1;
    return node(name ?? `node-${this.#births}`, Math.floor(now / SECOND) * SECOND, { uid: `u${this.#births}` });
  }
}

/** The list that a decision wants, made from the list that it read. */
export function applyItems(list: readonly string[], items: readonly ListItem[]): string[] {
  return items.map((item) => {
    if (item.add !== undefined) return item.add;
    const kept = list[item.keep];
    if (kept === undefined) throw new RangeError(`the list has no element ${item.keep}`);
    return kept;
  });
}
