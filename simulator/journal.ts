import type { ArmOperation } from './arm/routes.ts';

/** One ARM request and its answer. */
export interface JournalEntry {
  /** Counts from 1 in order of arrival; never starts over. */
  readonly seq: number;
  /** Simulated time of arrival, ISO 8601. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** The query as sent, without the question mark. */
  readonly query: string;
  readonly apiVersion: string;
  readonly operation: ArmOperation;
  /** The cluster's id, in the case the client wrote it, for requests about a cluster. */
  readonly resourceId?: string;
  /** Who sent it; empty when its token was refused. */
  clientId: string;
  /** As sent, quotes included. */
  readonly ifMatch?: string;
  /** The body exactly as sent. */
  readonly requestText?: string;
  /** 0 until it is answered, and for good when the connection was cut before anything was done. */
  status: number;
  /** The body exactly as answered. */
  responseText?: string;
  /** True when the connection was cut instead of sending the answer. */
  lost?: true;
}

export interface Journal {
  add(entry: Omit<JournalEntry, 'seq'>): JournalEntry;
  entries(): JournalEntry[];
  clear(): void;
}

/** Keeps the latest `limit` entries. */
export function makeJournal(limit: number): Journal {
  let entries: JournalEntry[] = [];
  let seq = 0;
  return {
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
