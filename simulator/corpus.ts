import corpus from './corpus.json' with { type: 'json' };

/** A real answer of ARM or AKS. */
export interface RealError {
  readonly id: string;
  readonly status: number;
  /** The Retry-After that came with it. */
  readonly retryAfter?: string;
  /** With or without `error` around it, as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A real event of the upgrader about a node. */
export interface RealEvent {
  readonly id: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Throws when there is none of this id: its message names some that there are. */
export function realError(id: string): RealError {
  return entryOf<RealError>(corpus.errors, id, 'error');
}

/** Throws when there is none of this id. */
export function realEvent(id: string): RealEvent {
  return entryOf<RealEvent>(corpus.events, id, 'event');
}

function entryOf<T extends { readonly id: string }>(entries: readonly T[], id: string, what: string): T {
  const found = entries.find((entry) => entry.id === id);
  if (found !== undefined) return found;
  throw new Error(`corpus.json has no ${what} ${id}; it has ${entries.map((entry) => entry.id).join(', ')}`);
}
