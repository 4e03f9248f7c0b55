import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { ArmFailure } from '../../src/azure/failures.ts';
import type { RecordedOperation, RecordStatus } from '../../src/cluster/model/record.ts';
import type { ReconcileSummary } from '../../src/cluster/reconcile.ts';
import { ArmCluster, type Put } from './arm-cluster.ts';
import { failure, SECOND, START } from './build.ts';
import { memoryRig, type MemoryRig, type Seams } from './memory-rig.ts';

/** A fault of one reconcile. Most faults have an effect only when the reconcile sends. */
export type Fault =
  | 'Unreachable'
  | 'StaleRead'
  | 'CrashBeforeRecord'
  | 'CrashBeforePut'
  | 'CrashAfterPut'
  | 'LostArrived'
  | 'LostNever'
  | 'LostLate'
  | keyof typeof REFUSALS;

export const REFUSALS = {
  Throttled: () => failure(429, 'TooManyRequests', { retryAfterMs: 20 * SECOND }),
  Policy: () => failure(403, 'RequestDisallowedByPolicy'),
  Rejected: () => failure(400, 'BadRequest', { message: 'cannot decode SecurityProfile.CustomCATrustCertificates' }),
  Conflict: () => failure(412, 'PreconditionFailed'),
  Refused: () => failure(400, 'BadRequest'),
} as const satisfies Record<string, () => ArmFailure>;

/** A list that was sent, with the operation recorded right before. */
export interface Sent {
  readonly operation: RecordedOperation;
  readonly elements: readonly string[];
  readonly now: number;
}

export interface PassOutcome extends Pick<ReconcileSummary, 'hold'> {
  /** The record after the reconcile. */
  readonly record: RecordStatus | undefined;
  readonly sent: Sent | undefined;
  /** When the next reconcile is due, in ms from now. */
  readonly afterMs: number;
}

/** The process ends in the middle of a reconcile. */
class Crash extends Error {}

/** One cluster whose operations take time, and reconciles of it with faults. */
export class World {
  readonly cluster: ArmCluster;
  readonly nodeAccess: boolean;
  readonly #sources: Seams['sources'];
  readonly #recordAsRead: Seams['recordAsRead'];
  #rig: MemoryRig;
  #fault: Fault | undefined;
  #sent: Sent | undefined;
  #operations = 0;
  readonly #late: { readonly put: Put; readonly at: number }[] = [];

  constructor(options: {
    eTags: boolean;
    nodeAccess: boolean;
    elements?: readonly string[];
    sources?: Seams['sources'];
    recordAsRead?: Seams['recordAsRead'] | undefined;
  }) {
    this.nodeAccess = options.nodeAccess;
    this.#sources = options.sources;
    this.#recordAsRead = options.recordAsRead;
    this.cluster = new ArmCluster(START, options.eTags, options.elements);
    this.#rig = this.#start();
  }

  get now(): number {
    return this.#rig.now;
  }

  get record(): RecordStatus | undefined {
    return this.#rig.record;
  }

  set record(record: RecordStatus | undefined) {
    this.#rig.record = record;
  }

  get objects(): Map<string, CustomCATrust> {
    return this.#rig.objects;
  }

  /** Advances the time. Late writes arrive. */
  wait(ms: number): void {
    this.#rig.now += ms;
    this.cluster.advance(this.now);
    for (const { put } of this.#late.filter(({ at }) => at <= this.now)) this.cluster.put(put, this.now);
    this.#late.splice(0, this.#late.length, ...this.#late.filter(({ at }) => at > this.now));
  }

  restart(): void {
    const { objects, record, now } = this.#rig;
    this.#rig = this.#start();
    Object.assign(this.#rig, { objects, record, now });
    this.cluster.forgetOurOperation();
  }

  async pass(fault?: Fault): Promise<PassOutcome> {
    this.wait(0);
    this.#fault = fault;
    this.#sent = undefined;
    this.#rig.arm = fault === 'StaleRead' ? this.cluster.readStale() : this.cluster.read();
    try {
      const { afterMs, hold } = await this.#rig.pass();
      return { record: this.record, sent: this.#sent, afterMs, ...(hold === undefined ? {} : { hold }) };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.restart();
      return { record: this.record, sent: this.#sent, afterMs: 5 * SECOND };
    }
  }

  #start(): MemoryRig {
    const rig: MemoryRig = memoryRig({}, () => ({
      get: () =>
        this.#fault === 'Unreachable'
          ? { ok: false, failure: failure(503, 'ServerBusy', { call: 'GetManagedCluster' }) }
          : undefined,
      put: (elements, eTag) => this.#put({ elements, eTag, uid: rig.arm.resourceUID ?? '' }),
      operationStatus: () => this.cluster.ourOperation(),
      beforeRecord: () => {
        if (this.#fault === 'CrashBeforeRecord') throw new Crash();
      },
      // A restart must not give the id of an earlier operation to another one.
      newId: () => `op-${(this.#operations += 1)}`,
      nodes: { read: async () => ({ kind: 'Read', nodes: this.cluster.nodes }) },
      ...(this.#sources ? { sources: this.#sources } : {}),
      ...(this.#recordAsRead ? { recordAsRead: this.#recordAsRead } : {}),
    }));
    return rig;
  }

  #put(put: Put): { ok: true; value: undefined } | { ok: false; failure: ArmFailure } {
    const fault = this.#fault;
    const operation = this.record?.operation;
    if (!operation) throw new Error('sent without a record');
    this.#sent = { operation, elements: put.elements, now: this.now };
    // Once another attempt is sent, the status of the earlier one is not available any more.
    this.cluster.forgetOurOperation();
    if (fault === 'CrashBeforePut') throw new Crash();
    this.#rig.now += SECOND;
    const lost = { ok: false, failure: failure(0, 'NoAnswer') } as const;
    if (fault !== undefined && fault in REFUSALS)
      return { ok: false, failure: REFUSALS[fault as keyof typeof REFUSALS]() };
    if (fault === 'LostNever') return lost;
    if (fault === 'LostLate') {
      this.#late.push({ put, at: this.now + 90 * SECOND });
      return lost;
    }
    const answer = this.cluster.put(put, this.now);
    if (fault === 'CrashAfterPut') throw new Crash();
    if (fault === 'LostArrived' && answer === 'Accepted') return lost;
    switch (answer) {
      case 'Accepted':
        return { ok: true, value: undefined };
      case 'Conflict':
        return { ok: false, failure: REFUSALS.Conflict() };
      case 'Busy': {
        const message = 'Another operation (Updating) is in progress';
        return { ok: false, failure: failure(409, 'OperationNotAllowed', { message }) };
      }
    }
  }
}
