import type { Connection } from '../../../kubernetes/client/connection.ts';
import { startDeadline, type Deadline } from '../../../waiting/deadline.ts';
import { unlessAborted } from '../../../waiting/unless-aborted.ts';
import type { Decision } from '../../model/decision.ts';
import type { FollowUp, VerificationReport } from '../../model/follow-up.ts';
import { trustsOf, uidOf, type TrustIntent } from '../../model/intent.ts';
import type { NodeView, Observation } from '../../model/observation.ts';
import { timestamp, wholeSeconds } from '../../model/record.ts';
import { isCovered } from '../../reimage/progress.ts';
import type { Timing } from '../../model/timing.ts';
import { alterationOf } from '../pod-tampering.ts';
import { LONGEST_HOLD } from '../finalizer.ts';
import { emptyMemory, stepOf, type Memory } from '../step.ts';
import { resultOf } from '../condition.ts';
import { planCleanUp } from '../plan.ts';
import { podFor } from '../pod-spec.ts';
import { trustFolder } from '../trust-store.ts';
import type { NodeResult, PodView, VerificationStatus, VerificationReports } from '../types.ts';
import { awaitsDrift, isDue, wantedOf, type WantedVerification } from '../request.ts';
import type { VerifyAccess } from '../../model/way.ts';
import type { TargetAccess, TargetConnection } from '../../node-access/target-way.ts';
import { nodesToAsk } from './nodes.ts';
import { createVerifyPod, listVerifyPods, removeVerifyPod } from './client.ts';
import { isRefusal, troubleOf, unreachable } from './errors.ts';
import { omit } from '../../model/omit.ts';

export interface Verifier extends FollowUp {
  step(observation: Observation, decision: Decision, signal: AbortSignal): Promise<VerificationReports>;
}

export interface VerifierOptions {
  readonly access: TargetAccess;
  readonly now: () => number;
  readonly timing: Pick<Timing, 'poll' | 'busy'>;
  /** Most time that the objects of one namespace may take in a reconcile, in ms; for tests. */
  readonly stepMs?: number;
}

/** Slow servers of one namespace's kubeconfigs delay no other namespace, and a reconcile by this much at most, in ms. */
const STEP_MS = 90_000;

type Running = NonNullable<VerificationStatus['running']>;

/**
 * Verifies with pods what the nodes of target clusters trust, one step for each object that is due. The status is the journal: no pod
 * is created before it says that pods may exist, and it says so until the last one was deleted. A failure in a target cluster never
 * makes a step reject.
 */
