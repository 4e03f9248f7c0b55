import { createHash } from 'node:crypto';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { TargetAccessOptions, Opener } from './target-way.ts';
import { failureOf, withHint, type TargetFailure } from './access-errors.ts';
import { readAzureKubeconfig, type AzureKubeconfig } from './azure-kubeconfig.ts';

/** The kubeconfig from ARM that is in use; in memory only. */
interface KubeconfigInUse {
  readonly hash: string;
  readonly connection: Connection;
  readonly hints: Partial<Record<TargetFailure, string>>;
}

/** Failures that a new kubeconfig may fix: the cluster's certificates were rotated, or it was created again under its name. */
const OUTDATED: ReadonlySet<TargetFailure | undefined> = new Set(['Unauthorized', 'Certificate', 'Name']);

/**
 * Opens connections with the kubeconfig from ARM: address, CA and, where the cluster does not use Microsoft Entra ID, the account.
 * The kubeconfig is kept until the API server rejects it. ARM is then asked again, at most every `askAgainMs`, and the request is
 * sent again.
 */
export function createTargetFromAzure(
  options: TargetAccessOptions & Required<Pick<TargetAccessOptions, 'open'>>,
  id: ClusterId,
): Opener {
  const { arm, apiServerToken, apiServerSuffixes, open, now, askAgainMs } = options;
  let current: KubeconfigInUse | undefined;
  /** Why ARM's last response gave no usable kubeconfig. */
  let refusal: string | undefined;
  let askAgainAt = -Infinity;
  let asking: Promise<void> | undefined;

  async function ask(id: ClusterId, signal: AbortSignal): Promise<void> {
    const outcome = await arm.userKubeconfig(id, signal);
    askAgainAt = now() + askAgainMs;
    if (!outcome.ok) {
      const { failure } = outcome;
      const afterMs = failure.reason === 'Unreachable' ? Math.min(failure.backoff.fromMs, askAgainMs) : askAgainMs;
      askAgainAt = now() + (failure.retryAfterMs ?? afterMs);
      refusal = describe(failure);
      return;
    }
    const hash = createHash('sha256').update(outcome.value).digest('hex');
    refusal = undefined;
    if (current?.hash === hash) return;
    const reading = readAzureKubeconfig(outcome.value, apiServerToken, apiServerSuffixes);
    if (!reading.ok) {
      refusal = `the kubeconfig from ARM cannot be used: ${reading.message}`;
      return;
    }
    const previous = current;
    current = { hash, connection: open(reading.credentials, id.key), hints: hintsFor(reading) };
    await previous?.connection.close();
  }

  function askOnce(id: ClusterId, signal: AbortSignal): Promise<void> {
    return (asking ??= ask(id, signal).finally(() => (asking = undefined)));
  }

  /** Sends over the current kubeconfig, and once more over a new one from ARM if that differs and may help. */
  async function sendOver<T>(
    id: ClusterId,
    send: (connection: Connection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const first = current;
    if (!first) throw new Error('the connection is closed');
    try {
      return await send(first.connection);
    } catch (error) {
      if (current === first && OUTDATED.has(failureOf(error)) && now() >= askAgainAt) await askOnce(id, signal);
      if (current === first || !current) throw explain(error, first);
    }
    const second = current;
    try {
      return await send(second.connection);
    } catch (error) {
      throw explain(error, second);
    }
  }

  function explain(error: unknown, { hints }: KubeconfigInUse): unknown {
    const failure = failureOf(error);
    if (failure === undefined || refusal === undefined || !OUTDATED.has(failure)) return withHint(error, hints);
    return withHint(error, { [failure]: `ARM was asked for another kubeconfig: ${refusal}` });
  }

  return {
    async connect(signal) {
      if (!current && now() >= askAgainAt) await askOnce(id, signal);
      if (!current) return refusal ?? 'the request for a kubeconfig from ARM was cut off';
      const { server } = current.connection;
      return {
        server,
        request: (request) => sendOver(id, (connection) => connection.request(request), request.signal ?? signal),
        stream: (request) => sendOver(id, (connection) => connection.stream(request), request.signal ?? signal),
        close: () => Promise.resolve(),
        get lastResponseDate() {
          return current?.connection.lastResponseDate;
        },
      };
    },
    async close() {
      const { connection } = current ?? {};
      current = undefined;
      await connection?.close();
    },
  };
}

function describe({ status, code, message, fix: hint }: ArmFailure): string {
  const http = status > 0 ? `HTTP ${status}, ` : '';
  const sentences = [`ARM returned no kubeconfig of the cluster (${http}${code}): ${message}`, hint];
  return sentences
    .filter((sentence) => sentence !== '')
    .map((sentence) => sentence.replace(/\.$/, ''))
    .join('. ');
}

function hintsFor(reading: Extract<AzureKubeconfig, { ok: true }>): KubeconfigInUse['hints'] {
  const Certificate =
    "The API server's certificate is not signed by the CA that ARM reports. While the certificates of the cluster are being rotated, this resolves by itself";
  if (reading.signIn === 'LocalAccount')
    return {
      Unauthorized:
        'The API server does not accept the local account from ARM. The controller will request it from ARM again',
      Certificate,
    };
  const tenant = reading.tenantId === undefined ? '' : `. The cluster accepts tokens of tenant ${reading.tenantId}`;
  return {
    Unauthorized: `The API server does not accept the token of the controller's Azure identity${tenant}`,
    Forbidden:
      "Bind the ClusterRole of deploy/target-cluster to the object id of the controller's Azure identity, or assign the Azure role given there if the cluster uses Azure RBAC",
    Certificate,
  };
}
