import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { ArmFailure } from '../../src/azure/failures.ts';
import { admit } from '../../src/cluster/admit.ts';
import { recordAfterSend, recordBeforeSend, type SendOutcome } from '../../src/cluster/after-send.ts';
import type { Decision, Step } from '../../src/cluster/decision.ts';
import type { NodesObservation, Observation } from '../../src/cluster/observation.ts';
import { plan } from '../../src/cluster/plan.ts';
import type { RecordStatus } from '../../src/cluster/record.ts';
import { withBaselines } from '../../src/cluster/reimage/baselines.ts';
import { describeRecord } from '../../src/cluster/report-record.ts';
import { statusOf } from '../../src/cluster/report.ts';
import { createSeenFor } from '../../src/cluster/seen-for.ts';
import { DEFAULT_TIMING } from '../../src/cluster/timing.ts';
import { DEFAULT_RULES, waysOf, type Ways } from '../../src/cluster/ways.ts';
import { applyItems, ArmCluster, type Put } from './arm-cluster.ts';
import { CLUSTER_ID, failure, listOf, recordObject, SECOND, START, toIntent } from './build.ts';

/** What goes wrong in a pass; most strike only where the pass sends. */
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

/** A list that was sent, and what it was decided on. */
export interface Sent {
  readonly observation: Observation;
  readonly decision: Decision;
  readonly step: Extract<Step, { kind: 'Send' }>;
  readonly elements: readonly string[];
  readonly now: number;
  readonly outcome: SendOutcome['kind'];
}

export interface PassOutcome {
  readonly observation: Observation;
  readonly decision: Decision;
  readonly sent: Sent | undefined;
  /** When the next look is due, in ms from now. */
  readonly afterMs: number;
}

/** One cluster with its objects and its record, in memory: what act.ts and pass.ts do with a decision, without their clients. */
export class World {
  now = START;
  record: RecordStatus | undefined;
  readonly objects = new Map<string, CustomCATrust>();
  readonly cluster: ArmCluster;
  readonly nodeAccess: boolean;
  #seenFor = createSeenFor(() => this.now);
  readonly #late: { readonly put: Put; readonly at: number }[] = [];
  #failedInARow = 0;
  #operations = 0;

  constructor(options: { eTags: boolean; nodeAccess: boolean; elements?: readonly string[] }) {
    this.nodeAccess = options.nodeAccess;
    this.cluster = new ArmCluster(START, options.eTags, options.elements);
  }

