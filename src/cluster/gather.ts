import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import type { ClusterId } from '../api/resource-id.ts';
import type { ClusterModel } from '../azure/cluster-model.ts';
import { BUDGET_USED_UP, type ManagedClusters, type OperationStatus } from '../azure/managed-clusters.ts';
import { OPEN_POLICY, type Policy } from '../policy/policy.ts';
import type { CertificateReader } from '../certificates/reader.ts';
import { isState, runningOperation } from './cluster-state.ts';
import { readIntent, type Intent } from './intent.ts';
import { CacheBehindError, isCurrent, mayLag } from './lag.ts';
import type { Depth, NodeReader } from './target/node-reader.ts';
import type { ArmObservation, NodesObservation, Observation } from './observation.ts';
import { attemptOf, type RecordedOperation } from './record.ts';
import type { Records } from './records.ts';
import { isDrifting } from './reimage/coverage.ts';
import type { Sighting } from './survey.ts';

export interface Sources {
  readonly records: Records;
  /** Every CustomCATrust that names the cluster. */
  readonly intentsOf: (key: string) => readonly CustomCATrust[];
  /** One object as the API server has it now, by namespace/name; undefined when there is none. */
  readonly objectNow: (name: string, signal: AbortSignal) => Promise<CustomCATrust | undefined>;
  readonly arm: ManagedClusters;
  readonly nodes: Pick<NodeReader, 'read'>;
  readonly reader: CertificateReader;
  /** Who may do what at this moment; default: what holds without a policy file. */
  readonly policy?: () => Policy;
  readonly now: () => number;
  /** What a LIST saw of a cluster a moment ago. */
  readonly sighting?: (key: string) => Sighting | undefined;
}

/** What the caches have of a cluster. */
export type Known = Pick<Observation, 'id' | 'record' | 'intents'>;

/** Reads everything one pass needs and judges none of it. */
export interface Gather {
  known(id: ClusterId): Known;
  /**
   * `Closely` asks ARM for the cluster itself, also where a LIST has just seen it.
   *
   * @throws CacheBehindError when the cache has an object as it was before the record was made
   */
  look(known: Known, signal: AbortSignal, how?: 'Closely'): Promise<Observation>;
}

/** How the looks at one cluster went lately; memory only, a restart begins anew. */
interface Looks {
  failedInARow: number;
  lastReadAt?: number;
}

export function createGather(sources: Sources): Gather {
  const { records, intentsOf, arm, nodes, reader, now, policy = () => OPEN_POLICY } = sources;
  const looks = new Map<string, Looks>();

  return {
    known(id) {
      // The record first: what it says of an object must never be newer than the object that is read.
      const record = records.read(id);
      const intents = intentsOf(id.key)
        .map(read)
        // A cache has them in the order of their last changes, ours included: what is said of them would never come to rest.
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      if (intents.length === 0 && !record) looks.delete(id.key);
      return { id, record, intents };
    },
    async look(known, signal, how) {
      const { id, record, intents } = known;
      const recorded = record?.status?.operation !== undefined;
      const sighting = how === 'Closely' ? undefined : sources.sighting?.(id.key);
      const watched = recorded || isDrifting(record?.status);
      const arm =
        sighting && !watched ? listed(sighting) : await readCluster(id, intents, record?.status?.operation, signal);
      await assertCurrent(known, signal);
      if (!watched || !arm.ok) return { ...known, arm, nodes: notRead(intents) };
      const { model } = arm.reading;
      const depth = recorded ? depthFor(model) : 'Nodes';
      const owner = { ...model, subscriptionId: id.subscriptionId };
      return { ...known, arm, nodes: await nodes.read(id.key, intents, depth, signal, owner) };
    },
  };

  function read(object: CustomCATrust): Intent {
    const grants = policy().grants(object.metadata.namespace ?? '', object.spec.target.resourceId);
    return readIntent(object, (text) => reader.readSource(text), grants);
  }

  async function assertCurrent({ id, record, intents }: Known, signal: AbortSignal): Promise<void> {
    for (const name of mayLag(record && (record.status ?? {}), intents)) {
      const intent = intents.find((one) => one.name === name);
      if (!isCurrent(intent, await sources.objectNow(name, signal), id.key))
        throw new CacheBehindError(`CustomCATrust ${name}`);
    }
  }

  function listed({ model, readAt }: Sighting): ArmObservation {
    const list = model.elements.map((element) => reader.readElement(element));
    return { ok: true, listed: true, reading: { text: '', model, readAt }, list };
  }

  async function readCluster(
    id: ClusterId,
    intents: readonly Intent[],
    recorded: RecordedOperation | undefined,
    signal: AbortSignal,
  ): Promise<ArmObservation> {
    const look = looks.get(id.key) ?? { failedInARow: 0 };
    looks.set(id.key, look);
    const outcome = await arm.get(id, signal);
    if (outcome.ok) {
      look.failedInARow = 0;
      look.lastReadAt = now();
      const { model } = outcome.value;
      const ended =
        recorded && (isState(model.provisioningState, 'Failed') || isState(model.provisioningState, 'Canceled'));
      const operation: OperationStatus | undefined = ended
        ? await arm.operationStatus(id, attemptOf(recorded), signal)
        : undefined;
      return {
        ok: true,
        reading: outcome.value,
        list: model.elements.map((element) => reader.readElement(element)),
        ...(operation ? { operation } : {}),
      };
    }
    if (outcome.failure.code !== BUDGET_USED_UP) look.failedInARow += 1;
    // A record that no object is left for waits as well.
    const waits = intents.length === 0 || intents.some(({ deletion }) => deletion === 'Remove');
    const waitsForEnd = outcome.failure.reason === 'ClusterNotFound' && waits;
    return {
      ok: false,
      failure: outcome.failure,
      failedInARow: look.failedInARow,
      ...(look.lastReadAt === undefined ? {} : { lastReadAt: look.lastReadAt }),
      ...(waitsForEnd ? { groupIsReadable: await arm.groupIsReadable(id, signal) } : {}),
    };
  }
}

/** While AKS works, nothing is decided by what the nodes say; afterwards everything is. */
function depthFor(model: ClusterModel): Depth {
  return runningOperation(model) === undefined ? 'Outcome' : 'Progress';
}

function notRead(intents: readonly Intent[]): NodesObservation {
  return intents.some(({ object }) => object.spec.target.nodeAccess) ? { kind: 'NotRead' } : { kind: 'NoAccess' };
}
