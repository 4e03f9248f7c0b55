import type { JournalEntry } from '../../simulator/index.ts';
import type { SimulatorProcess } from './simulator.ts';

/** Something was asked for, and the cluster's list had to be sent because of it. */
export interface Asked {
  readonly resourceId: string;
  /** On the machine's monotonic clock. */
  readonly at: number;
}

/** For each the time until the first PUT of its cluster after it arrived, in ms. Throws where there was none. */
export async function timesToPut(simulator: SimulatorProcess, asked: readonly Asked[]): Promise<number[]> {
  const puts = Map.groupBy(await simulator.journal({ operation: 'PutManagedCluster' }), keyOf);
  return asked.map(({ resourceId, at }) => {
    const put = puts.get(resourceId.toLowerCase())?.find(({ arrivedAt }) => arrivedAt >= at);
    if (put === undefined) throw new Error(`No PUT of ${resourceId} arrived`);
    return put.arrivedAt - at;
  });
}

function keyOf({ resourceId = '' }: JournalEntry): string {
  return resourceId.toLowerCase();
}
