import { KubernetesError, type Connection } from '../../kubernetes/connection.ts';
import type { Decision } from '../decision.ts';
import type { Intent } from '../intent.ts';
import type { NodeView, Observation } from '../observation.ts';
import { timestamp } from '../record.ts';
import { isCovered } from '../reimage/progress.ts';
import type { TargetAccess } from './access.ts';
import type { Timing } from '../timing.ts';
import { resultOf } from '../verify/outcome.ts';
import { planCleanUp, planVerification } from '../verify/plan-verification.ts';
import { podFor } from '../verify/pod-spec.ts';
import { NO_ACCESS, troubleOf, unreachable } from './verify-trouble.ts';
import { trustFolder } from '../verify/trust-store.ts';
import type {
  NodeResult,
  PodView,
  VerificationReport,
  VerificationReports,
  VerificationStatus,
} from '../verify/verification.ts';
import { isDue, wantedOf, type WantedVerification } from '../verify/wanted.ts';
import { listNodes } from './node-table.ts';
import { createVerifyPod, listVerifyPods, removeVerifyPod } from './verify-pods.ts';

/** Asks the nodes of target clusters what they trust, by pods. */
export interface Verifier {
  /**
   * One step for each object that has one to take. The status is the journal: no pod is made before it says that there may be
   * some, and it says so until the last was taken away. Never rejects for what a cluster is like.
   */
  step(observation: Observation, decision: Decision, signal: AbortSignal): Promise<VerificationReports>;
}

export interface VerifierOptions {
  readonly access: TargetAccess;
  readonly now: () => number;
  readonly timing: Pick<Timing, 'poll' | 'busy'>;
}

type Running = NonNullable<VerificationStatus['running']>;

export function createVerifier({ access, now, timing }: VerifierOptions): Verifier {
  // A pull is over sooner than the replacement of a node.
  const pollMs = timing.poll / 3;
  // After what may pass by itself, and what people have to mend.
  const [retryMs, mendedMs] = timing.busy;
  /** What pods have shown of nodes, by the uid of the object. Lost with the process: those nodes are asked again. */
  const known = new Map<string, { readonly key: string; readonly results: ReadonlyMap<string, NodeResult> }>();

  async function stepFor(
    intent: Intent,
    observation: Observation,
    decision: Decision,
    signal: AbortSignal,
  ): Promise<VerificationReport | undefined> {
    const wanted = wantedOf(intent, observation, decision);
    if (!isDue(intent, wanted)) {
      known.delete(uidOf(intent));
      return undefined;
    }
    const status = intent.object.status?.verification ?? {};
    const { running, ...rest } = status;
    if (running && (wanted.kind !== 'Verify' || running.key !== wanted.key || running.namespace !== wanted.namespace)) {
      known.delete(uidOf(intent));
      return cleanUp(intent, running, status, observation, signal);
    }
    if (wanted.kind !== 'Verify') return undefined;
    if (running) return goOn(intent, wanted, { ...status, running }, observation, signal);
    if (!observation.intents.some(({ object }) => object.spec.target.nodeAccess)) return { status, trouble: NO_ACCESS };
    const { key, namespace } = wanted;
    return { status: { ...rest, running: { key, namespace, startedAt: timestamp(now()) } }, afterMs: 0 };
  }

  async function cleanUp(
    intent: Intent,
    { namespace }: Running,
    status: VerificationStatus,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<VerificationReport> {
    const { running: _, ...rest } = status;
    const done = { status: Object.keys(rest).length > 0 ? rest : undefined, afterMs: 0 };
    const way = await access.connectionFor(observation.id.key, observation.intents, signal);
    // Nobody says how to get there any more: the pods end by themselves.
    if (way.kind === 'NoAccess') return done;
    if (way.kind === 'Unreadable') return { status, trouble: unreachable(way.message), afterMs: retryMs };
    const { connection } = way;
    return attempt(status, namespace, signal, async () => {
      const pods = await listVerifyPods(connection, namespace, signal);
      const left = planCleanUp(pods, uidOf(intent), connection.lastResponseDate ?? now());
      await removeAll(connection, namespace, left, signal);
      return done;
    });
  }

  async function goOn(
    intent: Intent,
    wanted: WantedVerification,
    status: VerificationStatus & { readonly running: Running },
    observation: Observation,
    signal: AbortSignal,
  ): Promise<VerificationReport> {
    const way = await access.connectionFor(observation.id.key, observation.intents, signal);
    if (way.kind === 'NoAccess') return { status, trouble: NO_ACCESS, afterMs: mendedMs };
    if (way.kind === 'Unreadable') return { status, trouble: unreachable(way.message), afterMs: retryMs };
    const { connection } = way;
    const { namespace, key } = wanted;
    return attempt(status, namespace, signal, async () => {
      const nodes = await listNodes(connection, signal);
      const pods = await listVerifyPods(connection, namespace, signal);
      const uid = uidOf(intent);
      const before = known.get(uid);
      const plan = planVerification({
        wanted,
        object: uid,
        startedAt: Date.parse(status.running.startedAt),
        now: now(),
        serverNow: connection.lastResponseDate ?? now(),
        pools: poolsOf(observation),
        nodes,
        pods,
        results: before?.key === key ? before.results : new Map(),
      });
      const results = new Map(plan.results);
      known.set(uid, { key, results });
      await removeAll(connection, namespace, plan.remove, signal);
      if (plan.answers) return { status: resultOf(wanted, plan.answers, now()), afterMs: pollMs };
      for (const node of plan.create) {
        const folder = wanted.spec.trustStore && trustFolder(node.osSku ?? '');
        if (wanted.spec.trustStore && folder === undefined) results.set(node.uid, unknownSystem(node));
        else await createVerifyPod(connection, namespace, podFor(wanted, uid, node, folder), signal);
      }
      return { status, afterMs: pollMs };
    });
  }

  /** Turns what the target's API server refuses into trouble. */
  async function attempt(
    status: VerificationStatus,
    namespace: string,
    signal: AbortSignal,
    work: () => Promise<VerificationReport>,
  ): Promise<VerificationReport> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      // An answer that makes no sense is no KubernetesError.
      if (!(error instanceof KubernetesError))
        return { status, trouble: unreachable((error as Error).message), afterMs: retryMs };
      const trouble = troubleOf(error, namespace);
      return { status, trouble, afterMs: trouble.reason === 'TargetUnreachable' ? retryMs : mendedMs };
    }
  }

  return {
    async step(observation, decision, signal) {
      const reports = new Map<string, VerificationReport>();
      for (const intent of observation.intents) {
        const report = await stepFor(intent, observation, decision, signal);
        if (report) reports.set(intent.name, report);
      }
      return reports;
    },
  };
}

async function removeAll(connection: Connection, namespace: string, pods: readonly PodView[], signal: AbortSignal) {
  for (const pod of pods) await removeVerifyPod(connection, namespace, pod, signal);
}

function poolsOf({ arm }: Observation) {
  return arm.ok ? arm.reading.model.pools.filter(isCovered) : [];
}

function unknownSystem({ osSku = '' }: NodeView): NodeResult {
  return { outcome: 'Unclear', message: `where the operating system ${osSku} keeps its trust store is not known` };
}

function uidOf({ object }: Intent): string {
  return object.metadata.uid ?? '';
}
