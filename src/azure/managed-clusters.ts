import type { ClusterId } from '../api/resource-id.ts';
import { InvalidAnswerError, readClusterModel, type ClusterModel } from './cluster-model.ts';
import { classifyFailure, readErrorBody, type ArmCall, type ArmFailure } from './failures.ts';
import { describeLostCall } from './lost-call.ts';
import { createQuietPeriods } from './quiet-periods.ts';
import type { ArmRequest, ArmResponse, ArmTransport } from './transport.ts';

/** api-version of a look at a resource group. */
const GROUP_API_VERSION = '2021-04-01';

/** A managed cluster as one GET found it. */
export interface ClusterReading {
  /** The answer, character by character: the body of a PUT is made from it. */
  readonly text: string;
  readonly model: ClusterModel;
  /** When the request was sent, in ms of our clock. */
  readonly readAt: number;
}

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ArmFailure };

/** The end of an operation, by its own status; `Unknown` when it cannot be asked. */
export interface OperationStatus {
  readonly status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled' | 'Unknown';
  readonly code: string;
  readonly message: string;
}

/** Reads and writes of managed clusters. Every failure is a value; nothing is retried. */
export interface ManagedClusters {
  get(id: ClusterId, signal: AbortSignal): Promise<Outcome<ClusterReading>>;
  /** Sends the whole model. What comes back is what ARM accepted, not what is so. */
  put(id: ClusterId, body: string, eTag: string | undefined, signal: AbortSignal): Promise<Outcome<undefined>>;
  /** Status of the operation that our last PUT to this cluster started; kept in memory only, because its URL is as good as a token. */
  operationStatus(id: ClusterId, signal: AbortSignal): Promise<OperationStatus>;
  /** True when the cluster's resource group can be read. */
  groupIsReadable(id: ClusterId, signal: AbortSignal): Promise<boolean>;
}

export interface ManagedClustersOptions {
  readonly transport: ArmTransport;
  readonly now: () => number;
  /** Told of every call: what was called, how it ended (HTTP status or `none`), how long it took in ms. */
  readonly observe?: (call: ArmCall, code: string, durationMs: number) => void;
}

export function createManagedClusters({ transport, now, observe }: ManagedClustersOptions): ManagedClusters {
  const quiet = createQuietPeriods();
  const operations = new Map<string, string>();

  async function call(id: ClusterId, name: ArmCall, request: ArmRequest): Promise<Outcome<ArmResponse>> {
    const pause = quiet.remaining(id, now());
    if (pause > 0) {
      const message = `ARM asked for a pause until ${new Date(now() + pause).toISOString()}`;
      return fail({ status: 429, code: 'QuietPeriod', message, retryAfterMs: pause });
    }
    const startedAt = now();
    try {
      const response = await transport.send(request);
      observe?.(name, String(response.status), now() - startedAt);
      if (response.status >= 200 && response.status < 300) return { ok: true, value: response };
      const retryAfterMs = readRetryAfter(response, now());
      return fail({
        status: response.status,
        ...readErrorBody(response.status, response.text),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      observe?.(name, 'none', now() - startedAt);
      return fail(describeLostCall(error));
    }

    function fail(answer: Parameters<typeof classifyFailure>[0]): Outcome<never> {
      const failure = classifyFailure(answer, name);
      if (failure.quiet && failure.code !== 'QuietPeriod') quiet.start(id, failure, now());
      return { ok: false, failure };
    }
  }

  return {
    async get(id, signal) {
      const readAt = now();
      const answer = await call(id, 'GetManagedCluster', { method: 'GET', target: id.resourceId, signal });
      if (!answer.ok) return answer;
      const text = answer.value.text;
      try {
        return { ok: true, value: { text, model: readClusterModel(text), readAt } };
      } catch (error) {
        if (!(error instanceof InvalidAnswerError)) throw error;
        const invalid = { status: answer.value.status, code: 'InvalidAnswer', message: error.message };
        return { ok: false, failure: classifyFailure(invalid, 'GetManagedCluster') };
      }
    },

    async put(id, body, eTag, signal) {
      operations.delete(id.key);
      const answer = await call(id, 'PutManagedCluster', {
        method: 'PUT',
        target: id.resourceId,
        body,
        signal,
        ...(eTag === undefined ? {} : { ifMatch: eTag }),
      });
      if (!answer.ok) return answer;
      const operation = answer.value.header('azure-asyncoperation');
      if (operation !== undefined) operations.set(id.key, operation);
      return { ok: true, value: undefined };
    },

    async operationStatus(id, signal) {
      const target = operations.get(id.key);
      if (target === undefined) return UNKNOWN;
      const answer = await call(id, 'GetOperation', { method: 'GET', target, signal });
      return answer.ok ? readOperationStatus(answer.value.text) : UNKNOWN;
    },

    async groupIsReadable(id, signal) {
      const target = `/subscriptions/${id.subscriptionId}/resourcegroups/${id.resourceGroup}`;
      const request = { method: 'GET', target, apiVersion: GROUP_API_VERSION, signal } as const;
      return (await call(id, 'GetResourceGroup', request)).ok;
    },
  };
}

const UNKNOWN: OperationStatus = { status: 'Unknown', code: '', message: '' };

/** learn.microsoft.com/azure/azure-resource-manager/management/async-operations: every other status means that it runs on. */
function readOperationStatus(text: string): OperationStatus {
  try {
    const { status, error } = JSON.parse(text) as { status?: unknown; error?: { code?: unknown; message?: unknown } };
    if (typeof status !== 'string') return UNKNOWN;
    const end = (['Succeeded', 'Failed', 'Canceled'] as const).find(
      (name) => name.toLowerCase() === status.toLowerCase(),
    );
    return {
      status: end ?? 'InProgress',
      code: typeof error?.code === 'string' ? error.code : '',
      message: typeof error?.message === 'string' ? error.message : '',
    };
  } catch {
    return UNKNOWN;
  }
}

function readRetryAfter(response: ArmResponse, now: number): number | undefined {
  const value = response.header('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
