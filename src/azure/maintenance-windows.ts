import type { MaintenanceConfiguration } from '@azure/arm-containerservice';
import type { ClusterId } from '../api/resource-id.ts';
import type { WindowState } from '../waiting/window-state.ts';
import type { ArmAnswer } from './arm-answer.ts';
import { codeWithoutBody, readErrorBody } from './error-body.ts';
import { classifyFailure, isRightMissing, type ArmFailure } from './failures.ts';
import { describeLostCall } from './lost-call.ts';
import { nextOpening, openUntil } from './maintenance-schedule.ts';
import { readRetryAfter } from './retry-after.ts';
import type { ArmTransport } from './transport.ts';

/** The only window that AllowDuringMaintenanceWindow goes by. learn.microsoft.com/azure/aks/node-disruption-policy */
const NODE_OS_SCHEDULE = 'aksManagedNodeOSUpgradeSchedule';

/** A reading is used again for this long, in ms: AKS itself applies a new or changed window only after 15 to 30 minutes. */
const REUSED_MS = 60_000;
/** The most readings that are kept. */
const MOST_KEPT = 1000;

/** A maintenance configuration of a cluster, and the state of its window at the time of the read. */
export type MaintenanceReading =
  | { readonly kind: 'Read'; readonly state: WindowState }
  /** The cluster has no such configuration. */
  | { readonly kind: 'Missing' }
  /** `forbidden` is set where ARM says that the right to read it is missing. */
  | { readonly kind: 'Unreadable'; readonly failure: ArmFailure; readonly forbidden?: true };

export interface MaintenanceWindows {
  /**
   * When the cluster's node OS window next opens, in ms; undefined where there is none, it cannot be read, or one is open. AKS
   * applies a new or changed window only after 15 to 30 minutes, so a write that is refused meanwhile is sent again by its own
   * backoff and not in the next window.
   */
  nextOpening(id: ClusterId, now: number, signal: AbortSignal): Promise<number | undefined>;
  /** The configuration of that name. It is asked for at most once a minute. */
  read(id: ClusterId, name: string, now: number, signal: AbortSignal): Promise<MaintenanceReading>;
}

export function createMaintenanceWindows(transport: ArmTransport): MaintenanceWindows {
  const kept = new Map<string, { readonly at: number; readonly answer: Answer }>();

  async function get(id: ClusterId, name: string, now: number, signal: AbortSignal): Promise<Answer> {
    const client = transport.sdk(id.subscriptionId);
    try {
      return await client.maintenanceConfigurations.get(id.resourceGroup, id.name, name, { abortSignal: signal });
    } catch (error) {
      signal.throwIfAborted();
      return { failure: failureOf(error, id, now) };
    }
  }

  return {
    async nextOpening(id, now, signal) {
      const reading = readingOf(await get(id, NODE_OS_SCHEDULE, now, signal), now);
      // Without the window, the refusal's own backoff decides.
      return reading.kind === 'Read' && reading.state.kind === 'Closed' ? reading.state.opensAt : undefined;
    },
    async read(id, name, now, signal) {
      const key = `${id.key} ${name}`;
      const before = kept.get(key);
      // A clock that was set back makes the reading old.
      if (before && Math.abs(now - before.at) < REUSED_MS) return readingOf(before.answer, now);
      const answer = await get(id, name, now, signal);
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(key, { at: now, answer });
      return readingOf(answer, now);
    },
  };
}

type Answer = MaintenanceConfiguration | { readonly failure: ArmFailure };

function readingOf(answer: Answer, now: number): MaintenanceReading {
  if ('failure' in answer) {
    const { failure } = answer;
    // A 404 that the table has no row for. A proxy without the page gives no code of ARM.
    const { status, code, reason } = failure;
    const isMissing = status === 404 && reason === 'Unreachable' && code !== codeWithoutBody(status);
    if (isMissing) return { kind: 'Missing' };
    return { kind: 'Unreadable', failure, ...(isRightMissing(failure) ? { forbidden: true } : {}) };
  }
  try {
    return { kind: 'Read', state: stateOf(answer, now) };
  } catch {
    // The schedule has members of unexpected types.
    return { kind: 'Read', state: { kind: 'NeverOpens' } };
  }
}

function stateOf({ maintenanceWindow: window }: MaintenanceConfiguration, now: number): WindowState {
  if (!window) return { kind: 'NeverOpens' };
  const until = openUntil(window, now);
  if (until !== undefined) return { kind: 'Open', until };
  const opensAt = nextOpening(window, now);
  return opensAt === undefined ? { kind: 'NeverOpens' } : { kind: 'Closed', opensAt };
}

function failureOf(error: unknown, id: ClusterId, now: number): ArmFailure {
  return classifyFailure(answerOf(error, now), 'GetMaintenanceConfiguration', id.resourceId);
}

/** The SDK throws a RestError for every answer other than success. Its `details` are the body as read from JSON. */
function answerOf(error: unknown, now: number): ArmAnswer {
  const { statusCode, response, details } = error as {
    statusCode?: unknown;
    response?: SdkResponse;
    details?: unknown;
  };
  if (typeof statusCode !== 'number' || !response) return describeLostCall(error);
  const body = typeof details === 'object' && details !== null ? JSON.stringify(details) : '';
  const retryAfterMs = readRetryAfter(response.headers?.get('retry-after'), now);
  return {
    status: statusCode,
    ...readErrorBody(statusCode, body),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

interface SdkResponse {
  readonly headers?: { get(name: string): string | undefined };
}
