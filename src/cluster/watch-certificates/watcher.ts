import { apiServerUrls } from '../../azure/api-server-urls.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { Evidence } from '../../cluster-certificates/evidence.ts';
import { readEvidence, type EvidenceSources } from '../../cluster-certificates/read/read-evidence.ts';
import { isMember, type Handshake, type Member } from '../../cluster-certificates/read/source.ts';
import type { CertificatesReport, FollowUp } from '../model/follow-up.ts';
import type { Observation } from '../model/observation.ts';
import { rotationsOf, type RotationIntent } from '../model/rotation.ts';
import type { Timing } from '../model/timing.ts';
import type { TargetAccess } from '../node-access/target-way.ts';
import { createKeptHandshakes } from './kept-handshakes.ts';
import { createKeptIssued } from './kept-issued.ts';
import { createKeptKubeconfigs } from './kept-kubeconfigs.ts';
import { unsignedLeaf } from './outdated.ts';
import { createSchedule, isWatched } from './schedule.ts';
import { accessKeyOf, waysFor } from '../model/rotation-access.ts';
import { accessFor } from '../node-access/certificate-access.ts';

export interface WatcherOptions {
  readonly arm: Pick<ManagedClusters, 'userKubeconfig'>;
  readonly access: Pick<TargetAccess, 'connectionFor'>;
  /** Absent: no handshakes are made. */
  readonly handshake?: Handshake | undefined;
  /** The Prometheus with the metrics of a cluster's kubelets; absent: none is asked. */
  readonly prometheus?: ((id: Observation['id']) => EvidenceSources['prometheus']) | undefined;
  readonly now: () => number;
  /** From 0 to 1: spreads the reads of clusters that would otherwise all come at the same time. */
  readonly random: () => number;
  readonly timing: Pick<Timing, 'certificates' | 'kubeconfig'>;
}

/**
 * Reads a cluster's own certificates for its CertificateRotation objects: when one is new or was edited, and from time to time after
 * that. Objects with the same access to the cluster are read together.
 */
export function createCertificateWatcher(options: WatcherOptions): FollowUp {
  const { arm, access, now, timing } = options;
  const schedule = createSchedule(options);
  const kubeconfigs = createKeptKubeconfigs(arm, now, timing.kubeconfig);
  const handshakes = options.handshake && createKeptHandshakes(options.handshake, now, timing.kubeconfig);
  const issued = createKeptIssued();
  /** By cluster: the certificate of its API server for which a new kubeconfig was requested last. */
  const unsigned = new Map<string, { readonly leaf: string; readonly at: number }>();

  function forget(key: string): void {
    kubeconfigs.forget(key);
    handshakes?.forget(key);
    issued.forget(key);
    unsigned.delete(key);
  }

  async function read(
    [first]: readonly [RotationIntent, ...RotationIntent[]],
    observation: Observation,
    text: string,
    fresh: boolean,
    signal: AbortSignal,
  ): Promise<Evidence> {
    const { id } = observation;
    const { key } = id;
    const target = await accessFor(first, observation, access, signal);
    const startedAt = now();
    const prometheus = options.prometheus?.(id);
    const sources = (isFresh: boolean): EvidenceSources => ({
      kubeconfig: (until) => kubeconfigs.get(id, isFresh, until),
      servers: apiServerUrls(text),
      ...(handshakes ? { handshake: handshakes.for(key, fresh) } : {}),
      access: target,
      ...(prometheus ? { prometheus } : {}),
    });
    const evidence = await readEvidence(sources(fresh), now, signal);
    const leaf = unsignedLeaf(evidence);
    const known = unsigned.get(key);
    // The certificates may have been rotated since the kubeconfig was requested. A firewall that inspects TLS appears the same, but ARM
    // is asked once for it: by this reconcile, for all objects.
    if (leaf === undefined || (known?.leaf === leaf && known.at < startedAt)) return evidence;
    unsigned.set(key, { leaf, at: now() });
    return readEvidence(sources(true), now, signal);
  }

  /** Reads for objects with the same access. */
  async function report(
    intents: readonly [RotationIntent, ...RotationIntent[]],
    observation: Observation,
    text: string,
    signal: AbortSignal,
  ): Promise<readonly (readonly [string, CertificatesReport])[]> {
    const due = intents.filter(schedule.isDue);
    if (due.length === 0) return [];
    const earlier = due.flatMap((intent) => {
      const unwritten = schedule.unwritten(intent);
      return unwritten ? [[intent.name, unwritten] as const] : [];
    });
    if (earlier.length === due.length) return earlier;
    const seen = await read(intents, observation, text, due.some(schedule.isRequested), signal);
    const evidence = issued.add(observation.id.key, accessKeyOf(intents[0], observation.ways), seen);
    const made: CertificatesReport = { evidence };
    const hasAccess = waysFor(intents[0], observation.ways).length > 0;
    schedule.noteRead(intents, made, { hasAccess, failed: hasFailed(evidence, hasAccess) });
    return intents.map(({ name }) => [name, made] as const);
  }

  return {
    name: 'certificates',
    isDue: schedule.isDue,
    restsMs: schedule.restsMs,
    async step(observation, _decision, signal) {
      for (const key of schedule.sweep()) forget(key);
      const { arm: seen, id, ways } = observation;
      const intents = rotationsOf(observation.intents).filter(isWatched);
      if (schedule.retain(id.key, intents)) forget(id.key);
      if (!seen.ok || seen.listed) return new Map();
      const groups = [...Map.groupBy(intents, (intent) => accessKeyOf(intent, ways)).values()];
      const reports = groups.map((group) =>
        report(group as [RotationIntent, ...RotationIntent[]], observation, seen.reading.text, signal),
      );
      return new Map((await Promise.all(reports)).flat());
    },
    reported: ({ id }) => schedule.noteWritten(id.key),
  };
}

/** Known without access to the API server. */
const WITHOUT_ACCESS: readonly Member[] = ['clusterCA', 'kubeconfigClient', 'apiServer'];

/** True where a part could not be read that the next read may show. */
function hasFailed(evidence: Evidence, hasAccess: boolean): boolean {
  const members = (Object.keys(evidence) as (keyof Evidence)[]).filter(isMember);
  return (hasAccess ? members : WITHOUT_ACCESS).some((member) => evidence[member]?.known === false);
}
