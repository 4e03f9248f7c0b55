import { realEvent } from './corpus.ts';
import type { Random } from './random.ts';

/** Real answers and events that have several wordings. The first one is the default: the harsher or the present one. */
const VARIANTS = {
  /** Another operation of the cluster is in progress. Ids of corpus.json, `errors`. */
  busyCluster: [
    'in-progress-update-cluster',
    'another-operation',
    'in-progress-addon',
    'mutually-exclusive',
    'while-being-upgraded',
    'concurrent-request',
    'another-operation-in-progress',
    'conflicting-changes',
    'pending-on-the-resource',
  ],
  /** Another operation of a pool is in progress. */
  busyPool: ['in-progress-update-pool', 'another-agentpool-operation', 'another-operation-of-a-pool'],
  /** A right is missing at a resource that the body names. */
  linkedScope: ['linked-singular', 'linked-singular-bare', 'linked-plural'],
  /** A pod stays on its node. Ids of corpus.json, `events`. */
  eviction: ['eviction-capital-many', 'eviction-small-many', 'eviction-in-brackets'],
  /** How events name a pod: by its name alone, or with its namespace before it. */
  podName: ['bare', 'namespaced'],
} as const satisfies Record<string, readonly string[]>;

export type WordKind = keyof typeof VARIANTS;

/** `usual`: the first variant of each kind. `any`: another one each time, by the seed. Or the variant of some kinds, by its id. */
export type WordChoice = 'usual' | 'any' | { readonly [Kind in WordKind]?: (typeof VARIANTS)[Kind][number] };

/** Chooses the wording of each message. */
export interface Words {
  pick<Kind extends WordKind>(kind: Kind): (typeof VARIANTS)[Kind][number];
}

export function makeWords(choice: WordChoice, random: Random): Words {
  return {
    pick(kind) {
      const variants = VARIANTS[kind];
      const index = choice === 'any' ? Math.floor(random.next() * variants.length) : 0;
      return (typeof choice === 'string' ? undefined : choice[kind]) ?? variants[index] ?? variants[0];
    },
  };
}

/** The message of a real event with what it is about put in place of its example. Throws when the example is not in it. */
export function eventMessage(id: string, example: string, actual: string): string {
  return replaced(realEvent(id).message, example, actual, id);
}

/** Throws when the example is not in the text: the corpus has changed, and the message would name another resource. */
export function replaced(text: string, example: string, actual: string, id: string): string {
  if (!text.includes(example)) throw new Error(`${id} of corpus.json does not have ${example}`);
  return text.replaceAll(example, actual);
}
