import { wirePath, type ClusterId } from '../api/resource-id.ts';
import type { Budgets, BudgetScope } from './budgets.ts';
import { InvalidAnswerError, readClusterModel, type ClusterModel } from './cluster-model.ts';
import { readUserKubeconfig } from './cluster-credentials.ts';
import { readClusterPage, type ClusterPage, type ListScope } from './cluster-page.ts';
import { codeWithoutBody, readErrorBody, type ErrorBody } from './error-body.ts';
import { classifyFailure, isRightMissing, READ_TOO_OLD, type ArmCall, type ArmFailure } from './failures.ts';
import type { ArmAnswer } from './arm-answer.ts';
import { describeLostCall } from './lost-call.ts';
import { kubernetesVersionsPath, readKubernetesVersions, type SupportedVersion } from './kubernetes-versions.ts';
import { LOCKS_API_VERSION, locksPath, readLocks } from './locks.ts';
import { readOperationStatus, UNKNOWN_OPERATION, type OperationStatus } from './operation-status.ts';
import { missingIn, PERMISSIONS_API_VERSION, permissionsPath } from './permissions.ts';
import { createQuietPeriods } from './quiet-periods.ts';
import { readObject } from './read-object.ts';
import { readRetryAfter } from './retry-after.ts';
import { createTokenLife, type TokenLife } from './token-life.ts';
import { KeptBackError, type ArmRequest, type ArmResponse, type ArmTransport, type SendSteps } from './transport.ts';
import { dropOldest } from '../waiting/drop-oldest.ts';

export type { OperationStatus } from './operation-status.ts';

/** The action with which a role lets the certificates of a cluster be rotated. */
export const ROTATE_ACTION = 'Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action';

/** api-version of a GET of a resource group. */
const GROUP_API_VERSION = '2021-04-01';

/** A managed cluster as one GET found it. */
export interface ClusterReading {
  /** The unchanged text of the answer: the body of a PUT is made from it. */
  readonly text: string;
  readonly model: ClusterModel;
  /** When the request was sent, in ms of our clock. */
  readonly readAt: number;
  /** The time of ARM's answer less our time when it arrived, in ms; no more exact than a second. Absent where ARM gave none. */
  readonly armAheadMs?: number;
}

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ArmFailure };

/** Reads and writes of managed clusters. Every failure is a value; nothing is retried. */
export interface ManagedClusters {
  get(id: ClusterId, signal: AbortSignal): Promise<Outcome<ClusterReading>>;
  /**
   * Sends the whole model. Success means that ARM accepted it, not that it is applied. `attempt` is the controller's name for
   * this write. A body that has not left by `leaveBy`, in ms of our clock, is not sent: the failure is {@link READ_TOO_OLD}.
   * Without an eTag, ARM still writes only where the cluster exists.
   */
  put(
    id: ClusterId,
    body: string,
    eTag: string | undefined,
    attempt: string,
    signal: AbortSignal,
    leaveBy?: number,
  ): Promise<Outcome<undefined>>;
  /**
   * Starts a rotation of the cluster's own certificates. Success means that ARM accepted it. `attempt` and `leaveBy` as for
   * {@link ManagedClusters.put}. learn.microsoft.com/rest/api/aks/managed-clusters/rotate-cluster-certificates
   */
  rotateClusterCertificates(
    id: ClusterId,
    attempt: string,
    signal: AbortSignal,
    leaveBy: number,
  ): Promise<Outcome<undefined>>;
  /**
   * Status of the operation that `attempt` started, if that was the controller's last write to this cluster, and unknown otherwise.
   * The URL is kept in memory only, because it grants access like a token.
   */
  operationStatus(id: ClusterId, attempt: string, signal: AbortSignal): Promise<OperationStatus>;
  /**
   * One page of a LIST, the first or the one at `next`, with only the clusters that are `wanted`. A LIST may be older than a GET,
   * and a cluster that is missing from it may still exist.
   */
  list(
    scope: ListScope,
    next: string | undefined,
    wanted: (key: string) => boolean,
    signal: AbortSignal,
  ): Promise<Outcome<ClusterPage>>;
  /** Time that a PUT to this cluster has to wait for its budget, in ms; 0 without a wait. */
  waitToPut(id: ClusterId): number;
  /** True when the cluster's resource group can be read. */
  groupIsReadable(id: ClusterId, signal: AbortSignal): Promise<boolean>;
  /** True where a role assignment lets the controller rotate the cluster's certificates; undefined where ARM does not say. */
  mayRotate(id: ClusterId, signal: AbortSignal): Promise<boolean | undefined>;
  /**
   * Names of the locks of a resource group in the cluster's subscription, and of what is in it. Undefined where ARM says that the right to
   * read them is missing, and `Unread` where they could not be read this time.
   */
  locksOf(id: ClusterId, resourceGroup: string, signal: AbortSignal): Promise<readonly string[] | 'Unread' | undefined>;
  /**
   * The Kubernetes versions that AKS supports in a region, for the cluster's subscription. Undefined and `Unread` as for
   * {@link ManagedClusters.locksOf}.
   *
   * @param location as {@link ClusterModel.location} has it
   */
  supportedVersions(
    id: ClusterId,
    location: string,
    signal: AbortSignal,
  ): Promise<readonly SupportedVersion[] | 'Unread' | undefined>;
  /** How long the controller's token for ARM lasts. One that ends within an hour is renewed first. Undefined where that is not known. */
  tokenLife(): Promise<TokenLife | undefined>;
  /** The kubeconfig that ARM returns for the cluster's users, as text. It is a secret. */
  userKubeconfig(id: ClusterId, signal: AbortSignal): Promise<Outcome<string>>;
}

