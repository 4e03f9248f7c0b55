/** What the probes of a kubelet would have heard. */
export interface HealthSeen {
  readonly healthy: number;
  /** Answers of /healthz and /readyz that were not 200, with their text. */
  readonly unhealthy: readonly string[];
  readonly unready: readonly string[];
}

/** Asks /healthz and /readyz again and again. */
export function watchHealth(url: string): { stop(): Promise<HealthSeen> } {
  const stop = new AbortController();
  const unhealthy: string[] = [];
  const unready: string[] = [];
  let healthy = 0;
  const asking = ask();

  async function ask(): Promise<void> {
    while (!stop.signal.aborted) {
      const [alive, ready] = [await probe('/healthz'), await probe('/readyz')];
      if (alive === undefined) healthy++;
      else unhealthy.push(alive);
      if (ready !== undefined) unready.push(ready);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  async function probe(path: string): Promise<string | undefined> {
    try {
      const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5000) });
      return answer.status === 200 ? undefined : `${answer.status}: ${await answer.text()}`;
    } catch (error) {
      return String(error);
    }
  }

  return {
    async stop() {
      stop.abort();
      await asking;
      return { healthy, unhealthy, unready };
    },
  };
}
