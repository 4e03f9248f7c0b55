/** Lets a number of things through at a time, and the others wait in line. */
export interface Gate {
  /**
   * Resolves when it is this one's turn; the returned function is to be called once, when it is done.
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
