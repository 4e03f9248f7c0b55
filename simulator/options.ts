import { randomBytes } from 'node:crypto';
import type { ListValidation } from './cluster/certificate-list.ts';
import type { Clock } from './clock.ts';
import { STABLE_API_VERSIONS } from './arm/api-versions.ts';
import { KUBERNETES_VERSIONS, type KubernetesVersionSeed } from './kubernetes-versions.ts';
import type { WordChoice } from './words.ts';

/** How a simulator is to behave. Where AKS' documents are silent, the default is what is harder on clients. */
export interface SimulatorOptions {
  /** Default: a free port of 127.0.0.1. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** How many times as fast as real time simulated time goes. Default 1. */
  readonly speed?: number;
  /** Another clock, `speed` then being of no account: steppedClock() for tests that move it. */
  readonly clock?: Clock;
  /** Real milliseconds since 1970, for what real clients count: the life of tokens and certificates. */
  readonly realNow?: () => number;
  /** Decides ids and eTags. Default 1. */
  readonly seed?: number;
  /** Simulated seconds in which one node is replaced. Default 120. */
  readonly nodeSeconds?: number;
  /** Simulated seconds an operation takes besides its nodes. Default 5. */
  readonly overheadSeconds?: number;
  /** Simulated seconds that an operation waits for a node to be ready before it fails. Default 1800. */
  readonly readyTimeoutSeconds?: number;
  /** Api-versions of Microsoft.ContainerService. Default: the stable ones from 2025-01-01 on. */
  readonly apiVersions?: readonly string[];
  /** The Kubernetes versions that AKS supports in every region. Default: KUBERNETES_VERSIONS. Clusters may have others. */
  readonly kubernetesVersions?: readonly KubernetesVersionSeed[];
  /** The bearer token that requests to the control endpoints need. Default: another one at each start. */
  readonly controlToken?: string;
  /** Whether eTags are served and kept. Default true. */
  readonly eTags?: boolean;
  /** Whether the documented token buckets of ARM and AKS answer 429. Default true. */
  readonly throttling?: boolean;
  /** Most clusters of one page of a LIST. Default 100. */
  readonly pageSize?: number;
  /** Which of the real messages of ARM and AKS are used where there are several: see WordChoice. Default `usual`. */
  readonly words?: WordChoice;
  /** Whether AKS' 400 for a certificate comes without the `error` member. Default true. */
  readonly unwrappedListErrors?: boolean;
  /** The texts that count as PEM: see ListValidation. Default `exact`. */
  readonly pem?: ListValidation['pem'];
  /** Whether surge nodes stay behind when an operation fails or is canceled. Default `kept`. */
  readonly surgeAfterFailure?: 'kept' | 'removed';
  /** Real seconds a token lives. Default 3600. */
  readonly tokenSeconds?: number;
  /** How many requests the journal remembers. Default 20000. */
  readonly journalLimit?: number;
  /** Whether it remembers their bodies and the answers'. Without, ten thousand requests take a few megabytes. Default true. */
  readonly journalBodies?: boolean;
  /** Simulated seconds between two polls of an operation, for Retry-After; 0 sends none. Default 10. */
  readonly pollSeconds?: number;
  /** The monotonic clock of JournalEntry.arrivedAt, in ms. Default: the machine's. */
  readonly monotonicNow?: () => number;
}

export interface Settings extends Required<Omit<SimulatorOptions, 'clock' | 'listen'>> {
  readonly host: string;
  readonly port: number;
}

export function settingsOf(options: SimulatorOptions): Settings {
  const { clock: _clock, listen = {}, ...given } = options;
  return {
    host: listen.host ?? '127.0.0.1',
    port: listen.port ?? 0,
    speed: 1,
    realNow: Date.now,
    seed: 1,
    nodeSeconds: 120,
    overheadSeconds: 5,
    readyTimeoutSeconds: 1800,
    apiVersions: STABLE_API_VERSIONS,
    kubernetesVersions: KUBERNETES_VERSIONS,
    controlToken: randomBytes(24).toString('base64url'),
    eTags: true,
    throttling: true,
    pageSize: 100,
    words: 'usual',
    unwrappedListErrors: true,
    pem: 'exact',
    surgeAfterFailure: 'kept',
    tokenSeconds: 3600,
    journalLimit: 20_000,
    journalBodies: true,
    pollSeconds: 10,
    monotonicNow: () => Number(process.hrtime.bigint()) / 1e6,
    ...given,
  };
}
