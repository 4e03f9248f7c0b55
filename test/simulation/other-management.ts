import { ApiServer } from './api-server.ts';
import { Ledger } from './ledger.ts';
import { RotationLedger, type Rotations } from './rotations.ts';
import type { World } from './world.ts';

/**
 * The same clusters, seen from another management cluster: everything is shared but its API server and what is in it. Its controller
 * knows nothing of the first one.
 */
export function otherManagement(world: World): World {
  const { scheduler, rotations } = world;
  const api = new ApiServer(() => scheduler.now);
  const ledger = new Ledger();
  const own = {
    ledger: new RotationLedger(),
    mayRotate: rotations?.mayRotate ?? new Set<string>(),
    get weather() {
      return rotations!.weather;
    },
  } satisfies Rotations;
  api.watchers.add((change) => own.ledger.note(change, scheduler.now));
  const parts: Partial<World> = { api, ledger, rotations: own };
  return new Proxy(world, {
    get: (shared, name) => (name in parts ? Reflect.get(parts, name) : Reflect.get(shared, name)) as unknown,
    set: (shared, name, value) => Reflect.set(shared, name, value),
  });
}