export interface ManagedClustersOptions {
  readonly transport: ArmTransport;
  readonly now: () => number;
  /** Absent: calls are not counted, and only ARM's own throttling limits them. */
  readonly budgets?: Budgets;
  /** Namespaces whose objects name a cluster, by its lower-cased resource id: each has its share of the budgets. */
  readonly payersOf?: (key: string) => readonly string[];
  /** Throws when the controller must not write (any more). Called before each write, and again when the write leaves. */
  readonly assertMayWrite?: () => void;
  /** Called after every call to ARM with its name, its HTTP status or `none`, and its duration in ms. */
  readonly observe?: (call: ArmCall, code: string, durationMs: number) => void;
}

/** Code of a call that was not made because the client-side limit is reached. It says nothing about the cluster. */
export const BUDGET_USED_UP = 'BudgetUsedUp';

/** Code of a call that the controller did not make because ARM asked for a pause. */
export const QUIET_PERIOD = 'QuietPeriod';

/** The last writes whose operation can be asked about. Of an earlier one, ARM's reason for its failure is not known. */
const MOST_OPERATIONS = 1000;

export function createManagedClusters(options: ManagedClustersOptions): ManagedClusters {
  const { transport, now, budgets, observe, assertMayWrite } = options;
  const scopeOf = (id: ClusterId): BudgetScope => ({
    subscription: id.subscriptionId.toLowerCase(),
    resource: id.key,
    ...(options.payersOf ? { payers: options.payersOf(id.key) } : {}),
  });
  const quiet = createQuietPeriods();
  const operations = new Map<string, { readonly attempt: string; readonly url: string }>();

  async function call(
    scope: BudgetScope,
    name: ArmCall,
    request: ArmRequest,
    resourceId?: string,
  ): Promise<Outcome<ArmResponse>> {
    const pause = quiet.remaining(scope, now());
    if (pause > 0) {
      const end = new Date(Math.ceil((now() + pause) / 1000) * 1000).toISOString().replace('.000', '');
      const message = `ARM asked for a pause until ${end}`;
      return fail({ status: 429, code: QUIET_PERIOD, message, retryAfterMs: pause });
    }
    const wait = budgets?.take(name, scope, now()) ?? 0;
    if (wait > 0) {
      const message = `client-side limit of calls to ARM reached for ${Math.ceil(wait / 1000)} s`;
      return fail({ status: 429, code: BUDGET_USED_UP, message, retryAfterMs: wait });
    }
    const startedAt = now();
    try {
      const response = await transport.send(request);
      observe?.(name, String(response.status), now() - startedAt);
      if (response.status >= 200 && response.status < 300) return { ok: true, value: response };
      const retryAfterMs = readRetryAfter(response.header('retry-after'), now());
      return fail({
        status: response.status,
        ...readErrorBody(response.status, response.text),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      // A write that was kept back certainly changed nothing, unlike one without an answer.
      if (error instanceof KeptBackError) {
        if (error.cause instanceof TooOldError)
          return fail({ status: 412, code: READ_TOO_OLD, message: error.cause.message });
        throw error.cause;
      }
      observe?.(name, 'none', now() - startedAt);
      return fail(describeLostCall(error));
    }

    function fail(answer: ArmAnswer): Outcome<never> {
      const failure = classifyFailure(answer, name, resourceId);
      if (failure.quiet && !OURS.has(failure.code)) quiet.start(scope, failure, now());
      return { ok: false, failure };
    }
  }

  /** @returns the check right before the write leaves */
  function beginWrite(id: ClusterId, leaveBy: number | undefined): NonNullable<ArmRequest['mayLeave']> {
    assertMayWrite?.();
    operations.delete(id.key);
    return (steps) => {
      assertMayWrite?.();
      if (leaveBy !== undefined && now() >= leaveBy) throw new TooOldError(describeSteps(steps));
    };
  }

  /** Keeps where the status of the operation that a write started can be read. */
  function noteOperation(id: ClusterId, attempt: string, url: string | undefined): void {
    if (url !== undefined) operations.set(id.key, { attempt, url });
    dropOldest(operations, MOST_OPERATIONS);
  }

  return {
    async get(id, signal) {
      const readAt = now();
      const name = 'GetManagedCluster';
      const request = { method: 'GET', target: wirePath(id), signal } as const;
      const answer = await call(scopeOf(id), name, request, id.resourceId);
      const armTime = answer.ok ? Date.parse(answer.value.header('date') ?? '') : NaN;
      const clock = Number.isNaN(armTime) ? {} : { armAheadMs: armTime - now() };
      return readAnswer(name, answer, (text) => ({ text, model: readClusterModel(text), readAt, ...clock }));
    },

    async put(id, body, eTag, attempt, signal, leaveBy) {
      const mayLeave = beginWrite(id, leaveBy);
      // Without an eTag, `*` keeps a deleted cluster from being made again (learn.microsoft.com/azure/aks/use-etags).
      const request = { method: 'PUT', target: wirePath(id), body, signal, mayLeave, ifMatch: eTag ?? '*' } as const;
      const answer = await call(scopeOf(id), 'PutManagedCluster', request, id.resourceId);
      if (!answer.ok) return answer;
      noteOperation(id, attempt, answer.value.header('azure-asyncoperation'));
      const { status, text } = answer.value;
      const cluster = readObject(text);
      const error = cluster?.['properties'] === undefined ? errorIn(text) : undefined;
      if ((cluster && !error) || (text === '' && (status === 202 || status === 204)))
        return { ok: true, value: undefined };
      const what = error ? inPlaceOf(status, error) : `HTTP ${status} came without a cluster`;
      const message = `${what}; the next reading of the cluster shows whether ARM accepted the list`;
      return { ok: false, failure: classifyFailure({ status, code: 'InvalidAnswer', message }, 'PutManagedCluster') };
    },

    async rotateClusterCertificates(id, attempt, signal, leaveBy) {
      const name = 'RotateClusterCertificates';
      const mayLeave = beginWrite(id, leaveBy);
      const target = `${wirePath(id)}/rotateClusterCertificates`;
      const request = { method: 'POST', target, body: '', signal, mayLeave } as const;
      const answer = await call(scopeOf(id), name, request, id.resourceId);
      if (!answer.ok) return answer;
      const { status, text } = answer.value;
      const url = answer.value.header('azure-asyncoperation') ?? answer.value.header('location');
      noteOperation(id, attempt, url);
      const error = errorIn(text);
      if (!error && (status === 202 || status === 204 || status === 200)) return { ok: true, value: undefined };
      const what = error ? inPlaceOf(status, error) : `HTTP ${status} came in place of an answer`;
      const message = `${what}; the next readings of the cluster show whether ARM accepted the rotation`;
      return { ok: false, failure: classifyFailure({ status, code: 'InvalidAnswer', message }, name) };
    },

    async list(scope, next, wanted, signal) {
      const { subscriptionId, resourceGroup } = scope;
      const group = resourceGroup === undefined ? '' : `/resourceGroups/${encodeURIComponent(resourceGroup)}`;
      const target = next ?? `/subscriptions/${subscriptionId}${group}/providers/${CLUSTERS}`;
      const name = resourceGroup === undefined ? 'ListManagedClusters' : 'ListManagedClustersByResourceGroup';
      const subscription = subscriptionId.toLowerCase();
      const resource = `${subscription}/${(resourceGroup ?? '').toLowerCase()}`;
      const readAt = now();
      const answer = await call({ subscription, resource }, name, { method: 'GET', target, signal });
      return readAnswer(name, answer, (text) => readClusterPage(text, readAt, wanted));
    },

    waitToPut: (id) => budgets?.wait('PutManagedCluster', scopeOf(id), now()) ?? 0,

    async operationStatus(id, attempt, signal) {
      const last = operations.get(id.key);
      if (last?.attempt !== attempt) return UNKNOWN_OPERATION;
      const answer = await call(scopeOf(id), 'GetOperation', { method: 'GET', target: last.url, signal });
      return answer.ok ? readOperationStatus(answer.value.text, answer.value.status) : UNKNOWN_OPERATION;
    },

    async groupIsReadable(id, signal) {
      const target = `/subscriptions/${id.subscriptionId}/resourcegroups/${encodeURIComponent(id.resourceGroup)}`;
      const request = { method: 'GET', target, apiVersion: GROUP_API_VERSION, signal } as const;
      const answer = await call(scopeOf(id), 'GetResourceGroup', request);
      const name = answer.ok ? readObject(answer.value.text)?.['name'] : undefined;
      return typeof name === 'string' && name.toLowerCase() === id.resourceGroup.toLowerCase();
    },

    async mayRotate(id, signal) {
      const request = {
        method: 'GET',
        target: permissionsPath(id),
        apiVersion: PERMISSIONS_API_VERSION,
        signal,
      } as const;
      const answer = await call(scopeOf(id), 'ListPermissions', request, id.resourceId);
      const missing = answer.ok ? missingIn(answer.value.text, [ROTATE_ACTION]) : undefined;
      return missing && missing.length === 0;
    },

    async locksOf(id, resourceGroup, signal) {
      const target = locksPath(id.subscriptionId, resourceGroup);
      const request = { method: 'GET', target, apiVersion: LOCKS_API_VERSION, signal } as const;
      const answer = await call(scopeOf(id), 'ListLocks', request, id.resourceId);
      return answer.ok ? (readLocks(answer.value.text) ?? 'Unread') : unreadFor(answer.failure);
    },

    async supportedVersions(id, location, signal) {
      const target = kubernetesVersionsPath(id.subscriptionId, location);
      const answer = await call(
        scopeOf(id),
        'ListKubernetesVersions',
        { method: 'GET', target, signal },
        id.resourceId,
      );
      return answer.ok ? (readKubernetesVersions(answer.value.text) ?? 'Unread') : unreadFor(answer.failure);
    },

    tokenLife: createTokenLife(transport, now),

    async userKubeconfig(id, signal) {
      const name = 'ListClusterUserCredential';
      // The other format needs an authentication plugin that kubectl no longer has.
      const target = `${wirePath(id)}/listClusterUserCredential?format=exec`;
      const answer = await call(scopeOf(id), name, { method: 'POST', target, signal }, id.resourceId);
      return readAnswer(name, answer, readUserKubeconfig);
    },
  };
}

/** Codes of the controller itself: they must not extend a pause that runs already. */
const OURS: ReadonlySet<string> = new Set([QUIET_PERIOD, BUDGET_USED_UP]);

const CLUSTERS = 'Microsoft.ContainerService/managedClusters';

/** Stands for something that could not be read: undefined where the right to read it is missing. */
function unreadFor(failure: ArmFailure): 'Unread' | undefined {
  return isRightMissing(failure) ? undefined : 'Unread';
}

/** The error in the body of an answer whose status is a success. */
function errorIn(text: string): ErrorBody | undefined {
  const error = readErrorBody(0, text);
  return error.code === codeWithoutBody(0) ? undefined : error;
}

function inPlaceOf(status: number, { code, message }: ErrorBody): string {
  return `HTTP ${status} came with an error in place of an answer (${code}: ${message})`;
}

/** Reads the text of an answer with `read`; an answer that it cannot read is a failure of the call. */
function readAnswer<T>(name: ArmCall, answer: Outcome<ArmResponse>, read: (text: string) => T): Outcome<T> {
  if (!answer.ok) return answer;
  const { status, text } = answer.value;
  try {
    return { ok: true, value: read(text) };
  } catch (error) {
    if (!(error instanceof InvalidAnswerError)) throw error;
    const bodyError = errorIn(text);
    const message = bodyError ? inPlaceOf(status, bodyError) : error.message;
    return { ok: false, failure: classifyFailure({ status, code: 'InvalidAnswer', message }, name) };
  }
}

/** The write was ready so late that the cluster may have changed since it was read. */
class TooOldError extends Error {
  override readonly name = 'TooOldError';
}

function describeSteps({ signInMs, connectMs }: SendSteps): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return `the cluster was read too long ago when the write could leave: signing in took ${seconds(signInMs)}, connecting ${seconds(connectMs)}`;
}
