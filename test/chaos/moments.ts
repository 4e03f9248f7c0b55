import type { JournalEntry } from '../../simulator/index.ts';
import type { Random } from '../simulation/random.ts';
import type { Ground } from './ground.ts';
import type { Newsroom } from './news.ts';
import type { SeededUser } from './seeded-user.ts';

/** When a controller is killed. */
export const MOMENTS = [
  'AnyTime',
  /** Before or while it fills its caches. */
  'StartUp',
  /** An operation was written into a record: its PUT is about to leave, on its way or there. */
  'OperationRecorded',
  /** ARM has a PUT and has not answered; it is carried out. */
  'PutUnderWay',
  /** ARM never gets the PUT that the record speaks of. */
  'PutNeverArrives',
  /** A user has asked for a deletion: the record is struck, the finaliser goes. */
  'DeletionAsked',
  /** A finaliser has gone. */
  'FinaliserGone',
] as const;
export type Moment = (typeof MOMENTS)[number];

export interface MomentTools {
  readonly ground: Ground;
  readonly user: SeededUser;
  readonly news: Newsroom;
  readonly random: Random;
}

/** Simulated ms; 0.4 s of real time, which is less than a write without an answer is waited for. */
const HELD_MS = 24_000;
const LIMIT_MS = 3000;

/** Resolves at the moment; false when it did not come in time. */
export async function waitFor(moment: Moment, tools: MomentTools): Promise<boolean> {
  const { random, news, user } = tools;
  switch (moment) {
    case 'AnyTime':
      return pause(random.between(0, 1500));
    case 'StartUp':
      return pause(random.between(50, 500));
    case 'OperationRecorded': {
      const known = new Set(news.records.map(({ status }) => status?.operation?.id));
      const recorded = news.next(({ kind, object }) => {
        const id = kind === 'TargetCluster' ? object.status?.operation?.id : undefined;
        return id !== undefined && !known.has(id);
      });
      return inTime(recorded);
    }
    case 'PutUnderWay':
      return putHeld(tools, false);
    case 'PutNeverArrives':
      return putHeld(tools, true);
    case 'DeletionAsked':
      return (await inTime(user.next('Delete'))) && pause(random.between(0, 40));
    case 'FinaliserGone':
      return inTime(news.next(({ kind, gone }) => kind === 'CustomCATrust' && gone));
  }
}

async function putHeld({ ground, random }: MomentTools, resetBefore: boolean): Promise<boolean> {
  const { simulator } = ground;
  const isHeld = ({ operation, status, lost }: JournalEntry) =>
    operation === 'PutManagedCluster' && status === 0 && lost !== true;
  const takeBack = simulator.faults.add({ operation: 'PutManagedCluster', latencyMs: HELD_MS, resetBefore });
  const limit = Date.now() + LIMIT_MS;
  for (;;) {
    if (simulator.journal().slice(-200).some(isHeld)) return pause(random.between(0, 100));
    if (Date.now() > limit) {
      takeBack();
      return false;
    }
    await pause(5);
  }
}

async function inTime(what: Promise<unknown>): Promise<boolean> {
  return Promise.race([what.then(() => true), pause(LIMIT_MS).then(() => false)]);
}

async function pause(ms: number): Promise<true> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return true;
}
