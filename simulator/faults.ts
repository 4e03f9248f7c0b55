import type { ArmOperation } from './arm/routes.ts';

export type FaultOperation = ArmOperation | 'GetToken';

/** A fault and the requests that it meets. A fault that names no operation and no cluster meets any ARM request. */
export interface Fault {
  /** One operation, or several. */
  readonly operation?: FaultOperation | readonly FaultOperation[];
  /** `read` meets every GET of ARM, `write` every other request to it. */
  readonly access?: 'read' | 'write';
  /** The cluster's id, compared without case. */
  readonly resourceId?: string;
  readonly clientId?: string;
  /** How many requests it meets before it is used up. Default 1; `always` or Infinity until cleared. Faults of `staleReads` end by time instead. */
  readonly times?: number | 'always';
  /** How many matching requests pass before the first that it meets. Default 0. */
  readonly after?: number;
  /** Simulated milliseconds before the request is read. */
  readonly latencyMs?: number;
  /** Cuts the connection before anything is done. */
  readonly resetBefore?: boolean;
  /** Does what is asked, then cuts the connection instead of answering. */
  readonly resetAfter?: boolean;
  /** Never answers: nothing is done, and the connection stays open. */
  readonly silentBefore?: boolean;
  /** Does what is asked, and never answers. */
  readonly silentAfter?: boolean;
  /** Answers the real error of this id in corpus.json, with its status and Retry-After unless others are given here. */
  readonly error?: string;
  /** Answers this instead of doing anything. */
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  /** Sends `{code, message}` without the `error` member around it. */
  readonly unwrapped?: boolean;
  /** Sent as it is: real seconds, or any text. */
  readonly retryAfterSeconds?: number | string;
  /** Answers this text, with `status` or 200, and `contentType` or JSON's. `truncate` cuts the true answer instead. */
  readonly rawBody?: string;
  readonly contentType?: string;
  /** The clock that the answer's `Date` shows is so many real seconds ahead, or with a negative number behind. */
  readonly dateOffsetSeconds?: number;
  /** Sends the true answer's first so many characters only. */
  readonly truncateAt?: number;
  /** Reads are answered as of now for so many simulated seconds. */
  readonly staleReads?: number;
  /** The operation that the request starts stays InProgress for good, while the cluster goes on to its end. */
  readonly operationStuck?: boolean;
  /** The operation that the request starts says Succeeded at once, while the cluster is still at work. */
  readonly operationAhead?: boolean;
  /** A rotation of certificates that is accepted is answered 204, without a way to wait for it. `status: 204` answers it and does nothing. */
  readonly noContent?: boolean;
  /**
   * A PUT is accepted, and the list in it is not: as by a cloud or an api-version that does not know the member. `ignored`: as if the
   * list had not been sent. `rolled`: nodes are replaced nevertheless, with the list that there was.
   */
  readonly dropList?: 'ignored' | 'rolled';
}

export interface FaultControl {
  /** Queues a fault; the oldest that matches a request is the one it meets. Returns how to take it back. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Faults not used up yet. */
  pending(): Fault[];
}

export interface FaultedRequest {
  readonly operation: FaultOperation;
  /** The method of the HTTP request. */
  readonly method: string;
  readonly resourceId: string | undefined;
  readonly clientId?: string;
}

export interface Faults extends FaultControl {
  /** The fault this request meets, if any; counts it. */
  take(request: FaultedRequest): Fault | undefined;
  /** The answer to a stale read of the cluster, where a fault asks for one. */
  staleText(resourceId: string): string | undefined;
}

interface Queued {
  readonly fault: Fault;
  toPass: number;
  left: number;
}

interface Stale {
  readonly until: number;
  readonly texts: ReadonlyMap<string, string>;
}

export interface FaultSettings {
  /** Simulated milliseconds since 1970. */
  readonly now: () => number;
  /** The text of every cluster, or of one, by lower-case id. */
  readonly snapshot: (resourceId: string | undefined) => ReadonlyMap<string, string>;
}

export function makeFaults({ now, snapshot }: FaultSettings): Faults {
  let queue: Queued[] = [];
  let stale: Stale[] = [];
  return {
    add(fault) {
      if (fault.staleReads !== undefined) {
        const from = { until: now() + fault.staleReads * 1000, texts: snapshot(fault.resourceId) };
        stale.push(from);
        return () => {
          stale = stale.filter((other) => other !== from);
        };
      }
      const queued = {
        fault,
        toPass: fault.after ?? 0,
        left: fault.times === 'always' ? Infinity : (fault.times ?? 1),
      };
      queue.push(queued);
      return () => {
        queue = queue.filter((other) => other !== queued);
      };
    },
    clear() {
      queue = [];
      stale = [];
    },
    pending: () => queue.map(({ fault }) => fault),
    take(request) {
      const met = queue.find(({ fault }) => matches(fault, request));
      if (met === undefined) return undefined;
      if (met.toPass > 0) {
        met.toPass--;
        return undefined;
      }
      met.left--;
      if (met.left <= 0) queue = queue.filter((other) => other !== met);
      return met.fault;
    },
    staleText(resourceId) {
      if (stale.length === 0) return undefined;
      stale = stale.filter(({ until }) => until > now());
      return stale.find(({ texts }) => texts.has(resourceId.toLowerCase()))?.texts.get(resourceId.toLowerCase());
    },
  };
}

function matches(fault: Fault, { operation, method, resourceId, clientId }: FaultedRequest): boolean {
  return (
    // Sign-in is only disturbed when asked for by name.
    (fault.operation === undefined ? operation !== 'GetToken' : [fault.operation].flat().includes(operation)) &&
    (fault.access === undefined || (fault.access === 'read') === (method === 'GET')) &&
    (fault.resourceId === undefined || fault.resourceId.toLowerCase() === resourceId?.toLowerCase()) &&
    (fault.clientId === undefined || fault.clientId === clientId)
  );
}
