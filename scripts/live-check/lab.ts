import { listOf, withList, type Arm, type Exchange, type Model } from './arm.ts';
import type { Answer, AssumptionId } from './assumptions.ts';
import type { NodeWatch, SeenNode } from './nodes.ts';

/** What a change showed until it ended. */
export interface Course {
  /** From the answer of the write to the end, in seconds; 0 where nothing ran. */
  readonly seconds: number;
  readonly clusterStates: readonly string[];
  readonly powerStates: readonly string[];
  readonly poolStates: readonly string[];
  readonly statuses: readonly string[];
  /** Whether the status of the operation was at its end before the cluster was. */
  readonly statusEndedFirst: boolean;
  readonly before: readonly SeenNode[];
  readonly after: readonly SeenNode[];
}

export interface LabOptions {
  readonly arm: Arm;
  /** Undefined: nodes are not seen. */
  readonly nodes: NodeWatch | undefined;
  readonly say: (line: string) => void;
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => number;
  /** Between two reads of a running operation, in ms. */
  readonly pollMs: number;
  /** An operation that runs longer is given up, in ms. */
  readonly patienceMs: number;
}

const ENDED = new Set(['succeeded', 'failed', 'canceled']);

/** Sends what the questions need, and keeps the answers. */
export class Lab {
  readonly answers = new Map<AssumptionId, Answer>();
  readonly #options: LabOptions;

  constructor(options: LabOptions) {
    this.#options = options;
  }

  get arm(): Arm {
    return this.#options.arm;
  }

  get nodes(): NodeWatch | undefined {
    return this.#options.nodes;
  }

  say(line: string): void {
    this.#options.say(line);
  }

  answer(id: AssumptionId, agrees: boolean | undefined, seen: string): void {
    this.answers.set(id, { agrees, seen });
    this.#options.say(`  ${agrees === undefined ? '?' : agrees ? 'as assumed' : 'OTHERWISE'}  ${id}: ${seen}`);
  }

  /** Sends a list in a fresh copy of the model. */
  async send(what: string, list: readonly string[] | null | undefined, ifMatch?: string): Promise<Exchange> {
    const { text } = await this.arm.read();
    return this.arm.put(what, withList(text, list), ifMatch);
  }

  /** Sends a list, and waits for what it starts; a refusal starts nothing. */
  async change(
    what: string,
    list: readonly string[] | null | undefined,
  ): Promise<{ sent: Exchange; course: Course; model: Model }> {
    const before = await this.#seenNodes();
    const sent = await this.send(what, list);
    const course = await this.settle(sent, before);
    return { sent, course, model: (await this.arm.read()).model };
  }

  /** Waits until the cluster and its pools are at an end. */
  async settle(sent: Exchange, before: readonly SeenNode[] = []): Promise<Course> {
    const { wait, now, pollMs, patienceMs } = this.#options;
    const startedAt = now();
    const seen = {
      cluster: new Set<string>(),
      power: new Set<string>(),
      pools: new Set<string>(),
      statuses: new Set<string>(),
    };
    let statusEndedFirst = false;
    for (;;) {
      const url = sent.headers['azure-asyncoperation'];
      const status = isTaken(sent) && url !== undefined ? await this.#statusAt(url) : undefined;
      if (status !== undefined) seen.statuses.add(status);
      const { properties } = (await this.arm.read()).model;
      const states = [
        properties.provisioningState ?? '(none)',
        ...(properties.agentPoolProfiles ?? []).map((pool) => pool.provisioningState ?? '(none)'),
      ];
      seen.cluster.add(states[0] ?? '');
      seen.power.add(properties.powerState?.code ?? '(none)');
      for (const state of states.slice(1)) seen.pools.add(state);
      await this.nodes?.collect().catch(() => undefined);
      const ended = states.every((state) => ENDED.has(state.toLowerCase()));
      if (!ended && status !== undefined && ENDED.has(status.toLowerCase())) statusEndedFirst = true;
      if (ended && (status === undefined || ENDED.has(status.toLowerCase()) || status.startsWith('HTTP'))) break;
      if (now() - startedAt > patienceMs)
        throw new Error(`The operation has not ended after ${Math.round(patienceMs / 60_000)} minutes.`);
      await wait(pollMs);
    }
    return {
      seconds: Math.round((now() - startedAt) / 1000),
      clusterStates: [...seen.cluster],
      powerStates: [...seen.power],
      poolStates: [...seen.pools],
      statuses: [...seen.statuses],
      statusEndedFirst,
      before,
      after: await this.#seenNodes(),
    };
  }

  async #statusAt(url: string): Promise<string> {
    const { status, text } = await this.arm.status(url);
    if (status !== 200) return `HTTP ${status}`;
    return String((JSON.parse(text) as { status?: unknown }).status);
  }

  async #seenNodes(): Promise<readonly SeenNode[]> {
    return (await this.nodes?.nodes().catch(() => [])) ?? [];
  }
}

/** Nodes that are there before and after, and how many of them are other objects now. */
export function replaced({ before, after }: Course): { of: number; replaced: number; sameNames: number } {
  const uids = new Set(after.map(({ uid }) => uid));
  const names = new Set(after.map(({ name }) => name));
  return {
    of: before.length,
    replaced: before.filter(({ uid }) => !uids.has(uid)).length,
    sameNames: before.filter(({ name }) => names.has(name)).length,
  };
}

/** Whether AKS took a write: what it started has to be waited for. */
export function isTaken({ status }: Exchange): boolean {
  return status >= 200 && status < 300;
}

/** How a write was answered, in a few words. */
export function answered({ status, error }: Exchange): string {
  return error === undefined ? `HTTP ${status}` : `HTTP ${status}, ${error}`;
}

/** What a change did to the nodes, in a few words; undefined where nodes are not seen. */
export function effect(course: Course): string | undefined {
  if (course.before.length === 0) return undefined;
  const { of, replaced: count, sameNames } = replaced(course);
  return `${count} of ${of} nodes are new objects, ${sameNames} names stayed`;
}

/** The list in words. */
export function shown(model: Model, certificates: readonly string[]): string {
  const list = listOf(model);
  if (list === undefined || list === null) return list === null ? 'null' : 'absent';
  return `[${list.map((element) => (certificates.includes(element) ? `certificate ${certificates.indexOf(element) + 1}` : 'another element')).join(', ')}]`;
}
