import { createHash } from 'node:crypto';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ApiServerToken } from '../../azure/api-server-token.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { Access } from '../../cluster-certificates/read/source.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import { isAhead, mayRotate, toVerify, type ToVerify } from '../kinds/rotate-certificates/proof.ts';
import { NOTHING_KEPT, PATIENCE, verificationRows, type Fact } from '../kinds/rotate-certificates/verification.ts';
import type { Decision } from '../model/decision.ts';
import type { FollowUp, ProofReport } from '../model/follow-up.ts';
import type { NotedBefore, Observation } from '../model/observation.ts';
import { rotationsOf, type RotationIntent } from '../model/rotation.ts';
import type { Timing } from '../model/timing.ts';
import { readAzureKubeconfig } from '../node-access/azure-kubeconfig.ts';
import { reviewSelf } from '../node-access/review-self.ts';
import type { TargetAccess } from '../node-access/target-way.ts';
import { accessFor } from '../node-access/certificate-access.ts';
import { readFacts } from './facts.ts';
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
  /** Names of the APIServices that were available. */
  readonly available: Fact<readonly string[]>;
  /** Digest of the elements of the cluster's list of custom CAs. */
  readonly customCAs: string;
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

  /** The object of the cluster that has most to say: with access to its API server, if one has. */
  function speaker(intents: readonly RotationIntent[]): RotationIntent | undefined {
    return intents.find(({ object }) => object.spec.target.nodeAccess !== undefined) ?? intents[0];
  }

  async function accessOf(intent: RotationIntent, observation: Observation, signal: AbortSignal): Promise<Access> {
    return accessFor(intent, observation, access, signal);
  }

  async function note(intent: RotationIntent, observation: Observation, signal: AbortSignal): Promise<void> {
    const { id, arm: seen } = observation;
    const found = await arm.userKubeconfig(id, signal);
    if (!found.ok || !seen.ok) return;
    const caPem = caIn(found.value);
    const [answers, facts] = await Promise.all([
      caPem === undefined ? UNUSABLE : vault.capture(id, found.value, caPem, signal),
      readFacts(await accessOf(intent, observation, signal), signal),
    ]);
    before.delete(id.key);
    const customCAs = digestOf(seen.reading.model.elements);
    before.set(id.key, { at: now(), answers, available: facts.available, customCAs });
    for (const oldest of before.keys()) {
      if (before.size <= MOST_KEPT) break;
      before.delete(oldest);
    }
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
    intent: RotationIntent,
    { oldCA, newCA, completedAt }: ToVerify,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<ProofReport> {
    const { id, arm: seen } = observation;
    const found = await arm.userKubeconfig(id, signal);
    const caPem = found.ok ? caIn(found.value) : undefined;
    const sinceMs = now() - completedAt;
    if (!found.ok || !seen.ok || caPem === undefined) {
      if (sinceMs <= PATIENCE) return { afterMs: proofEvery };
      const unread = { known: false, why: 'ARM returned no kubeconfig that can be used.' } as const;
      const facts = { kubeconfig: unread, clientCAs: unread, rootCAs: unread, lostAPIServices: unread };
      const rows = verificationRows({
        ...facts,
        sameCustomCAs: unread,
        old: undefined,
        oldCA,
        newCA,
        sinceMs,
        proofOver,
      });
      return { verification: { clusterCASHA256: newCA, rows: [...rows] } };
    }
    const [old, kubeconfig, facts] = await Promise.all([
      vault.prove(id, caPem, signal),
      accepts(id, found.value, signal),
      readFacts(await accessOf(intent, observation, signal), signal),
    ]);
    const was = before.get(id.key);
    const rows = verificationRows({
      old,
      kubeconfig,
      clientCAs: facts.clientCAs,
      rootCAs: facts.rootCAs,
      lostAPIServices: lostOf(was?.available, facts.available),
      sameCustomCAs: was
        ? { known: true, value: was.customCAs === digestOf(seen.reading.model.elements) }
        : { known: false, why: NOTHING_KEPT },
      oldCA,
      newCA,
      sinceMs,
      proofOver,
    });
    return { verification: { clusterCASHA256: newCA, rows: [...rows] }, afterMs: proofEvery };
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

        const first = speaker(intents.filter(mayRotate));
        if (first) await note(first, observation, signal);
        return new Map();
      }
      if (!isDueAt(id.key)) return new Map();
      nextAt.set(id.key, now() + proofEvery);
      const open = intents.flatMap((intent) => {
        const found = toVerify(intent, now());
        return found ? [{ intent, found }] : [];
      });
      const first = speaker(open.map(({ intent }) => intent));
      const found = open[0]?.found;
      if (!first || !found) return new Map();
      const report = await verify(first, found, observation, signal);
      return new Map(open.map(({ intent }) => [intent.name, report] as const));
    },
  };
}

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
