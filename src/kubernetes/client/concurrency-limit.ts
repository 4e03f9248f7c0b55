/** Lets a limited number of tasks run at a time; the others wait in order. */
export interface Gate {
  /**
   * Resolves when it is this task's turn. Call the returned function once, when the task is done.
   *
   * @throws the signal's reason when it aborts first
   */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createGate(places: number): Gate {
  const line = new Set<() => void>();
  let inside = 0;

  function leave(): void {
    inside--;
    const [next] = line;
    if (next === undefined) return;
    line.delete(next);
    next();
  }

  return {
    enter: (signal) =>
      new Promise((resolve, reject) => {
        const goIn = () => {
          signal.removeEventListener('abort', goAway);
          inside++;
          resolve(leave);
        };
        const goAway = () => {
          line.delete(goIn);
          reject(signal.reason as Error);
        };
        if (signal.aborted) return goAway();
        if (inside < places) return goIn();
        signal.addEventListener('abort', goAway, { once: true });
        line.add(goIn);
        return undefined;
      }),
  };
}
