import { createHash } from 'node:crypto';
import type { ClusterId } from '../../api/resource-id.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import type { CredentialAnswer, NotedBefore } from '../model/observation.ts';
import type { OldCredentialState } from '../kinds/rotate-certificates/verification.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import {
  OLD_CREDENTIALS,
  readOldCredentials,
  tryCredential,
  type OldCredential,
  type OldCredentials,
} from './old-credentials.ts';

/** Keeps the credentials of before a rotation, in memory only, until it is proved that the API server rejects them. */
export interface CredentialVault {
  /**
   * Keeps the credentials of a kubeconfig, and tries each: only one that is accepted now can show later that it is rejected. The same
   * kubeconfig is tried again at most every five minutes.
   */
  capture(id: ClusterId, kubeconfig: string, caPem: string, signal: AbortSignal): Promise<NotedBefore>;
  /**
   * Tries each once more, on a server whose certificate `caPem`, the new cluster CA, has signed. Undefined where none is kept, because
   * the controller was started since.
   */
  prove(
    id: ClusterId,
    caPem: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<OldCredential, OldCredentialState>> | undefined>;
  /** The answers of before the rotation; undefined where none is kept. */
  before(id: ClusterId): NotedBefore | undefined;
  /** Drops the credentials of the cluster. */
  forget(id: ClusterId): void;
}

export interface VaultOptions {
  /** Connects to a target cluster; `payer` counts for the limits on memory. */
  readonly open: (credentials: Credentials, payer: string) => Connection;
  readonly now: () => number;
}

/** The same kubeconfig is tried again after this time, in ms. */
const TRIED_AGAIN = 5 * 60_000;
/** Credentials are dropped this long after they were tried last before a rotation, in ms. */
const KEPT = 24 * 60 * 60_000;

interface Rejections {
  readonly since: number;
  readonly times: number;
}

interface Kept {
  readonly digest: string;
  /** Undefined where the kubeconfig has none. */
  readonly old: OldCredentials | undefined;
  readonly answers: NotedBefore;
  readonly at: number;
  readonly rejections: Partial<Record<OldCredential, Rejections>>;
}

const NONE: CredentialAnswer = { kind: 'None' };

export function createCredentialVault({ open, now }: VaultOptions): CredentialVault {
  const vault = new Map<string, Kept>();

  const ask = (id: ClusterId, old: OldCredentials, which: OldCredential, caPem: string, signal: AbortSignal) =>
    tryCredential(old, which, caPem, (credentials) => open(credentials, id.key), signal);

  async function tryEach(id: ClusterId, old: OldCredentials, caPem: string, signal: AbortSignal): Promise<NotedBefore> {
    const [clientCertificate, token] = await Promise.all([
      ask(id, old, 'clientCertificate', caPem, signal),
      ask(id, old, 'token', caPem, signal),
    ]);
    return { clientCertificate, token };
  }

  function sweep(): void {
    for (const [key, { at }] of vault) if (now() - at > KEPT) vault.delete(key);
  }

  return {
    async capture(id, kubeconfig, caPem, signal) {
      sweep();
      const digest = createHash('sha256').update(kubeconfig).digest('hex');
      const kept = vault.get(id.key);
      if (kept?.digest === digest && now() - kept.at < TRIED_AGAIN) return kept.answers;
      const old = readOldCredentials(kubeconfig);
      const answers = old ? await tryEach(id, old, caPem, signal) : { clientCertificate: NONE, token: NONE };
      vault.set(id.key, { digest, old, answers, at: now(), rejections: {} });
      return answers;
    },
    async prove(id, caPem, signal) {
      sweep();
      const kept = vault.get(id.key);
      if (!kept) return undefined;
      const answers = kept.old ? await tryEach(id, kept.old, caPem, signal) : kept.answers;
      const rejections: Partial<Record<OldCredential, Rejections>> = {};
      const states = OLD_CREDENTIALS.map((which): readonly [OldCredential, OldCredentialState] => {
        if (kept.answers[which].kind !== 'Accepted') return [which, withoutControl(kept.answers[which])];
        const answer = answers[which];
        const before = kept.rejections[which];
        if (answer.kind === 'Accepted') return [which, { kind: 'Accepted' }];
        if (answer.kind !== 'Rejected') {
          // A server that cannot be reached for a moment takes nothing back.
          if (before) rejections[which] = before;
          return [which, { kind: 'Unknown', why: answer.kind === 'Unknown' ? answer.why : '' }];
        }
        const { since = now(), times = 0 } = before ?? {};
        rejections[which] = { since, times: times + 1 };
        return [which, { kind: 'Rejected', times: times + 1, overMs: now() - since }];
      });
      vault.set(id.key, { ...kept, rejections });
      return Object.fromEntries(states) as Record<OldCredential, OldCredentialState>;
    },
    before: ({ key }) => vault.get(key)?.answers,
    forget: ({ key }) => void vault.delete(key),
  };
}

/** A credential that was not accepted before the rotation proves nothing by being rejected after it. */
function withoutControl(answer: CredentialAnswer): OldCredentialState {
  if (answer.kind === 'None') return { kind: 'None' };
  const why =
    answer.kind === 'Unknown'
      ? answer.why
      : 'The API server rejected it before the rotation already, so that a rejection now shows nothing.';
  return { kind: 'Unknown', why, lasting: true };
}
