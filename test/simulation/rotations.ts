import type { CertificateRotation, CertificateRotationSpec } from '../../src/api/generated/certificaterotations.ts';
import type { Change } from './api-server.ts';
import { RECONCILE_REQUESTED_AT } from './names.ts';
import type { Random } from './random.ts';

/** What a history with rotations has besides. */
export interface Rotations {
  readonly ledger: RotationLedger;
  /** The namespaces that may rotate, by the policy. */
  readonly mayRotate: ReadonlySet<string>;
  weather: RotationWeather;
}

/** How likely what goes wrong with rotations is; probabilities are of one call, or of one rotation. */
export interface RotationWeather {
  /** No answer to the request: it never arrived, it arrived, or it arrives minutes later. */
  readonly never: number;
  readonly unanswered: number;
  readonly late: number;
  readonly refused: number;
  readonly throttled: number;
  /** Of a rotation that began. */
  readonly failsBefore: number;
  readonly failsAfter: number;
  readonly inVain: number;
  readonly hangs: number;
  /** Of a listing of the kubeconfig: it has the CA from before a rotation that runs, or has just ended. */
  readonly stale: number;
  readonly unlisted: number;
  /** Of a CA that was replaced: nobody brings the Secrets of the cluster up to date before the history calms down. */
  readonly keepsSecrets: number;
  /** Of a rotation that ended: its request is applied once more. */
  readonly appliedAgain: number;
  /** True where one fault hits every request, or every rotation, for hours. */
  readonly lasts?: true;
}

export const CALM_ROTATIONS: RotationWeather = {
  ...{ never: 0, unanswered: 0, late: 0, refused: 0, throttled: 0 },
  ...{ failsBefore: 0, failsAfter: 0, inVain: 0, hangs: 0 },
  ...{ stale: 0, unlisted: 0, keepsSecrets: 0, appliedAgain: 0 },
};

export function drawRotationWeather(random: Random): RotationWeather {
  const some = (share: number, strongest: number) => (random.chance(share) ? random.between(0, strongest) : 0);
  const weather = {
    ...{ never: some(0.25, 0.6), unanswered: some(0.25, 0.6), late: some(0.25, 0.6) },
    ...{ refused: some(0.25, 0.6), throttled: some(0.15, 0.4) },
    ...{ failsBefore: some(0.25, 1), failsAfter: some(0.25, 1), inVain: some(0.15, 1), hangs: some(0.15, 1) },
    ...{ stale: some(0.6, 1), unlisted: some(0.25, 0.6), keepsSecrets: some(0.3, 1) },
    appliedAgain: some(0.5, 1),
  };
  const lasting = ['never', 'unanswered', 'refused', 'failsBefore', 'failsAfter', 'hangs', 'unlisted'] as const;
  return random.chance(0.15) ? { ...CALM_ROTATIONS, [random.pick(lasting)]: 1000, lasts: true } : weather;
}

/** What one version of a CertificateRotation object asked for. */
export interface RotationVersion {
  readonly version: number;
  readonly spec: CertificateRotationSpec;
  readonly namespace: string;
  readonly deleting: boolean;
  readonly gone: boolean;
}

interface RotationLife {
  readonly cluster: string;
  readonly versions: RotationVersion[];
}

/** Every CertificateRotation object as it really was. */
export class RotationLedger {
  readonly #lives = new Map<string, RotationLife>();
  /** When a person last did something to an object of a cluster, in ms. */
  readonly #editedAt = new Map<string, number>();
  readonly #words = new Map<string, string>();

  note({ kind, type, object, version }: Change, now: number): void {
    if (kind !== 'certificaterotations') return;
    const { metadata, spec } = object as unknown as CertificateRotation;
    const uid = metadata.uid ?? '';
    const word = `${metadata.generation} ${metadata.annotations?.[RECONCILE_REQUESTED_AT]}`;
    const gone = type === 'DELETED';
    if (!gone && this.#words.get(uid) === word) return;
    this.#words.set(uid, word);
    const cluster = spec.target.resourceId.toLowerCase();
    this.#editedAt.set(cluster, now);
    const life = this.#lives.get(uid) ?? { cluster, versions: [] };
    this.#lives.set(uid, life);
    const deleting = metadata.deletionTimestamp !== undefined;
    life.versions.push({ version, spec, namespace: metadata.namespace ?? '', deleting, gone });
  }

  editedAt(cluster: string): number {
    return this.#editedAt.get(cluster) ?? -Infinity;
  }

  /** What the objects of a cluster asked for at each version of the API server between two of them. */
  between(cluster: string, from: number, to: number): readonly (readonly RotationVersion[])[] {
    const lives = [...this.#lives.values()].filter((life) => life.cluster === cluster);
    const changes = lives.flatMap(({ versions }) => versions.map(({ version }) => version));
    const points = [from, ...changes.filter((version) => version > from && version <= to)];
    return points.map((point) =>
      lives.flatMap(({ versions }) => {
        const present = versions.findLast(({ version }) => version <= point);
        return present && !present.gone ? [present] : [];
      }),
    );
  }
}
