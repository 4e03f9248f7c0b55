import { createHash } from 'node:crypto';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ApiServerToken } from '../../azure/api-server-token.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import { dropOldest } from '../../waiting/drop-oldest.ts';
import { isAhead, toVerify, type ToVerify } from '../kinds/rotate-certificates/proof.ts';
import {
  lateNamespacesOf,
  lostWorkloadsOf,
  NOTHING_KEPT,
  PATIENCE,
  verificationRows,
  type Fact,
  type IncompleteWorkload,
} from '../kinds/rotate-certificates/verification.ts';
import type { Decision } from '../model/decision.ts';
import type { FollowUp, ProofReport } from '../model/follow-up.ts';
import type { NotedBefore, Observation } from '../model/observation.ts';
import { mayRotate, rotationsOf, type RotationIntent } from '../model/rotation.ts';
import type { Timing } from '../model/timing.ts';
import { readAzureKubeconfig } from '../node-access/azure-kubeconfig.ts';
import { reviewSelf } from '../node-access/review-self.ts';
import type { TargetAccess } from '../node-access/target-way.ts';
import { accessKeyOf } from '../model/rotation-access.ts';
import { accessFor } from '../node-access/certificate-access.ts';
import { readFacts, type ClusterFacts } from './facts.ts';
import type { CredentialVault } from './vault.ts';

export interface ProverOptions {
  readonly arm: Pick<ManagedClusters, 'userKubeconfig'>;
  readonly access: Pick<TargetAccess, 'connectionFor'>;
  readonly vault: CredentialVault;
  readonly apiServerToken: ApiServerToken;
  readonly apiServerSuffixes?: readonly string[] | undefined;
  /** Connects to a target cluster; `payer` counts for the limits on memory. */
  readonly open: (credentials: Credentials, payer: string) => Connection;
  readonly now: () => number;
  readonly timing: Pick<Timing, 'rotation'>;
}

export interface RotationProver extends FollowUp {
  /** What was noted before a rotation that is due. `NotYet`: it is noted in the next step, and the rotation waits for that. */
  noted(id: ClusterId): 'NotYet' | NotedBefore;
}

/** From the end of a rotation to the first check, in ms. */
const SOON = 1000;
/** What is there before a rotation is noted again after this time, in ms. */
const NOTED_AGAIN = 5 * 60_000;
/** The most clusters whose state of before a rotation is kept. */
const MOST_KEPT = 100;

interface Before {
  readonly at: number;
  readonly answers: NotedBefore;
  /** What each access showed, by its key. */
  readonly facts: ReadonlyMap<string, FactsBefore>;
  /** Digest of the elements of the cluster's list of custom CAs. */
  readonly customCAs: string;
}

/** What was there before a rotation and can be compared with. */
interface FactsBefore {
  /** Names of the APIServices that were available. */
  readonly available: Fact<readonly string[]>;
  /** Workloads that were incomplete. */
  readonly incomplete: Fact<readonly IncompleteWorkload[]>;
}

/**
 * Notes what is there before a rotation, and checks after it that the old credentials are rejected and the cluster is as it was. What is
 * kept for that is in memory only.
 */
