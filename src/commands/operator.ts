import { randomUUID } from 'node:crypto';
import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../api/generated/targetclusters.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from '../api/names.ts';
import { parseClusterId } from '../api/resource-id.ts';
import type { ManagedClusters } from '../azure/managed-clusters.ts';
import type { CertificateReader } from '../certificates/reader.ts';
import { createGather } from '../cluster/gather.ts';
import { createNodeReader } from '../cluster/nodes.ts';
import { createOverlay } from '../cluster/overlay.ts';
import { passOver, type PassTools } from '../cluster/pass.ts';
import { createRecords } from '../cluster/records.ts';
import type { Timing } from '../cluster/timing.ts';
import type { Connection } from '../kubernetes/connection.ts';
import { createReflector, type Change } from '../kubernetes/reflector.ts';
import { Store } from '../kubernetes/store.ts';
import { runController, type Pass, type Result } from '../runtime/controller.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logging.ts';
import { aborted, type Part } from '../runtime/manager.ts';
import type { WorkQueue } from '../runtime/queue.ts';

export interface OperatorOptions {
  /** Reads, and writes that a {@link fenceWrites} may refuse. */
  readonly connection: Connection;
  readonly arm: ManagedClusters;
  readonly reader: CertificateReader;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: Timing;
  readonly workers: number;
  readonly logger: Logger;
  readonly emit: PassTools['emit'];
  readonly nextWindow: PassTools['nextWindow'];
  readonly metrics?: Parameters<typeof runController>[0]['metrics'];
  /** Opens connections to the API servers of target clusters; default: over the network. */
  readonly connectTarget?: Parameters<typeof createNodeReader>[1];
}

export interface Operator {
  /** Fills the caches; ready once each has its first list. */
  readonly caches: Part;
  /**
   * For a process that waited for the lease: the caches once more, from the start. A watch may have been dead for minutes, and
   * what the last leader did in that time must not look as if it had never been wanted.
   */
  readonly freshCaches: Part;
  /** Works on clusters; rules that look at every object of a cluster need full caches first. */
  readonly controller: Part;
  hasSynced(): boolean;
  /** Objects as the caches have them, for metrics. */
  trusts(): readonly CustomCATrust[];
}

const BY_CLUSTER = 'cluster';

/** Puts the rooms together: two watches feed one queue of clusters, and each key is one pass. */
export function createOperator(options: OperatorOptions): Operator {
  const { connection, queue, clock, random, logger } = options;
  const trusts = new Store<CustomCATrust>({
    indexers: { [BY_CLUSTER]: ({ spec }) => [spec.target.resourceId.toLowerCase()] },
  });
  const records = new Store<TargetCluster>({
    indexers: { [BY_CLUSTER]: ({ spec }) => [spec.resourceId.toLowerCase()] },
  });
  const overlay = createOverlay<CustomCATrust>();
  const recordsOfClusters = createRecords(connection, records);
  const nodes = createNodeReader(connection, options.connectTarget);
  const now = () => clock.now();
  const reflect = { connection, clock, random, logger };
  const reflectors = [
    createReflector({ ...reflect, path: `/apis/${API_VERSION}/customcatrusts`, store: trusts, onChange: onTrust }),
    createReflector({ ...reflect, path: `/apis/${API_VERSION}/targetclusters`, store: records, onChange: onRecord }),
  ] as const;

  const tools: PassTools = {
    connection,
    arm: options.arm,
    records: recordsOfClusters,
    nodes,
    overlay,
    now,
    random,
    timing: options.timing,
    newId: randomUUID,
    emit: options.emit,
    nextWindow: options.nextWindow,
    gather: createGather({
      records: recordsOfClusters,
      intentsOf: (key) => trusts.byIndex(BY_CLUSTER, key).map((object) => overlay.resolve(object)),
      arm: options.arm,
      nodes,
      reader: options.reader,
      now,
    }),
  };

  function onTrust(change: Change<CustomCATrust>): void {
    const { object, previous } = change;
    if (change.kind === 'deleted') overlay.forget(object.metadata.uid ?? '');
    // What we write ourselves (status, finaliser) is no news.
    if (change.kind === 'updated' && previous && !asksForAPass(previous, object)) return;
    queue.add(object.spec.target.resourceId.toLowerCase());
  }

  function onRecord(change: Change<TargetCluster>): void {
    // Status is ours alone, and a record that comes later is one we made. One that is there at the start may hold an
    // operation that no object asks for any more; one that is taken away has to be made again.
    const news = change.kind === 'deleted' || (change.kind === 'added' && !reflectors[1].hasSynced());
    if (news) queue.add(change.object.spec.resourceId.toLowerCase());
  }

  async function reconcile(key: string, pass: Pass): Promise<Result> {
    const [record] = records.byIndex(BY_CLUSTER, key);
    const [trust] = trusts.byIndex(BY_CLUSTER, key);
    // A record that was made a moment ago is in no cache yet, and may be all that is left to see through.
    const id = parseClusterId(record?.spec.resourceId ?? trust?.spec.target.resourceId ?? key);
    if (!id || (!trust && !recordsOfClusters.read(id))) return { kind: 'done' };
    const summary = await passOver(id, tools, pass.signal);
    pass.logger[summary.sent ? 'info' : 'debug'](
      { ...summary },
      summary.sent ? `list sent: ${summary.sent}` : 'looked',
    );
    const left = trusts.byIndex(BY_CLUSTER, key).length > 0 || recordsOfClusters.read(id) !== undefined;
    return left ? { kind: 'after', ms: summary.afterMs } : { kind: 'done' };
  }

  return {
    caches: {
      name: 'caches',
      async run({ stop }) {
        await Promise.all(reflectors.map((reflector) => reflector.run(stop)));
      },
      async ready() {
        await Promise.all(reflectors.map(({ synced }) => synced));
        logger.info({ trusts: trusts.size, clusters: records.size }, 'caches synced');
      },
    },
    freshCaches: {
      name: 'fresh caches',
      run: ({ stop }) => aborted(stop),
      async ready() {
        await Promise.all(reflectors.map((reflector) => reflector.refresh()));
      },
    },
    controller: {
      name: 'controller',
      async run({ stop, cutOff }) {
        const { workers, metrics } = options;
        // Looks that were planned for later would keep the process alive until they are due.
        stop.addEventListener('abort', () => queue.shutDown(), { once: true });
        const passes = { name: 'cluster', queue, workers, reconcile, signal: stop, passSignal: cutOff, logger };
        await runController({ ...passes, ...(metrics ? { metrics } : {}) });
        await nodes.close();
      },
    },
    hasSynced: () => reflectors.every((reflector) => reflector.hasSynced()),
    trusts: () => trusts.list(),
  };
}

function asksForAPass(before: CustomCATrust, after: CustomCATrust): boolean {
  return (
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.metadata.annotations?.[RECONCILE_REQUESTED_AT] !== after.metadata.annotations?.[RECONCILE_REQUESTED_AT]
  );
}
