import { ApiServer } from './api-server.ts';
import { followUp } from './foreign.ts';
import { Ledger } from './ledger.ts';
import { Scheduler, simulateTimeouts, START } from './scheduler.ts';
import type { Subject } from './subject.ts';
import type { World } from './world.ts';

/** What differs between the sorts of histories. */
export type WorldParts = Pick<
  World,
  'random' | 'aks' | 'maxChangingClusters' | 'unfenced' | 'weather' | 'clockStepped' | 'signal'
> &
  Partial<Pick<World, 'count' | 'recordsEvents' | 'budgets' | 'rotations'>>;

export interface OpenWorld {
  readonly world: World;
  /** Of everything that happened so far, in order. */
  readonly digest: () => number;
  /** To be called when the history is over: another one may then begin. */
  readonly close: () => void;
}

/** A world in which nothing has happened yet. One at a time: it takes over `AbortSignal.timeout`. */
export function openWorld(
  subject: Subject,
  seed: number,
  trace: ((line: string) => void) | undefined,
  parts: (scheduler: Scheduler) => WorldParts,
): OpenWorld {
  const scheduler = new Scheduler();
  const close = simulateTimeouts(scheduler);
  let digest = 0;
  const world: World = {
    seed,
    scheduler,
    api: new ApiServer(() => scheduler.now),
    ledger: new Ledger(),
    subject,
    lasting: undefined,
    changedAt: scheduler.now,
    violation: undefined,
    recordsEvents: false,
    count: () => {},
    note(text) {
      digest = (Math.imul(digest, 31) + hash(text) + Math.round(scheduler.now)) | 0;
      trace?.(`${((scheduler.now - START) / 1000).toFixed(2).padStart(9)} ${text}`);
    },
    ...parts(scheduler),
  };
  world.api.watchers.add((change) => {
    world.ledger.note(change);
    world.rotations?.ledger.note(change, scheduler.now);
  });
  for (const aks of world.aks) {
    aks.onChange = () => (world.changedAt = scheduler.now);
    aks.onEnd = (ours) => {
      world.signal('OperationEnded');
      if (ours && world.random.chance(world.weather.put.followed)) followUp(world, aks);
    };
  }
  return { world, digest: () => digest, close };
}

function hash(text: string): number {
  let value = 7;
  for (let place = 0; place < text.length; place++) value = (Math.imul(value, 31) + text.charCodeAt(place)) | 0;
  return value;
}
