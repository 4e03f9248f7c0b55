import type { Connections } from './http/connections.ts';

/** Counts of requests since the start, or since they were last cleared. */
export interface Statistics {
  /** ARM requests that were answered, or cut. */
  readonly requests: number;
  /** Per operation (`GetManagedCluster`, …) how often which status was answered; `0` counts connections cut before anything was done. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Connections of clients; see countConnections for which are left out. */
  readonly connections: Connections;
}

/** Counts requests without keeping them, for as many as there may be. */
export interface RequestCount {
  add(operation: string, status: number): void;
  read(): Omit<Statistics, 'connections'>;
  clear(): void;
}

export function countRequests(): RequestCount {
  let requests = 0;
  let operations: Record<string, Record<string, number>> = {};
  return {
    add(operation, status) {
      requests++;
      const statuses = (operations[operation] ??= {});
      statuses[status] = (statuses[status] ?? 0) + 1;
    },
    read: () => ({ requests, operations: structuredClone(operations) }),
    clear() {
      requests = 0;
      operations = {};
    },
  };
}
