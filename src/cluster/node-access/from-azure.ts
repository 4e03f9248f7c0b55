import { createHash } from 'node:crypto';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { TargetAccessOptions, Opener } from './target-way.ts';
import { failureOf, withHint, type TargetFailure } from './access-errors.ts';
import { readAzureKubeconfig, type AzureKubeconfig } from './azure-kubeconfig.ts';

/** A kubeconfig that ARM handed out, in use; in memory only. */
interface Held {
  readonly hash: string;
  readonly connection: Connection;
  readonly hints: Partial<Record<TargetFailure, string>>;
}

/** Another kubeconfig may resolve these: the cluster's certificates were rotated, or it was made anew under its name. */
const OUTDATED: ReadonlySet<TargetFailure | undefined> = new Set(['Unauthorized', 'Certificate', 'Name']);

/**
 * Address, CA and, where the cluster has no Microsoft Entra ID, account of the API server as ARM says. What it said is kept until
 * the server does not take it any more; ARM is then asked again, at most every `askAgainMs`, and the request sent again.
 */
export function createTargetFromAzure(
  options: TargetAccessOptions & Required<Pick<TargetAccessOptions, 'open'>>,
  id: ClusterId,
): Opener {
  const { arm, apiServerToken, apiServerSuffixes, open, now, askAgainMs } = options;
  let held: Held | undefined;
  /** Why ARM's last answer was of no use. */
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
    if (held?.hash === hash) return;
    const reading = readAzureKubeconfig(outcome.value, apiServerToken, apiServerSuffixes);
    if (!reading.ok) {
      refusal = `the kubeconfig that ARM hands out cannot be used: ${reading.message}`;
      return;
    }
    const before = held;
    held = { hash, connection: open(reading.credentials, id.key), hints: hintsFor(reading) };
    await before?.connection.close();
  }

  function askOnce(id: ClusterId, signal: AbortSignal): Promise<void> {
    return (asking ??= ask(id, signal).finally(() => (asking = undefined)));
  }

  /** Does it over what is held, and once more over what ARM says now if that differs and may help. */
  async function over<T>(id: ClusterId, send: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    const first = held;
    if (!first) throw new Error('the connection is closed');
    try {
      return await send(first.connection);
    } catch (error) {
      if (held === first && OUTDATED.has(failureOf(error)) && now() >= askAgainAt) await askOnce(id, signal);
      if (held === first || !held) throw explain(error, first);
    }
    const second = held;
    try {
      return await send(second.connection);
    } catch (error) {
      throw explain(error, second);
    }
  }

  function explain(error: unknown, { hints: hints }: Held): unknown {
    const failure = failureOf(error);
    if (failure === undefined || refusal === undefined || !OUTDATED.has(failure)) return withHint(error, hints);
    return withHint(error, { [failure]: `ARM was asked for another kubeconfig: ${refusal}` });
  }

  return {
    async connect(signal) {
      if (!held && now() >= askAgainAt) await askOnce(id, signal);
      if (!held) return refusal ?? 'ARM was not heard out';
      const { server } = held.connection;
      return {
        server,
        request: (request) => over(id, (connection) => connection.request(request), request.signal ?? signal),
        stream: (request) => over(id, (connection) => connection.stream(request), request.signal ?? signal),
        close: () => Promise.resolve(),
        get lastResponseDate() {
          return held?.connection.lastResponseDate;
        },
      };
    },
    async close() {
      const { connection } = held ?? {};
      held = undefined;
      await connection?.close();
    },
  };
}

function describe({ status, code, message, fix: hint }: ArmFailure): string {
  const http = status > 0 ? `HTTP ${status}, ` : '';
  const sentences = [`ARM hands out no kubeconfig of the cluster (${http}${code}): ${message}`, hint];
  return sentences
    .filter((sentence) => sentence !== '')
    .map((sentence) => sentence.replace(/\.$/, ''))
    .join('. ');
}

function hintsFor(reading: Extract<AzureKubeconfig, { ok: true }>): Held['hints'] {
  const Certificate =
    'ARM names another CA: where the certificates of the cluster are being rotated, this ends by itself';
  if (reading.signIn === 'LocalAccount')
    return { Unauthorized: 'the local account that ARM hands out is not known: it is asked for again', Certificate };
  const tenant = reading.tenantId === undefined ? '' : `; the cluster takes tokens of tenant ${reading.tenantId}`;
  return {
    Unauthorized: `the API server does not take the token of the controller's Azure identity${tenant}`,
    Forbidden:
      "bind the ClusterRole of deploy/target-cluster to the object id of the controller's Azure identity, or assign the Azure role that is there where the cluster uses Azure RBAC",
    Certificate,
  };
}
