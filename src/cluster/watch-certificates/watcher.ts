import type { Evidence } from '../../cluster-certificates/evidence.ts';
import { readEvidence } from '../../cluster-certificates/read/read-evidence.ts';
import type { CertificatesReport, FollowUp } from '../model/follow-up.ts';
import type { Intent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { rotationsOf, type RotationIntent } from '../model/rotation.ts';
import type { Timing } from '../model/timing.ts';
import { sourcesFor, type SourceTools } from './sources.ts';

export interface WatcherOptions extends SourceTools {
  readonly now: () => number;
  /** From 0 to 1: spreads the reads of clusters that would otherwise all come at the same time. */
  readonly random: () => number;
  readonly timing: Pick<Timing, 'certificates'>;
}

interface LastRead {
  readonly token: string;
  readonly nextAt: number;
}

/**
 * Reads a cluster's own certificates for each CertificateRotation object: when the object is new or was edited, and from time to time
 * after that. When it was read last is kept in memory only, so that a status changes only with what it says.
 */
export function createCertificateWatcher(options: WatcherOptions): FollowUp {
  const { now, random, timing } = options;
  /** By the uid of the object. */
  const lastReads = new Map<string, LastRead>();

  async function read(
    intent: RotationIntent,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<CertificatesReport> {
    const sources = await sourcesFor(intent, observation, options, signal);
    const evidence: Evidence = await readEvidence(sources, now, signal);
    const [withAccess, without] = timing.certificates;
    const interval = sources.access ? withAccess : without;
    lastReads.set(uidOf(intent), { token: intent.token, nextAt: now() + interval * (0.9 + 0.1 * random()) });
    return { evidence };
  }

  return {
    name: 'certificates',
    isDue: (intent) => isWatched(intent) && nextIn(intent) <= 0,
    restsMs: (intent) => (isWatched(intent) ? Math.max(0, nextIn(intent)) : undefined),
    async step(observation, _decision, signal) {
      const intents = rotationsOf(observation.intents);
      const due = intents.filter((intent) => isWatched(intent) && nextIn(intent) <= 0);
      if (!observation.arm.ok || observation.arm.listed || due.length === 0) return new Map();
      const reports = due.map(async (intent) => [intent.name, await read(intent, observation, signal)] as const);
      return new Map(await Promise.all(reports));
    },
  };

  /** The time until the object's next read, in ms; not above 0 where it is due. */
  function nextIn(intent: Intent): number {
    const last = lastReads.get(uidOf(intent));
    return last?.token === intent.token ? last.nextAt - now() : 0;
  }
}

function isWatched(intent: Intent): boolean {
  return rotationsOf([intent]).length > 0 && !intent.frozen && !intent.deletion;
}

function uidOf({ object }: Intent): string {
  return object.metadata.uid ?? '';
}
