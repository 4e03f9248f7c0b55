/** The requests that have not ended yet, each with its deadline. */
export interface Outstanding {
  /**
   * @param endsAt by `performance.now`
   * @returns a function to call once the request has ended
   */
  began(request: string, endsAt: number): () => void;
  /** A request that should have ended more than `ms` ago. There is none unless the controller has a defect. */
  overdue(ms: number): string | undefined;
}

/** @param now monotonic milliseconds */
export function createOutstanding(now: () => number = () => performance.now()): Outstanding {
  const open = new Set<{ readonly request: string; readonly endsAt: number }>();
  return {
    began(request, endsAt) {
      const entry = { request, endsAt };
      open.add(entry);
      return () => void open.delete(entry);
    },
    overdue(ms) {
      for (const { request, endsAt } of open) if (now() - endsAt > ms) return request;
      return undefined;
    },
  };
}
