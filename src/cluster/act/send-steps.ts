/** Measures the steps before a write. */
export interface SendSteps {
  /** Runs a step and measures it, whether it succeeds or not. */
  take<T>(step: Step, task: () => Promise<T>): Promise<T>;
  /** Notes a step that was measured elsewhere, in ms; undefined where it was not measured. */
  note(step: Step, ms: number | undefined): void;
  /** The reason why a write is not sent after a read that is `age` ms old, where `most` is the greatest age in ms. */
  tooSlow(age: number, most: number): string;
}

type Step = 'nodes' | 'record' | 'read' | 'leave';

const WORDS: Readonly<Record<Step, (seconds: string) => string>> = {
  nodes: (seconds) => `the API server of the cluster took ${seconds} to list the nodes`,
  record: (seconds) => `our own API server took ${seconds} to write the record`,
  read: (seconds) => `ARM took ${seconds} to answer the last read`,
  leave: (seconds) => `it took ${seconds} to sign in and to connect to ARM`,
};

/** The shortest step that is reported, in ms. */
const SHORTEST_SAID = 500;

export function createSendSteps(now: () => number): SendSteps {
  const taken = new Map<Step, number>();
  const note: SendSteps['note'] = (step, ms = 0) => void taken.set(step, (taken.get(step) ?? 0) + ms);
  return {
    note,
    async take(step, task) {
      const startedAt = now();
      try {
        return await task();
      } finally {
        note(step, now() - startedAt);
      }
    },
    tooSlow(age, most) {
      const steps = [...taken].filter(([, ms]) => ms >= SHORTEST_SAID).map(([step, ms]) => WORDS[step](seconds(ms)));
      const why = steps.length > 0 ? `: ${steps.join(', ')}` : '';
      return `The change was not sent, because the cluster had been read ${seconds(age)} before, and a write may follow a read by no more than ${seconds(most)}${why}.`;
    },
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
