import type { Aks } from '../aks.ts';
import type { PutFate } from '../lasting.ts';
import { VICTIM } from '../script.ts';
import type { Condition, Costs, Stage } from './condition.ts';
import { answerOf } from './of-writes.ts';

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

/** While an operation holds its slot, which is an hour without node access, it is read every 15 s; then less and less often. */
const WATCHED: Partial<Costs> = { firstReads: 300 };
/** Without node access a process that began anew cannot tell that it was ours. Each attempt replaces nodes, which is said. */
const ATTEMPTS: Partial<Costs> = {
  firstReads: 300,
  readsAnHour: 40,
  // An attempt is written before and after it leaves, when ARM shows it, for each of at most three nodes, when it has ended, and when
  // nobody may wait any longer.
  firstRecordWrites: 50,
  recordWritesAnHour: 8,
  firstStatusWrites: 50,
  statusWritesAnHour: 8,
  // Sent, at work, failed: each attempt replaces nodes, of which people are told.
  firstEvents: 20,
  eventsAnHour: 3.3,
};

/** What becomes of the writes that would resume it. */
const AFTERWARDS: Readonly<Record<string, { readonly fate: PutFate; readonly reason: string }>> = {
  'refused: policy': { fate: { kind: 'Refused', answer: answerOf('policy') }, reason: 'DisallowedByPolicy' },
  'refused: unsatisfiable-pdb': {
    fate: { kind: 'Refused', answer: answerOf('unsatisfiable-pdb') },
    reason: 'UpdateFailed',
  },
  throttled: { fate: { kind: 'Refused', answer: answerOf('throttled-by-aks') }, reason: 'Throttled' },
  lost: { fate: { kind: 'Lost' }, reason: 'Unreachable' },
  'accepted and forgotten': { fate: { kind: 'Forgotten' }, reason: 'UpdateFailed' },
};

/** Conditions of the cluster itself. */
export const OF_CLUSTERS: readonly Condition[] = [
  ...Object.entries(AFTERWARDS).map(([name, { fate, reason }]) =>
    ofCluster(
      `an operation has failed, and every further write is ${name}`,
      // A list that was never there is missed, one that is there is resumed.
      [reason, 'ClusterFailed', ...(fate.kind === 'Forgotten' ? ['NotKept'] : [])],
      (aks, { world }) => {
        aks.lastingEnd = 'Failed';
        world.lasting = { put: (one) => (one === aks && aks.state === 'Failed' ? fate : undefined) };
        return () => {
          aks.lastingEnd = undefined;
          world.lasting = undefined;
        };
      },
      ATTEMPTS,
    ),
  ),
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
    // An operation that reports Succeeded has replaced its nodes.
    if (aks.running) aks.complete();
    aks.edit(() => (aks.stopped = true));
    return () => aks.edit(() => (aks.stopped = false));
  }),
  ofCluster("somebody else's upgrade has failed", ['ClusterFailed'], (aks, { world }) => {
    if (aks.running) aks.complete();
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
