interface Task {
  readonly what: string;
  readonly undo: () => unknown;
}

/** What has to be undone at the end, whatever the end is. */
export interface Cleanup {
  /** To be called as soon as there is something to undo. */
  later(what: string, undo: () => unknown): void;
  /** Undoes everything, last first. What cannot be undone is told, and does not keep the rest. */
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