  /** Time passes; what is on its way arrives. */
  wait(ms: number): void {
    this.now += ms;
    this.cluster.advance(this.now);
    for (const { put } of this.#late.filter(({ at }) => at <= this.now)) this.cluster.put(put, this.now);
    this.#late.splice(0, this.#late.length, ...this.#late.filter(({ at }) => at > this.now));
  }

  restart(): void {
    this.#failedInARow = 0;
    this.#seenFor = createSeenFor(() => this.now);
    this.cluster.forgetOurOperation();
  }

  pass(fault?: Fault): PassOutcome {
    this.wait(0);
    let observation = this.#gather(fault);
    let id: string | undefined;
    const newId = () => (id ??= `op-${(this.#operations += 1)}`);
    // What was read is the cache's: a plan that writes into it is a bug.
    let decision = plan(deepFreeze(observation), this.now, DEFAULT_TIMING, newId);
    if (decision.step.kind === 'Send' && decision.step.takeBaseline) {
      observation = { ...observation, counted: { nodes: this.#nodesBy(observation.ways), own: new Map() } };
      decision = plan(deepFreeze(observation), this.now, DEFAULT_TIMING, newId);
    }
    const { step } = decision;
    if (step.kind === 'Send') {
      const { afterMs, sent } = this.#send(observation, decision, step, fault);
      return { observation, decision, sent, afterMs };
    }
    this.record = decision.record && describeRecord(decision.record, observation, decision, this.now);
    this.#release(decision);
    this.#report(observation, decision);
    return { observation, decision, sent: undefined, afterMs: decision.again.afterMs };
  }

  #gather(fault: Fault | undefined): Observation {
    const { intents } = admit([...this.objects.values()].map(toIntent), this.record);
    const record = recordObject(this.record);
    const model = fault === 'StaleRead' ? this.cluster.readStale() : this.cluster.read();
    const operation = this.record?.operation && this.cluster.ourOperation();
    this.#failedInARow = fault === 'Unreachable' ? this.#failedInARow + 1 : 0;
    const ways = waysOf(CLUSTER_ID, intents, DEFAULT_RULES);
    const seen = this.#nodesBy(ways);
    const nodes: NodesObservation = seen.kind === 'Read' && !this.record?.operation ? { kind: 'NotRead' } : seen;
    const seenFor = this.#seenFor.of(CLUSTER_ID.key, this.record);
    if (fault !== 'Unreachable') this.#seenFor.read(CLUSTER_ID.key, this.now);
    return {
      id: CLUSTER_ID,
      record,
      intents,
      seenFor,
      arm:
        fault === 'Unreachable'
          ? {
              ok: false,
              failure: failure(503, 'ServerBusy', { call: 'GetManagedCluster' }),
              failedInARow: this.#failedInARow,
            }
          : {
              ok: true,
              reading: { text: '', model, readAt: this.now },
              list: listOf(...model.elements),
              ...(operation ? { operation } : {}),
            },
      ways,
      nodes,
      own: new Map(),
    };
  }

  /** Every object is of one namespace, whose own way counts for the cluster. */
  #nodesBy({ judge }: Ways): NodesObservation {
    return judge === 'ARM' ? { kind: 'NoAccess' } : { kind: 'Read', nodes: this.cluster.nodes };
  }

  #send(
    observation: Observation,
    decision: Decision,
    step: Extract<Step, { kind: 'Send' }>,
    fault: Fault | undefined,
  ): { sent: Sent | undefined; afterMs: number } {
    if (!observation.arm.ok || !decision.record) throw new Error('sent over a cluster that was not read');
    if (fault === 'CrashBeforeRecord') return this.#crash();
    const { model } = observation.arm.reading;
    const { ways, counted } = observation;
    const operation =
      step.takeBaseline && counted ? withBaselines(step.operation, ways, counted, model, this.now) : step.operation;
    const context = () => ({ intents: observation.intents, now: this.now, timing: DEFAULT_TIMING });
    const recorded = recordBeforeSend(decision.record, operation, context());
    this.record = describeRecord(recorded, observation, decision, this.now);
    this.#seenFor.of(CLUSTER_ID.key, this.record);
    const put: Put = {
      elements: applyItems(model.elements, step.items),
      eTag: model.eTag,
      uid: model.resourceUID ?? '',
    };
    const made = (outcome: SendOutcome['kind']): Sent => ({
      observation,
      decision,
      step,
      elements: put.elements,
      now: this.now,
      outcome,
    });
    // What became of an earlier attempt can be asked no more once another one goes out.
    this.cluster.forgetOurOperation();
    if (fault === 'CrashBeforePut') return { ...this.#crash(), sent: made('Lost') };
    this.now += SECOND;
    const outcome = this.#put(put, fault);
    const sent = made(outcome.kind);
    if (fault === 'CrashAfterPut') return { ...this.#crash(), sent };
    this.record = recordAfterSend(this.record, decision.record, outcome, context());
    this.#release(decision);
    return { sent, afterMs: outcome.kind === 'Accepted' ? DEFAULT_TIMING.firstLook : 0 };
  }

  #put(put: Put, fault: Fault | undefined): SendOutcome {
    const lost: SendOutcome = { kind: 'Lost', failure: failure(0, 'NoAnswer') };
    if (fault !== undefined && fault in REFUSALS)
      return { kind: 'Refused', failure: REFUSALS[fault as keyof typeof REFUSALS]() };
    if (fault === 'LostNever') return lost;
    if (fault === 'LostLate') {
      this.#late.push({ put, at: this.now + 90 * SECOND });
      return lost;
    }
    const answer = this.cluster.put(put, this.now);
    if (fault === 'LostArrived' && answer === 'Accepted') return lost;
    switch (answer) {
      case 'Accepted':
        return { kind: 'Accepted' };
      case 'Conflict':
        return { kind: 'Refused', failure: REFUSALS.Conflict() };
      case 'Busy': {
        const message = 'Another operation (Updating) is in progress';
        return { kind: 'Refused', failure: failure(409, 'OperationNotAllowed', { message }) };
      }
    }
  }

  #crash(): { sent: undefined; afterMs: number } {
    this.restart();
    return { sent: undefined, afterMs: 5 * SECOND };
  }

  #release({ releases }: Decision): void {
    for (const { intent } of releases) this.objects.delete(intent.name);
  }

  #report(observation: Observation, decision: Decision): void {
    if (decision.outlook.silent) return;
    for (const intent of observation.intents) {
      if (decision.releases.some((release) => release.intent === intent)) continue;
      const status = statusOf({ intent, observation, decision, record: this.record ?? {}, now: this.now });
      this.objects.set(intent.name, { ...intent.object, status });
    }
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const [name, inner] of Object.entries(value)) if (name !== 'details') deepFreeze(inner);
  return value;
}
