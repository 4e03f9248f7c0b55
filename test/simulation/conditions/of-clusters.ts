import type { Aks } from '../aks.ts';
import { VICTIM } from '../script.ts';
import type { Condition, Costs, Stage } from './condition.ts';

const MINUTE = 60_000;
const ENDLESS = 1000 * 60 * MINUTE;

function ofCluster(
  name: string,
  reasons: readonly string[],
  begin: (aks: Aks, stage: Stage) => () => void,
  costs: Partial<Costs> = {},
): Condition {
  return {
    name,
    spares: 'OtherClusters',
    says: { object: VICTIM, reasons, within: 30 * MINUTE },
    costs,
    begin: (stage) => begin(stage.aks, stage),
  };
}

/** While AKS works on something of ours, it is asked every 15 s. */
const WATCHED: Partial<Costs> = { firstReads: 300, readsAnHour: 260 };
/** Without node access a process that began anew cannot tell that it was ours. Each attempt replaces nodes, which is said. */
const ATTEMPTS: Partial<Costs> = {
  firstReads: 300,
  readsAnHour: 40,
  firstRecordWrites: 90,
  recordWritesAnHour: 14,
  firstStatusWrites: 90,
  statusWritesAnHour: 14,
  firstEvents: 40,
  eventsAnHour: 4,
};

/** Conditions of the cluster itself. */
export const OF_CLUSTERS: readonly Condition[] = [
  ofCluster('every operation fails', ['UpdateFailed', 'ClusterFailed'], (aks) => lastingEnd(aks, 'Failed'), ATTEMPTS),
  ofCluster(
    'every operation is canceled',
    ['UpdateCanceled', 'ClusterFailed'],
    (aks) => lastingEnd(aks, 'Canceled'),
    ATTEMPTS,
  ),
  ofCluster(
    'no operation ends',
    ['Updating', 'ReimageInProgress', 'ReimageBlocked'],
    (aks) => {
      aks.lastingEnd = 'Never';
      return () => {
        aks.lastingEnd = undefined;
        aks.complete();
      };
    },
    WATCHED,
  ),
  ofCluster('AKS leaves a node as it is', ['Updating', 'Trusted', 'ReimageInProgress'], (aks) => {
    aks.leavesOld = true;
    return () => {
      aks.leavesOld = false;
      aks.complete();
    };
  }),
  ofCluster(
    'the cluster is Updating by others',
    ['ClusterBusy', 'Updating', 'ReimageInProgress', 'ReimageBlocked'],
    (aks, { every }) => {
      let over = false;
      const occupy = () => {
        if (!aks.running && !over) aks.begin({ ours: false, state: 'Scaling', ms: ENDLESS });
      };
      occupy();
      every(() => 30_000, occupy);
      return () => {
        over = true;
        aks.finish('Succeeded');
      };
    },
    WATCHED,
  ),
  ofCluster('the cluster is stopped', ['ClusterStopped'], (aks) => {
    aks.finish('Succeeded');
    aks.edit(() => (aks.stopped = true));
    return () => aks.edit(() => (aks.stopped = false));
  }),
  ofCluster("somebody else's upgrade has failed", ['ClusterFailed'], (aks, { world }) => {
    aks.finish('Succeeded');
    aks.nextEnd = 'Failed';
    aks.begin({ ours: false, state: 'Upgrading', ms: MINUTE });
    return () => {
      world.note('the upgrade is finished');
      aks.begin({ ours: false, state: 'Updating', ms: MINUTE });
    };
  }),
  ofCluster('the cluster is gone', ['ClusterNotFound'], (aks, { world }) => {
    world.ledger.forget(aks.key);
    aks.remove();
    return () => aks.recreate();
  }),
];

function lastingEnd(aks: Aks, end: 'Failed' | 'Canceled'): () => void {
  aks.lastingEnd = end;
  return () => (aks.lastingEnd = undefined);
}