export function createRotationProver(options: ProverOptions): RotationProver {
  const { arm, access, vault, open, now, timing } = options;
  const { proofEvery, proofOver } = timing.rotation;
  /** By cluster. */
  const before = new Map<string, Before>();
  const nextAt = new Map<string, number>();

  const isDueAt = (key: string) => now() >= (nextAt.get(key) ?? -Infinity);

  /** The facts that the access of each object shows, by the key of the access: what one namespace's access shows counts for no other. */
  async function factsOf(
    intents: readonly RotationIntent[],
    observation: Observation,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ClusterFacts>> {
    const first = new Map(
      intents.toReversed().map((intent) => [accessKeyOf(intent, observation.ways), intent] as const),
    );
    const read = [...first].map(async ([key, intent]) => {
      const over = await accessFor(intent, observation, access, signal);
      return [key, await readFacts(over, signal)] as const;
    });
    return new Map(await Promise.all(read));
  }

  async function note(
    intents: readonly RotationIntent[],
    observation: Observation,
    signal: AbortSignal,
  ): Promise<void> {
    const { id, arm: seen } = observation;
    const found = await arm.userKubeconfig(id, signal);
    if (!found.ok || !seen.ok) return;
    const caPem = caIn(found.value);
    const [answers, facts] = await Promise.all([
      caPem === undefined ? UNUSABLE : vault.capture(id, found.value, caPem, signal),
      factsOf(intents, observation, signal),
    ]);
    before.delete(id.key);
    const customCAs = digestOf(seen.reading.model.elements);
    const kept = new Map(
      [...facts].map(([key, { available, incomplete }]) => [key, { available, incomplete }] as const),
    );
    before.set(id.key, { at: now(), answers, facts: kept, customCAs });
    dropOldest(before, MOST_KEPT);
  }

  function caIn(kubeconfig: string): string | undefined {
    const reading = readAzureKubeconfig(kubeconfig, options.apiServerToken, options.apiServerSuffixes);
    return reading.ok ? reading.credentials.caPem : undefined;
  }

  async function accepts(id: Observation['id'], kubeconfig: string, signal: AbortSignal): Promise<Fact<boolean>> {
    const reading = readAzureKubeconfig(kubeconfig, options.apiServerToken, options.apiServerSuffixes);
    if (!reading.ok) return { known: false, why: `The kubeconfig from ARM cannot be used: ${reading.message}` };
    const connection = open(reading.credentials, id.key);
    try {
      await reviewSelf(connection, signal);
      return { known: true, value: true };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KubernetesError)) throw error;
      if (error.status === 401) return { known: true, value: false };
      // The API server has recognized a user to whom it answers 403.
      if (error.status === 403 && error.hasStatus) return { known: true, value: true };
      return { known: false, why: error.message };
    } finally {
      await connection.close();
    }
  }

  async function verify(
    intents: readonly RotationIntent[],
    { oldCA, newCA, completedAt }: ToVerify,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProofReport>> {
    const { id, arm: seen, ways } = observation;
    const found = await arm.userKubeconfig(id, signal);
    const caPem = found.ok ? caIn(found.value) : undefined;
    const sinceMs = now() - completedAt;
    const common = { oldCA, newCA, sinceMs, proofOver };
    const forEach = (reportOf: (intent: RotationIntent) => ProofReport) =>
      new Map(intents.map((intent) => [intent.name, reportOf(intent)] as const));
    if (!found.ok || !seen.ok || caPem === undefined) {
      if (sinceMs <= PATIENCE) return forEach(() => ({ afterMs: proofEvery }));
      const rows = verificationRows({ ...NOTHING_READ, ...common });
      return forEach(() => ({ verification: { clusterCASHA256: newCA, rows: [...rows] } }));
    }
    const [old, kubeconfig, facts] = await Promise.all([
      vault.prove(id, caPem, signal),
      accepts(id, found.value, signal),
      factsOf(intents, observation, signal),
    ]);
    const was = before.get(id.key);
    const sameCustomCAs: Fact<boolean> = was
      ? { known: true, value: was.customCAs === digestOf(seen.reading.model.elements) }
      : { known: false, why: NOTHING_KEPT };
    return forEach((intent) => {
      const key = accessKeyOf(intent, ways);
      const shown = facts.get(key);
      if (!shown) return { afterMs: proofEvery };
      const noted = was?.facts.get(key);
      const rows = verificationRows({
        old,
        kubeconfig,
        clientCAs: shown.clientCAs,
        rootCAs: shown.rootCAs,
        lateNamespaces: lateNamespacesOf(shown.namespaceCAs, { oldCA, newCA }),
        lostAPIServices: lostOf(noted?.available, shown.available),
        lostWorkloads:
          was && noted
            ? lostWorkloadsOf(noted.incomplete, was.at, shown.incomplete)
            : { known: false, why: NOTHING_KEPT },
        sameCustomCAs,
        ...common,
      });
      return { verification: { clusterCASHA256: newCA, rows: [...rows] }, afterMs: proofEvery };
    });
  }

  function work(intents: readonly RotationIntent[], decision: Decision): 'Note' | 'Verify' | undefined {
    // A rotation that is due comes before what is left to verify of the last one.
    if (isAhead(decision) && intents.some(mayRotate)) return 'Note';
    return intents.some((intent) => toVerify(intent, now())) ? 'Verify' : undefined;
  }

  return {
    name: 'proof',
    noted(id) {
      const was = before.get(id.key);
      return was && now() - was.at < NOTED_AGAIN ? was.answers : 'NotYet';
    },
    isDue(intent, { id }, decision) {
      const [one] = rotationsOf([intent]);
      return one !== undefined && work([one], decision) !== undefined && isDueAt(id.key);
    },
    reported({ id, intents }) {
      const rotations = rotationsOf(intents);
      if (rotations.some((intent) => toVerify(intent, now()))) return;
      const ends = rotations.map(({ object }) => Date.parse(object.status?.lastRotation?.completedAt ?? ''));
      // What was noted before the last rotation is not needed any more once its verification has ended.
      const { at = Infinity } = before.get(id.key) ?? {};
      if (!ends.some((end) => at < end)) return;
      vault.forget(id);
      before.delete(id.key);
    },
    async step(observation, decision, signal) {
      const { id, arm: seen } = observation;
      const intents = rotationsOf(observation.intents);
      const kind = work(intents, decision);
      if (kind === undefined) {
        nextAt.delete(id.key);
        // The status has the completed rotation only after this reconcile.
        const done = intents.filter(({ name }) => decision.outlook.seenThrough.has(name));
        return new Map(done.map(({ name }) => [name, { afterMs: SOON }] as const));
      }
      if (!seen.ok || seen.listed) return new Map();
      if (kind === 'Note') {
        if (now() - (before.get(id.key)?.at ?? -Infinity) < NOTED_AGAIN) return new Map();
        await note(intents.filter(mayRotate), observation, signal);
        return new Map();
      }
      if (!isDueAt(id.key)) return new Map();
      nextAt.set(id.key, now() + proofEvery);
      const open = intents.flatMap((intent) => {
        const found = toVerify(intent, now());
        return found ? [{ intent, found }] : [];
      });
      const found = open[0]?.found;
      if (!found) return new Map();
      return verify(
        open.map(({ intent }) => intent),
        found,
        observation,
        signal,
      );
    },
  };
}

const UNREAD = { known: false, why: 'ARM returned no kubeconfig that can be used.' } as const;
const NOTHING_READ = {
  old: undefined,
  kubeconfig: UNREAD,
  clientCAs: UNREAD,
  rootCAs: UNREAD,
  lateNamespaces: UNREAD,
  lostAPIServices: UNREAD,
  lostWorkloads: UNREAD,
  sameCustomCAs: UNREAD,
} as const;

const UNUSABLE: NotedBefore = {
  clientCertificate: { kind: 'Unknown', why: 'The kubeconfig from ARM cannot be used.' },
  token: { kind: 'Unknown', why: 'The kubeconfig from ARM cannot be used.' },
};

function lostOf(was: Fact<readonly string[]> | undefined, now: Fact<readonly string[]>): Fact<readonly string[]> {
  if (!was) return { known: false, why: NOTHING_KEPT };
  if (!was.known) return was;
  if (!now.known) return now;
  const present = new Set(now.value);
  return { known: true, value: was.value.filter((name) => !present.has(name)) };
}

function digestOf(elements: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(elements)).digest('hex');
}
