import { sentences } from '../../api/sentences.ts';
import { apiServerUrls } from '../../azure/api-server-urls.ts';
import type { SearchProblem, SearchResult } from '../../cluster-certificates/holders/holder.ts';
import { hostsOf, type ClusterMark } from '../../cluster-certificates/holders/mark.ts';
import { findHolders, type Searchee, type SearchLimits } from '../../cluster-certificates/read/holders.ts';
import type { Access } from '../../cluster-certificates/read/source.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { clusterCAOf, clusterCARowOf, earlierCAs } from '../kinds/rotate-certificates/consumers.ts';
import type { ConsumersReport, ConsumersSearch, FollowUp } from '../model/follow-up.ts';
import type { Intent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { rotationsOf, type RotationIntent } from '../model/rotation.ts';
import { namespaceOf } from '../model/way.ts';
import { accessKeyOf, OPERATOR, waysFor } from '../model/rotation-access.ts';
import { accessFor } from '../node-access/certificate-access.ts';
import type { Timing } from '../model/timing.ts';
import type { TargetAccess } from '../node-access/target-way.ts';
import { createSearchSchedule } from './schedule.ts';

export interface ConsumerFinderOptions {
  readonly access: Pick<TargetAccess, 'connectionFor'>;
  /** To the cluster that the controller runs in. */
  readonly management: Pick<Connection, 'request'>;
  readonly now: () => number;
  /** From 0 to 1: spreads the searches of clusters that would otherwise all come at the same time. */
  readonly random: () => number;
  readonly timing: Pick<Timing, 'consumers'>;
  /** Default: those of the controller. */
  readonly limits?: Partial<SearchLimits>;
}

/** A page has some megabytes at most, because the controller has a small heap, and answers of targets are limited. */
const LIMITS: SearchLimits = { timeout: 20_000, mostHolders: 2000, mostObjects: 50_000, smaller: 5 };
/** Clusters that are searched at a time: a slow one must not keep reconciles of others waiting. */
const MOST_AT_A_TIME = 4;
/** Namespaces whose objects a search is for. Those of others wait for the next one. */
const MOST_NAMESPACES = 4;
/** When a search that has to wait for others is tried again, in ms. */
const BUSY = 10_000;

type NotSearched = ConsumersSearch['notSearched'][number];
type Rotations = readonly [RotationIntent, ...RotationIntent[]];

/**
 * Searches for what holds a cluster's CA, for CertificateRotation objects with `spec.findConsumers`: once a day, before and after a
 * rotation, and when a person asks for it. An object sees what its own access sees; the operator's access is used only where the policy
 * allows it, because it sees the objects of every tenant of the cluster.
 */
export function createConsumerFinder(options: ConsumerFinderOptions): FollowUp {
  const { access, management, now } = options;
  const limits = { ...LIMITS, ...options.limits };
  const schedule = createSearchSchedule(options);
  let running = 0;

  const search = (searchee: Searchee, mark: ClusterMark, signal: AbortSignal): Promise<SearchResult> =>
    findHolders([searchee], mark, limits, signal);

  /** What the objects' access to the cluster shows. */
  async function inCluster([first]: Rotations, observation: Observation, signal: AbortSignal): Promise<Found> {
    const target: Access = await accessFor(first, observation, access, signal);
    if (!target.ok) {
      const message = sentences(target.why, target.fix ?? '');
      // Without any way, only an edit of the object helps.
      const failed = waysFor(first, observation.ways).length > 0;
      return { ...NOTHING, notSearched: [{ where: 'Cluster', message }], failed };
    }
    const searchee = { where: 'Cluster', connection: target.connection } as const;
    const result = await search(searchee, markOf(first, observation), signal);
    return foundOf(result, (problem) => inClusterText(problem));
  }

  /** What the Secrets of the object's own namespace show; `made`: the searches of this reconcile, which its objects share. */
  async function inNamespace(
    intent: RotationIntent,
    observation: Observation,
    made: Map<string, Promise<SearchResult>>,
    signal: AbortSignal,
  ): Promise<Found> {
    const namespace = namespaceOf(intent);
    const searchee = { where: 'Management', connection: management, secretsOf: namespace } as const;
    const mark = markOf(intent, observation);
    const key = JSON.stringify([namespace, [...mark.fingerprints], [...mark.earlier], mark.caSince]);
    const searching = made.get(key) ?? search(searchee, mark, signal);
    made.set(key, searching);
    const result = await searching;
    // The controller itself keeps this one up to date.
    const own = intent.object.spec.kubeconfig?.secretName;
    const isKept = ({ name, holding }: SearchResult['holders'][number]) => name === own && holding === 'PresentCA';
    const holders = result.holders.filter((holder) => !isKept(holder));
    const kept = result.holders.length - holders.length;
    const counts = kept > 0 ? { ...result.counts, PresentCA: (result.counts.PresentCA ?? 0) - kept } : result.counts;
    return foundOf({ ...result, holders, counts }, (problem) => inNamespaceText(problem, namespace));
  }

  async function searchFor(
    group: Rotations,
    observation: Observation,
    made: Map<string, Promise<SearchResult>>,
    signal: AbortSignal,
  ): Promise<readonly (readonly [RotationIntent, ConsumersSearch, failed: boolean])[]> {
    const isOperators = accessKeyOf(group[0], observation.ways) === OPERATOR;
    const allowed = group.filter(({ grants }) => !isOperators || grants.findConsumers);
    const [first, ...others] = allowed;
    const cluster = first ? await inCluster([first, ...others], observation, signal) : undefined;
    return Promise.all(
      group.map(async (intent) => {
        const shown = allowed.includes(intent) && cluster ? cluster : notAllowed(intent);
        // A search of the controller's own cluster has the namespace of the object as well.
        const hasBoth = shown === cluster && intent.object.spec.target.nodeAccess?.inCluster !== undefined;
        const own = hasBoth ? { ...NOTHING, failed: false } : await inNamespace(intent, observation, made, signal);
        const found = {
          at: now(),
          clusterCA: clusterCAOf(intent.object.status),
          holders: [...shown.holders, ...own.holders],
          counts: sumOf(shown.counts, own.counts),
          read: shown.read + own.read,
          notSearched: [...shown.notSearched, ...own.notSearched],
          isAllowed: allowed.includes(intent),
        };
        return [intent, found, shown.failed || own.failed] as const;
      }),
    );
  }

  return {
    name: 'consumers',
    isDue: (intent, observation, decision) =>
      asking([intent]).some((one) => schedule.until(one, { observation, decision }) <= 0),
    restsMs(intent) {
      const waits = asking([intent]).map((one) => schedule.until(one));
      return waits.find((ms) => ms > 0 && ms < Infinity);
    },
    async step(observation, decision, signal) {
      const { arm, ways } = observation;
      if (!arm.ok || arm.listed) return new Map();
      const reports = new Map<string, ConsumersReport>();
      const due = asking(observation.intents).filter((one) => schedule.until(one, { observation, decision }) <= 0);
      const ready = due.filter((intent) => {
        const earlier = schedule.unwritten(intent);
        if (earlier) reports.set(intent.name, earlier);
        else if (!isRead(intent)) reports.set(intent.name, { afterMs: schedule.postpone(intent) });
        else return true;
        return false;
      });
      const namespaces = new Set([...new Set(ready.map(namespaceOf))].slice(0, MOST_NAMESPACES));
      const fresh = ready.filter((intent) => namespaces.has(namespaceOf(intent)));
      for (const { name } of ready) reports.set(name, { afterMs: BUSY });
      if (fresh.length === 0) return reports;
      if (running >= MOST_AT_A_TIME) return reports;
      running += 1;
      try {
        const groups = [...Map.groupBy(fresh, (intent) => accessKeyOf(intent, ways)).values()];
        const made = new Map<string, Promise<SearchResult>>();
        const searches = await Promise.all(
          groups.map((group) => searchFor(group as unknown as Rotations, observation, made, signal)),
        );
        for (const [intent, found, failed] of searches.flat()) {
          const report = { search: found };
          schedule.note(intent, report, failed);
          reports.set(intent.name, report);
        }
      } finally {
        running -= 1;
      }
      return reports;
    },
    reported: ({ intents }) => schedule.written(asking(intents)),
  };
}

interface Found extends Pick<ConsumersSearch, 'holders' | 'counts' | 'read' | 'notSearched'> {
  readonly failed: boolean;
}

const NOTHING = { holders: [], counts: {}, read: 0, notSearched: [] } as const;

function foundOf({ holders, counts, read, problems }: SearchResult, textOf: (problem: SearchProblem) => string): Found {
  const notSearched = problems.map((problem): NotSearched => {
    const { where, kind } = problem;
    return { where, kind, message: textOf(problem) };
  });
  // A right that is missing is not given by trying again.
  return { holders, counts, read, notSearched, failed: problems.some(({ reason }) => reason !== 'Forbidden') };
}

function inClusterText({ kind, reason, message }: SearchProblem): string {
  if (reason === 'Late') return LATE;
  const secret = kind === 'Secret' || kind === 'ConfigMap';
  const role = secret ? 'aks-ca-trust-consumers-secrets' : 'aks-ca-trust-consumers';
  const file = secret ? 'consumers-secrets-role.yaml' : 'consumers-role.yaml';
  const fix = `To have them searched, bind the ClusterRole ${role} (deploy/target-cluster/${file}) to the user that is named here`;
  return sentences(`They could not be listed: ${message}`, reason === 'Forbidden' ? fix : '');
}

function inNamespaceText({ reason, message }: SearchProblem, namespace: string): string {
  if (reason === 'Late') return LATE;
  const fix = `To have them searched, bind the ClusterRole aks-ca-trust-consumers-secrets (deploy/target-cluster/consumers-secrets-role.yaml) to the controller's ServiceAccount in namespace ${namespace}`;
  return sentences(`They could not be listed: ${message}`, reason === 'Forbidden' ? fix : '');
}

const LATE = 'They were not read to their end, because the time of the search was over.';

function notAllowed(intent: RotationIntent): Found {
  const message = `The policy of the controller does not let namespace ${namespaceOf(intent)} see the names of objects that the controller's own access to this cluster finds. Ask for a rule with findConsumers in the policy file, or name a kubeconfig Secret of this namespace in spec.target.nodeAccess.`;
  return { ...NOTHING, notSearched: [{ where: 'Cluster', message }], failed: false };
}

function markOf({ object }: RotationIntent, { arm, record }: Observation): ClusterMark {
  const row = clusterCARowOf(object.status);
  const present = row?.fingerprintSHA256;
  return {
    fingerprints: new Set(present === undefined ? [] : [present]),
    earlier: new Set(earlierCAs(object.status, record?.status?.rotation)),
    subjects: new Set(row?.subject === undefined ? [] : [row.subject]),
    caSince: Date.parse(row?.notBefore ?? ''),
    hosts: hostsOf(arm.ok ? apiServerUrls(arm.reading.text) : []),
  };
}

function sumOf(a: ConsumersSearch['counts'], b: ConsumersSearch['counts']): ConsumersSearch['counts'] {
  const sum: Partial<Record<keyof typeof a, number>> = { ...a };
  for (const [holding, count] of Object.entries(b) as [keyof typeof b, number][])
    sum[holding] = (sum[holding] ?? 0) + count;
  return sum;
}

function asking(intents: readonly Intent[]): readonly RotationIntent[] {
  return rotationsOf(intents).filter(
    ({ object, frozen, deletion }) => object.spec.findConsumers === true && !frozen && !deletion,
  );
}

/** True once the certificates of the cluster were read: which CA to search for follows from the status. */
function isRead({ object }: RotationIntent): boolean {
  return (object.status?.certificates?.length ?? 0) > 0;
}
