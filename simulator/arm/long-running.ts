import { operationPath } from '../cluster/operation.ts';
import type { Operation } from '../cluster/operation-state.ts';
import type { Answer } from '../http/answer.ts';
import type { ArmRequest } from './arm-request.ts';

/** The header that tells a client when to ask about an operation again. */
export function pollAfter({ world, settings }: ArmRequest): Record<string, string> {
  if (settings.pollSeconds === 0) return {};
  return { 'retry-after': String(world.provider.clock.secondsForClients(settings.pollSeconds)) };
}

/** Keeps an operation that a request has started, and says where its status monitor is. */
export function monitorHeaders(request: ArmRequest, operation: Operation): Record<string, string> {
  keep(request, operation);
  return {
    'azure-asyncoperation': `${request.url}${operationPath(operation)}?${query(request)}`,
    ...pollAfter(request),
  };
}

/** 202 without a body: there is a `Location` to poll, and no status monitor. */
export function acceptedAtLocation(request: ArmRequest, operation: Operation): Answer {
  keep(request, operation);
  return { status: 202, headers: { ...pollAfter(request), location: locationOf(request, operation) } };
}

/** 202 without a body: there are a status monitor and a `Location` to poll. */
export function accepted(request: ArmRequest, operation: Operation): Answer {
  return {
    status: 202,
    headers: { ...monitorHeaders(request, operation), location: locationOf(request, operation) },
  };
}

function locationOf(request: ArmRequest, operation: Operation): string {
  return `${request.url}${operationPath(operation, 'operationresults')}?${query(request)}`;
}

function keep({ world, fault }: ArmRequest, operation: Operation): void {
  world.keepOperation(operation);
  if (fault?.operationStuck === true) operation.pretended = 'InProgress';
  if (fault?.operationAhead === true) operation.pretended = 'Succeeded';
}

/** Real ones carry an old api-version and a signature: they are to be used as they are, and kept out of logs. */
function query({ world }: ArmRequest): string {
  const { random, clock } = world.provider;
  return `api-version=2017-08-31&t=${Math.floor(clock.now())}&s=${random.guid().replaceAll('-', '')}`;
}
