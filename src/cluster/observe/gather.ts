import type { ClusterObject } from '../../api/cluster-object.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import { BUDGET_USED_UP, type ManagedClusters } from '../../azure/managed-clusters.ts';
import { OPEN_POLICY, type Policy } from '../../policy/policy.ts';
import type { CertificateReader } from '../../certificates/reader.ts';
import { kindOf, KINDS } from '../kinds/index.ts';
import { admit } from './admit.ts';
import type { OperationKind } from '../operation/kind.ts';
import { runningOperation } from '../model/provisioning-state.ts';
import type { Intent } from '../model/intent.ts';
import { isCurrent, possiblyStale } from './stale-cache.ts';
import { StaleCacheError } from '../../kubernetes/cache/stale-cache-error.ts';
import type { TargetAccess } from '../node-access/target-way.ts';
import type { NodeReader } from '../node-access/node-reader.ts';
import type { ArmObservation, Counted, Known, Observation } from '../model/observation.ts';
import { intentNameOf, type NotedObject } from '../model/noted-objects.ts';
import type { Records } from '../model/records.ts';
import { createRestlessObjects } from '../operation/restless-objects.ts';
import { createNeeds, readNeeds, type NeedInput } from './needs.ts';
import { createSeenFor } from './seen-for.ts';
import type { ListedCluster } from '../model/listed-cluster.ts';
import { SOURCES } from '../../sources/index.ts';
import { textsOf } from '../../sources/resolve.ts';
import type { Source } from '../../sources/source.ts';
import { createWaysReader, notRead } from '../node-access/ways-reader.ts';
import { waysOf } from '../model/ways.ts';
import { DEFAULT_RULES, type AccessRules } from '../model/way.ts';
import { omit } from '../model/omit.ts';

/** Everything that a reconcile is gathered from. */
export interface GatherInput {
  readonly records: Records;
  /** Every object that names the cluster, of any kind. */
  readonly intentsOf: (key: string) => readonly ClusterObject[];
  /** One object as the API server has it now; undefined when there is none. */
  readonly objectNow: (object: NotedObject, signal: AbortSignal) => Promise<ClusterObject | undefined>;
  /** Default: the kinds of operations that there are. */
  readonly kinds?: readonly OperationKind[];
  readonly arm: ManagedClusters;
  readonly nodes: Pick<NodeReader, 'read'> & Partial<Pick<NodeReader, 'reconcileEnded'>>;
  /** The operator's configuration of access to target clusters. Default: neither policy file nor flags. */
  readonly rules?: AccessRules;
  readonly maintenance: NeedInput['maintenance'];
  readonly noted?: NeedInput['noted'];
  readonly handshake?: NeedInput['handshake'];
  /** The length of a day in the durations of objects, in ms. Default: 24 hours. */
  readonly dayMs?: number;
  /** Closes the connections of ways that the objects no longer ask for. */
  readonly retain?: TargetAccess['retain'];
  readonly reader: CertificateReader;
  /** The kinds of certificate entries. Default: those of this project. */
  readonly sources?: readonly Source[];
  /** The current policy. Default: the policy without a policy file. */
  readonly policy?: () => Policy;
  readonly now: () => number;
  /** Monotonic clock, in ms. Default: `now`. */
  readonly elapsed?: () => number;
  /** The cluster as a recent LIST showed it. */
  readonly listedCluster?: (key: string) => ListedCluster | undefined;
}

/** Reads everything that one reconcile needs, and decides nothing. */
export interface Gather {
  known(id: ClusterId): Known;
  /**
   * `Closely` reads the cluster itself from ARM, even when a LIST has just shown it.
   *
   * @throws StaleCacheError when the cache has an older version of an object than the record
   */
  read(known: Known, signal: AbortSignal, how?: 'Closely'): Promise<Observation>;
  /** Adds the nodes as every way shows them now: baselines for a change that is about to be sent. */
  count(observation: Observation, signal: AbortSignal): Promise<Observation>;
  /** @throws StaleCacheError as {@link read} does */
  assertCurrent(known: Known, signal: AbortSignal): Promise<void>;
  /** The reconcile is over, and its readings are not used any more. */
  end(id: ClusterId): void;
  /** A change was not sent because these objects, by namespace/name, were edited meanwhile. */
  lostRace(id: ClusterId, names: readonly string[], who?: 'Each'): void;
  /** A change was sent. */
  sent(id: ClusterId): void;
  /** True for an object that changes so fast that the other objects go on without it. */
  isRestless(key: string, name: string): boolean;
}