export function createVerifier({ access, now, timing, stepMs = STEP_MS }: VerifierOptions): Verifier {
  // A pull is over sooner than the replacement of a node.
  const pollMs = timing.poll / 3;
  // The first is for causes that may pass by themselves, the second for those that people have to fix.
  const [retryMs, slowRetryMs] = timing.busy;
  /** By the uid of the object. */
  const memories = new Map<string, Memory>();
  /** Since when deleting the pods is refused, by the uid of the object, in ms. */
  const refusedSince = new Map<string, number>();

  async function stepFor(
    intent: TrustIntent,
    observation: Observation,
    decision: Decision,
    signal: AbortSignal,
  ): Promise<VerificationReport | undefined> {
    const uid = uidOf(intent);
    const wanted = wantedOf(intent, observation, decision);
    if (!isDue(intent, wanted)) {
      memories.delete(uid);
      refusedSince.delete(uid);
      return undefined;
    }
    const status = intent.object.status?.verification ?? {};
    const { running } = status;
    if (running && (wanted.kind !== 'Verify' || running.key !== wanted.key || running.namespace !== wanted.namespace)) {
      memories.delete(uid);
      return cleanUp(intent, running, status, observation, signal);
    }
    refusedSince.delete(uid);
    return wanted.kind === 'Verify' ? verify(intent, wanted, status, observation, signal) : undefined;
  }

  async function stepWithin(
    deadline: Deadline,
    intent: TrustIntent,
    observation: Observation,
    decision: Decision,
    signal: AbortSignal,
  ): Promise<VerificationReport | undefined> {
    const began = () => stepFor(intent, observation, decision, deadline.signal);
    try {
      if (!deadline.expired()) return await unlessAborted(began(), deadline.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!deadline.expired()) throw error;
    }
    if (!isDue(intent, wantedOf(intent, observation, decision))) return undefined;
    const trouble = unreachable(`the verification did not finish within ${stepMs / 1000} s`);
    return { ...stating(intent.object.status?.verification ?? {}), trouble, afterMs: retryMs };
  }

  /** The first of the object's ways that opens; undefined where it has none. */
  async function openFor(
    { name }: TrustIntent,
    { id, ways }: Observation,
    signal: AbortSignal,
  ): Promise<(TargetConnection & { readonly owner: VerifyAccess['owner'] }) | undefined> {
    const { ways: own = [], owner = 'Operator' } = ways.verification.access.get(name) ?? {};
    let failed: TargetConnection | undefined;
    for (const way of own) {
      const target = await access.connectionFor(id, way, ways, signal);
      if (target.kind === 'Open') return { ...target, owner };
      failed ??= target;
    }
    return failed && { ...failed, owner };
  }

  async function cleanUp(
    intent: TrustIntent,
    { namespace }: Running,
    status: VerificationStatus,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<VerificationReport> {
    const done = { ...stating(omit(status, ['running'])), afterMs: 0 };
    const uid = uidOf(intent);
    const way = await openFor(intent, observation, signal);
    // The object has no way to the cluster any more; the pods end by themselves.
    if (!way) return done;
    if (way.kind === 'Unreadable') return { status, trouble: unreachable(way.message), afterMs: retryMs };
    const { connection } = way;
    try {
      const pods = await listVerifyPods(connection, namespace, signal);
      await removeAll(connection, namespace, planCleanUp(pods, uid, connection.lastResponseDate ?? now()), signal);
      return done;
    } catch (error) {
      signal.throwIfAborted();
      const since = refusedSince.get(uid) ?? now();
      refusedSince.set(uid, since);
      // The pods have ended by themselves by now, and the next step must not wait for a right that may never come back.
      if (isRefusal(error) && now() - since >= LONGEST_HOLD) return done;
      return troubled(status, error, namespace);
    }
  }

  async function verify(
    intent: TrustIntent,
    wanted: WantedVerification,
    before: VerificationStatus,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<VerificationReport> {
    const uid = uidOf(intent);
    const way = await openFor(intent, observation, signal);
    if (!way) return stating(before);
    if (way.kind === 'Unreadable') return { ...stating(before), trouble: unreachable(way.message), afterMs: retryMs };
    const { connection } = way;
    const { namespace, key } = wanted;
    let status = before;
    try {
      const nodes = await nodesToAsk(observation, intent, way.owner, connection, signal);
      if (typeof nodes === 'string') return { ...stating(before), trouble: unreachable(nodes), afterMs: slowRetryMs };
      // Listed before the status says that pods may exist: where listing is refused, there will be none to delete.
      const pods = await listVerifyPods(connection, namespace, signal);
      const { plan, begun } = stepOf({
        wanted,
        object: uid,
        stored: before,
        memory: memoryOf(uid, key),
        pools: poolsOf(observation),
        nodes,
        pods,
        now: now(),
        serverNow: connection.lastResponseDate ?? now(),
      });
      status = { ...omit(before, ['listSince', 'proven']), ...begun };
      await removeAll(connection, namespace, plan.remove, signal);
      if (plan.answers) {
        const result = resultOf(wanted, plan.answers, begun, omit(before, ['running']), now());
        return { status: result, ...(awaitsDrift(result) ? { afterMs: slowRetryMs } : {}) };
      }
      if (!status.running) {
        const running = { key, namespace, startedAt: wholeSeconds(timestamp(now())) };
        return { status: { ...status, running }, afterMs: 0 };
      }
      const existing = pods.filter(({ object }) => object === uid).length;
      await createAll(uid, wanted, plan.create, existing, connection, signal);
      return { status, afterMs: pollMs };
    } catch (error) {
      signal.throwIfAborted();
      return troubled(status, error, namespace);
    }
  }

  function memoryOf(uid: string, key: string): Memory {
    const before = memories.get(uid);
    if (before?.key === key) return before;
    const memory = emptyMemory(key);
    memories.set(uid, memory);
    return memory;
  }

  /** `before` is the number of the object's pods that were just listed. */
  async function createAll(
    uid: string,
    wanted: WantedVerification,
    nodes: readonly NodeView[],
    before: number,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<void> {
    const { results, tries } = memoryOf(uid, wanted.key);
    let existing = before;
    for (const node of nodes) {
      const folder = wanted.spec.trustStore && trustFolder(node.osSku ?? '');
      if (wanted.spec.trustStore && folder === undefined) {
        results.set(node.uid, unknownSystem(node));
        continue;
      }
      try {
        const made = await createVerifyPod(connection, wanted.namespace, podFor(wanted, uid, node, folder), signal);
        tries.set(node.uid, (tries.get(node.uid) ?? 0) + 1);
        existing += 1;
        const alteration = made && alterationOf(made, wanted, uid, node);
        if (!alteration) continue;
        // Without its labels, a later list may not show it.
        results.set(node.uid, alteration);
        await removeVerifyPod(connection, wanted.namespace, made, signal);
      } catch (error) {
        // A quota may allow only some pods at a time, and more once these are gone.
        if (isRefusal(error) && existing > 0) return;
        throw error;
      }
    }
  }

  function troubled(status: VerificationStatus, error: unknown, namespace: string): VerificationReport {
    const trouble = troubleOf(error, namespace);
    return { ...stating(status), trouble, afterMs: trouble.reason === 'TargetUnreachable' ? retryMs : slowRetryMs };
  }

  return {
    name: 'verification',
    isDue: (intent, observation, decision) =>
      trustsOf([intent]).some((trust) => isDue(trust, wantedOf(trust, observation, decision))),
    async step(observation, decision, signal) {
      const reports = new Map<string, VerificationReport>();
      const stepAll = async (intents: readonly TrustIntent[]) => {
        const deadline = startDeadline(stepMs, signal);
        try {
          for (const intent of intents) {
            const report = await stepWithin(deadline, intent, observation, decision, signal);
            if (report) reports.set(intent.name, report);
          }
        } finally {
          deadline.release();
        }
      };
      const groups = Map.groupBy(trustsOf(observation.intents), (intent) => groupOf(intent, observation));
      await Promise.all([...groups.values()].map(stepAll));
      return reports;
    },
  };
}

/** Group of objects that are verified one after the other: those of one namespace over its own ways, or all others. */
function groupOf({ name, object }: TrustIntent, { ways }: Observation): string {
  const isOwn = ways.verification.access.get(name)?.owner === 'Namespace';
  return isOwn ? `Namespace/${object.metadata.namespace}` : 'Operator';
}

/** The status for a report; an empty one is left out. */
function stating(status: VerificationStatus): Pick<VerificationReport, 'status'> {
  return { status: Object.keys(status).length > 0 ? status : undefined };
}

async function removeAll(connection: Connection, namespace: string, pods: readonly PodView[], signal: AbortSignal) {
  for (const pod of pods) await removeVerifyPod(connection, namespace, pod, signal);
}

function poolsOf({ arm }: Observation) {
  return arm.ok ? arm.reading.model.pools.filter(isCovered) : [];
}

function unknownSystem({ osSku = '' }: NodeView): NodeResult {
  return { outcome: 'Unclear', message: `the folder of the trust store on the operating system ${osSku} is not known` };
}
