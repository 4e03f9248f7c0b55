import { clusterText } from './cluster/view.ts';
import { resourceIdOf } from './arm/resource-id.ts';
import { makeThrottling } from './arm/throttling.ts';
import type { FrontDoor } from './arm/front-door.ts';
import { runningClock } from './clock.ts';
import { makeFaults } from './faults.ts';
import { makeJournal } from './journal.ts';
import { settingsOf } from './options.ts';
import type { Settings, SimulatorOptions } from './options.ts';
import { seededRandom } from './random.ts';
import { makeBearerTokens } from './sign-in/bearer.ts';
import { makeDirectory } from './sign-in/directory.ts';
import type { SignInSettings } from './sign-in/endpoints.ts';
import { makeSigningKey } from './sign-in/signing-key.ts';
import { countRequests } from './statistics.ts';
import { makeWords } from './words.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

/** The parts of a simulator, put together. */
export interface Services {
  readonly settings: Settings;
  readonly door: FrontDoor;
  readonly signIn: SignInSettings;
}

/** Puts the parts together. `url` is asked for when the listener has an address. */
export function makeServices(options: SimulatorOptions, url: () => string): Services {
  const settings = settingsOf(options);
  const { realNow, eTags, tokenSeconds, nodeSeconds, overheadSeconds, readyTimeoutSeconds, surgeAfterFailure } =
    settings;
  const clock = options.clock ?? runningClock(settings.speed, realNow);
  const random = seededRandom(settings.seed);
  // With a seed of its own, so that ids do not depend on the messages.
  const words = makeWords(settings.words, seededRandom(settings.seed + 1));
  const directory = makeDirectory(random);
  const { tenantId } = directory;
  const world = makeWorld(
    { clock, random, words, realNow, nodeSeconds, overheadSeconds, readyTimeoutSeconds, surgeAfterFailure },
    tenantId,
  );
  const key = makeSigningKey();
  const issuer = () => `${url()}/${tenantId}/`;
  const tokens = makeBearerTokens({ key, tenantId, issuer, audience: url, realNow });
  const faults = makeFaults({ now: () => clock.now(), snapshot: (resourceId) => textsOf(world, eTags, resourceId) });
  return {
    settings,
    signIn: { directory, tokens, key, url, tokenSeconds, realNow, faults, clock },
    door: {
      world,
      directory,
      tokens,
      faults,
      clock,
      monotonicNow: settings.monotonicNow,
      url,
      requestCount: countRequests(),
      journal: makeJournal(settings.journalLimit, settings.journalBodies),
      throttling: makeThrottling(clock, settings.throttling),
      settings: {
        apiVersions: settings.apiVersions,
        eTags,
        pageSize: settings.pageSize,
        kubernetesVersions: settings.kubernetesVersions,
        pollSeconds: settings.pollSeconds,
        list: { unwrapped: settings.unwrappedListErrors, pem: settings.pem },
      },
    },
  };
}

function textsOf(world: World, eTags: boolean, resourceId: string | undefined): Map<string, string> {
  return new Map(
    world
      .clusters()
      .map((cluster) => [resourceIdOf(cluster.id).toLowerCase(), clusterText(cluster, { eTags })] as const)
      .filter(([id]) => resourceId === undefined || id === resourceId.toLowerCase()),
  );
}
