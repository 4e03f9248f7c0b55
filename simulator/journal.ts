import type { ArmOperation } from './arm/routes.ts';

/** One ARM request and its answer. */
export interface JournalEntry {
  /** Counts from 1 in order of arrival; never starts over. */
  readonly seq: number;
  /** Simulated time of arrival, ISO 8601. */
  readonly at: string;
  /** Milliseconds of the machine's monotonic clock (process.hrtime) at arrival: other programs of the same machine can compare theirs. */
  readonly arrivedAt: number;
  readonly method: string;
  readonly path: string;
  /** The query as sent, without the question mark. */
  readonly query: string;
  readonly apiVersion: string;
  readonly operation: ArmOperation;
  /** The cluster's id, in the case the client wrote it, for requests about a cluster. */
  readonly resourceId?: string;
  /** The client that sent it; empty when its token was refused. */
  clientId: string;
  /** As sent, quotes included. */
  readonly ifMatch?: string;
  /** The body exactly as sent; absent when there was none, and where the journal keeps no bodies. */
  readonly requestText?: string;
  /** 0 until it is answered, and for good when the connection was cut before anything was done. */
  status: number;
  /** The body exactly as answered; absent as that of the request. */
  responseText?: string;
  /** True when the answer was not sent: the connection was cut, or nothing was said on it. */
  lost?: true;
}

export interface Journal {
  /** Whether entries are to have the texts of requests and answers. */
  readonly bodies: boolean;
  add(entry: Omit<JournalEntry, 'seq'>): JournalEntry;
  entries(): JournalEntry[];
  clear(): void;
}

/** Keeps the latest `limit` entries, up to a quarter more. */
export function makeJournal(limit: number, bodies: boolean): Journal {
  let entries: JournalEntry[] = [];
  let seq = 0;
  return {
    bodies,
    add(entry) {
      const added = { seq: ++seq, ...entry };
      entries.push(added);
      if (entries.length > limit * 1.25) entries = entries.slice(-limit);
      return added;
    },
    entries: () => [...entries],
    clear() {
      entries = [];
    },
  };
}