/** Recent failures to read one cluster. Kept in memory only. */
interface ReadFailures {
  failedInARow: number;
  lastReadAt?: number;
}

export function createGather(input: GatherInput): Gather {
  const { records, intentsOf, arm, reader, now, policy = () => OPEN_POLICY, rules = DEFAULT_RULES } = input;
  const { sources = SOURCES, kinds = KINDS } = input;
  const ways = createWaysReader(input.nodes, now);
  const { maintenance, noted, handshake } = input;
  const needs = createNeeds({ arm, ways, maintenance, noted, handshake, now });
  const readFailures = new Map<string, ReadFailures>();
  const seenFor = createSeenFor(input.elapsed ?? now);
  const restless = createRestlessObjects(now);
  /** Objects that were stale in the cache, by cluster: their cached and present versions at the last reconcile. */
  const staleObjects = new Map<string, ReadonlyMap<string, string>>();

  return {
    known(id) {
      // The record is read first, so that it never has a newer version of an object than the cache read.
      const record = records.read(id);
      const all = intentsOf(id.key)
        .flatMap(read)
        // A cache orders objects by their last write, ours included. Without a fixed order, statuses would never stop changing.
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      if (all.length === 0 && !record) {
        readFailures.delete(id.key);
        seenFor.forget(id.key);
        restless.forget(id.key);
        staleObjects.delete(id.key);
      }
      const { intents, outsiders } = admit(restless.freeze(id.key, all), record?.status, kinds);
      const recordConflict = records.conflict(id);
      return {
        id,
        record,
        ...(recordConflict ? { recordConflict } : {}),
        intents,
        outsiders,
        ways: waysOf(id, intents, rules),
      };
    },
    assertCurrent,
    end(id) {
      input.nodes.reconcileEnded?.(id);
      // The cluster may rest from now on.
      if (!records.read(id)?.status?.operation) seenFor.of(id.key, undefined);
    },
    lostRace: ({ key }, names, who) => restless.lostRace(key, names, who),
    sent: ({ key }) => restless.sent(key),
    isRestless: (key, name) => restless.has(key, name),
    async read(all, signal, how) {
      const known = omit(all, ['outsiders']);
      const { id, record } = known;
      if (known.recordConflict) return { ...known, arm: NOT_ASKED, nodes: notRead(known.ways.judge), own: new Map() };
      await input.retain?.(id, known.ways);
      const waited = { seenFor: seenFor.of(id.key, record?.status) };
      const listedCluster = how === 'Closely' ? undefined : input.listedCluster?.(id.key);
      const recent = listedCluster && listed(listedCluster);
      // A LIST is enough only where nothing else is needed.
      const arm = recent && !needs.some(({ when }) => when(known, recent)) ? recent : await readCluster(id, signal);
      if (arm.ok) {
        seenFor.read(id.key, arm.reading.readAt);
        const busyMs = seenFor.running(id.key, runningOperation(arm.reading.model) !== undefined);
        if (busyMs !== undefined) waited.seenFor = { ...waited.seenFor, busyMs };
      }
      await assertCurrent(known, signal);
      return { ...known, ...waited, ...(await readNeeds(needs, known, arm, signal)), ...writeWait(id) };
    },
    async count(observation, signal) {
      if (!observation.arm.ok) return observation;
      const { judge } = observation.ways;
      const { model } = observation.arm.reading;
      const all = { judge: true, own: (key: string) => key !== judge };
      const startedAt = now();
      const counted = await ways.read(observation, model, 'Nodes', signal, all);
      const rest = omit(observation, ['writeWaitMs']);
      return { ...rest, counted: { ...counted, tookMs: now() - startedAt }, ...writeWait(observation.id) };
    },
  };

  function read(object: ClusterObject): Intent[] {
    const grants = policy().grants(object.metadata.namespace ?? '', object.spec.target.resourceId);
    const intent = kindOf(object, kinds)?.objects.read(object, {
      grants,
      ...(input.dayMs === undefined ? {} : { dayMs: input.dayMs }),
      texts: (trust) => textsOf(trust, sources),
      readSource: (text) => reader.readSource(text),
    });
    return intent ? [intent] : [];
  }

  async function assertCurrent({ id, record, intents }: Counted, signal: AbortSignal): Promise<void> {
    const stale = new Map<string, string>();
    for (const noted of possiblyStale(record && (record.status ?? {}), intents)) {
      const name = intentNameOf(noted);
      // Another version of the controller noted it. This one neither reads nor may ask for such objects.
      if (noted.kind !== undefined && !kinds.some(({ objects }) => objects.kind === noted.kind)) continue;
      if (restless.has(id.key, name)) continue;
      const intent = intents.find((one) => one.name === name);
      const present = await input.objectNow(noted, signal);
      if (isCurrent(intent, present, id.key)) continue;
      stale.set(name, `${versionOf(intent?.object)} ${versionOf(present)}`);
      if (stale.size >= MOST_BEHIND) break;
    }
    const before = staleObjects.get(id.key);
    if (stale.size === 0) staleObjects.delete(id.key);
    else staleObjects.set(id.key, stale);
    const [first] = stale.keys();
    if (first === undefined) return;
    // If neither version moved, the cache is stuck and the object is not restless.
    const moved = before ? [...stale].filter(([name, versions]) => before.get(name) !== versions) : [];
    restless.lostRace(
      id.key,
      moved.map(([name]) => name),
    );
    throw new StaleCacheError(`${intents.find(({ name }) => name === first)?.object.kind ?? 'the object'} ${first}`);
  }

  function listed({ model, readAt }: ListedCluster): ArmObservation {
    const list = model.elements.map((element) => reader.readElement(element));
    return { ok: true, listed: true, reading: { text: '', model, readAt }, list };
  }

  function writeWait(id: ClusterId): Pick<Observation, 'writeWaitMs'> {
    const wait = arm.waitToPut(id);
    return wait > 0 ? { writeWaitMs: wait } : {};
  }

  async function readCluster(id: ClusterId, signal: AbortSignal): Promise<ArmObservation> {
    const read = readFailures.get(id.key) ?? { failedInARow: 0 };
    readFailures.set(id.key, read);
    const outcome = await arm.get(id, signal);
    if (outcome.ok) {
      read.failedInARow = 0;
      read.lastReadAt = now();
      const { model } = outcome.value;
      return {
        ok: true,
        reading: outcome.value,
        list: model.elements.map((element) => reader.readElement(element)),
      };
    }
    if (outcome.failure.code !== BUDGET_USED_UP) read.failedInARow += 1;
    return {
      ok: false,
      failure: outcome.failure,
      failedInARow: read.failedInARow,
      ...(read.lastReadAt === undefined ? {} : { lastReadAt: read.lastReadAt }),
    };
  }
}

/** The most stale objects that are looked up in one reconcile. */
const MOST_BEHIND = 100;

function versionOf(object: ClusterObject | undefined): string {
  const { uid = '', generation = 0, deletionTimestamp = '' } = object?.metadata ?? {};
  return `${uid}/${generation}/${deletionTimestamp}`;
}

/** For a cluster whose record name belongs to another cluster. */
const NOT_ASKED: ArmObservation = {
  ok: false,
  failedInARow: 0,
  failure: {
    status: 0,
    code: 'RecordConflict',
    message: 'ARM was not asked',
    reason: 'RecordConflict',
    stalled: true,
    backoff: { fromMs: 60_000, toMs: 60_000 },
    refused: true,
    fix: '',
  },
};
