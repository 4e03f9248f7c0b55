/** Counts the objects that readings hold until their reconciles end, over all clusters. */
export interface Shares {
  /**
   * Adds to the count of a reading.
   *
   * @param cluster key of the cluster whose reconcile holds the objects
   * @throws Error where all together exceed the limit and this payer exceeds its share, and where all together exceed twice the limit
   */
  take(cluster: string, payer: string, count: number): void;
  /** Takes back the count of a reading that failed. */
  drop(cluster: string, payer: string, count: number): void;
  /** Takes back the whole count of a reconcile that ended. */
  giveBack(cluster: string): void;
}

/** Every payer that reads has an equal share of `most`. While all together need less, a share may be larger. */
export function createShares(most: number): Shares {
  const byCluster = new Map<string, Map<string, number>>();
  const byPayer = new Map<string, number>();
  let total = 0;

  function add(payer: string, count: number): void {
    const held = (byPayer.get(payer) ?? 0) + count;
    if (held > 0) byPayer.set(payer, held);
    else byPayer.delete(payer);
    total += count;
  }

  return {
    take(cluster, payer, count) {
      const payers = byPayer.size + (byPayer.has(payer) ? 0 : 1);
      const held = (byPayer.get(payer) ?? 0) + count;
      if (total + count > 2 * most || (total + count > most && held > most / payers))
        throw new Error(
          `the readings of all clusters together exceed the limit of the controller, and this one has ${held} objects; it will be retried later`,
        );
      const taken = byCluster.get(cluster) ?? new Map<string, number>();
      byCluster.set(cluster, taken.set(payer, (taken.get(payer) ?? 0) + count));
      add(payer, count);
    },
    drop(cluster, payer, count) {
      const taken = byCluster.get(cluster);
      taken?.set(payer, (taken.get(payer) ?? 0) - count);
      if (taken) add(payer, -count);
    },
    giveBack(cluster) {
      for (const [payer, count] of byCluster.get(cluster) ?? []) add(payer, -count);
      byCluster.delete(cluster);
    },
  };
}
