import type { ClusterId } from '../../api/resource-id.ts';
import type { ManagedClusters, Outcome } from '../../azure/managed-clusters.ts';
import { withoutSecrets } from '../../cluster-certificates/read/kubeconfig-facts.ts';
import { backoffMs } from '../../waiting/backoff.ts';

/** The kubeconfigs that ARM has returned for clusters, without their secrets. */
export interface KeptKubeconfigs {
  /**
   * The kubeconfig of the cluster. ARM is asked at most once a day while it answers, because each request counts in its limits, and
   * less and less often while it refuses.
   *
   * @param fresh true: ARM is asked again, unless it was asked a moment ago
   */
  get(id: ClusterId, fresh: boolean, signal: AbortSignal): Promise<Outcome<string>>;
  forget(key: string): void;
}

interface Kept {
  /** Without secrets. */
  readonly text?: string;
  readonly failure?: Extract<Outcome<string>, { ok: false }>;
  readonly failures: number;
  readonly askedAt: number;
  readonly askAgainAt: number;
}

const HOUR = 60 * 60_000;
/** A kubeconfig is requested again after this time, in ms. */
const DAY = 24 * HOUR;
/** First and longest wait after a refusal, in ms. */
const REFUSED = { fromMs: 10 * 60_000, toMs: DAY };

/** @param askAgainMs ARM is asked at most this often for one cluster, in ms */
export function createKeptKubeconfigs(
  arm: Pick<ManagedClusters, 'userKubeconfig'>,
  now: () => number,
  askAgainMs: number,
): KeptKubeconfigs {
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<Outcome<string>>>();

  async function ask(id: ClusterId, signal: AbortSignal): Promise<Outcome<string>> {
    const before = kept.get(id.key);
    const outcome = await arm.userKubeconfig(id, signal);
    const askedAt = now();
    if (outcome.ok) {
      const text = withoutSecrets(outcome.value);
      // One that cannot be read says so each time, and is nothing to keep.
      if (text === undefined) kept.delete(id.key);
      else kept.set(id.key, { text, failures: 0, askedAt, askAgainAt: askedAt + DAY });
      return outcome;
    }
    const { reason, retryAfterMs = 0 } = outcome.failure;
    const passes = reason === 'Throttled' || reason === 'Unreachable';
    const failures = passes ? (before?.failures ?? 0) : (before?.failures ?? 0) + 1;
    const wait = passes ? askAgainMs : backoffMs(REFUSED, failures - 1);
    const stays = passes && before?.text !== undefined ? { text: before.text } : {};
    const askAgainAt = askedAt + Math.max(wait, retryAfterMs);
    kept.set(id.key, { ...stays, failure: outcome, failures, askedAt, askAgainAt });
    return stays.text === undefined ? outcome : { ok: true, value: stays.text };
  }

  return {
    async get(id, fresh, signal) {
      const found = kept.get(id.key);
      const askAt = found && (fresh ? found.askedAt + askAgainMs : found.askAgainAt);
      // A longer wait than a day was never planned: the clock was set back.
      if (found && askAt !== undefined && now() < askAt && askAt - now() <= DAY) {
        if (found.text !== undefined) return { ok: true, value: found.text };
        if (found.failure) return found.failure;
      }
      const running = asking.get(id.key);
      if (running) return running;
      const asked = ask(id, signal).finally(() => asking.delete(id.key));
      asking.set(id.key, asked);
      return asked;
    },
    forget: (key) => void kept.delete(key),
  };
}
