/** Objects that readings hold until their passes are over, counted over all clusters. */
export interface Shares {
  /**
   * Counts so many more for a reading.
   *
   * @param pass what they are given back with
   * @throws Error where all together are too many, and those of this payer more than its share; and where they are twice as many
   */
  take(pass: string, payer: string, count: number): void;
  /** A reading came to nothing, and holds none of what it took. */
  drop(pass: string, payer: string, count: number): void;
  /** The pass holds none any more. */
  giveBack(pass: string): void;
}

/** Every payer that reads has an equal share of `most`; as long as all together need less, a share may be larger. */
export function createShares(most: number): Shares {
  const byPass = new Map<string, Map<string, number>>();
  const byPayer = new Map<string, number>();
  let total = 0;

  function add(payer: string, count: number): void {
    const held = (byPayer.get(payer) ?? 0) + count;
    if (held > 0) byPayer.set(payer, held);
    else byPayer.delete(payer);
    total += count;
  }

  return {
    take(pass, payer, count) {
      const payers = byPayer.size + (byPayer.has(payer) ? 0 : 1);
      const held = (byPayer.get(payer) ?? 0) + count;
      if (total + count > 2 * most || (total + count > most && held > most / payers))
        throw new Error(
          `more is being read of all clusters together than there is room for, and this reading has ${held} objects; it is tried again later`,
        );
      const taken = byPass.get(pass) ?? new Map<string, number>();
      byPass.set(pass, taken.set(payer, (taken.get(payer) ?? 0) + count));
      add(payer, count);
    },
    drop(pass, payer, count) {
      const taken = byPass.get(pass);
      taken?.set(payer, (taken.get(payer) ?? 0) - count);
      if (taken) add(payer, -count);
    },
    giveBack(pass) {
      for (const [payer, count] of byPass.get(pass) ?? []) add(payer, -count);
      byPass.delete(pass);
    },
  };
}
