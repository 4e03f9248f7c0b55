interface Task {
  readonly what: string;
  readonly undo: () => unknown;
}

/** The steps that have to be undone at the end, however the demo ends. */
export interface Cleanup {
  /** To be called as soon as there is something to undo. */
  later(what: string, undo: () => unknown): void;
  /** Undoes everything, last first. A failed step is reported and does not stop the others. */
  run(): Promise<void>;
}

export function createCleanup(complain: (line: string) => void): Cleanup {
  const tasks: Task[] = [];
  return {
    later: (what, undo) => void tasks.push({ what, undo }),
    async run() {
      for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
        try {
          await task.undo();
        } catch (error) {
          complain(`could not ${task.what}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    },
  };
}
