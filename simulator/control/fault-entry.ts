import { realError } from '../corpus.ts';
import type { Fault } from '../faults.ts';

const MEMBERS: ReadonlySet<string> = new Set(
  Object.keys({
    operation: true,
    access: true,
    resourceId: true,
    clientId: true,
    times: true,
    after: true,
    latencyMs: true,
    resetBefore: true,
    resetAfter: true,
    silentBefore: true,
    silentAfter: true,
    error: true,
    status: true,
    code: true,
    message: true,
    unwrapped: true,
    retryAfterSeconds: true,
    rawBody: true,
    contentType: true,
    dateOffsetSeconds: true,
    truncateAt: true,
    staleReads: true,
    operationStuck: true,
    operationAhead: true,
    noContent: true,
    dropList: true,
  } satisfies Record<keyof Fault, true>),
);

/** The fault of an entry in a scenario file or a request. Throws when it would silently do nothing: a member or an id that there is not. */
export function faultOf(entry: unknown): Fault {
  if (typeof entry !== 'object' || entry === null) throw new TypeError('A fault is an object');
  const unknown = Object.keys(entry).filter((key) => !MEMBERS.has(key));
  if (unknown.length > 0) throw new Error(`A fault has no ${unknown.join(', ')}; it has ${[...MEMBERS].join(', ')}`);
  const fault = entry as Fault;
  // JSON.stringify turns Infinity into null.
  if (fault.times === null) throw new Error('times is null; a fault that never ends has times: "always"');
  if (fault.error !== undefined) realError(fault.error);
  return fault;
}
