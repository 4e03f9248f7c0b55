import { operationBody } from '../cluster/operation.ts';
import type { Operation } from '../cluster/operation-state.ts';
import { clusterText } from '../cluster/view.ts';
import { json, jsonText, type Answer } from '../http/answer.ts';
import { value, type ArmRequest } from './arm-request.ts';
import { ArmError } from './errors.ts';
import { pollAfter } from './long-running.ts';

/** The status monitor of an operation. */
export function getOperationStatus(request: ArmRequest): Answer {
  const body = operationBody(found(request));
  return json(200, body, isRunning(body) ? pollAfter(request) : {});
}

/** The other way to wait: 202 while it lasts, 204 when it has ended, or 200 with a cluster that has another state than Succeeded. */
export function getOperationResult(request: ArmRequest): Answer {
  const operation = found(request);
  const body = operationBody(operation);
  const { world, settings } = request;
  if (!isRunning(body)) {
    const cluster = operation.answersCluster ? world.cluster(operation.cluster) : undefined;
    const endedWell = body['status'] === 'Succeeded' || cluster === undefined;
    return endedWell ? { status: 204 } : jsonText(200, clusterText(cluster, settings));
  }
  return {
    status: 202,
    headers: {
      ...pollAfter(request),
      location: `${request.url}${request.incoming.url.pathname}${request.incoming.url.search}`,
    },
  };
}

function found(request: ArmRequest): Operation {
  const operation = request.world.operation(value(request, 'id'));
  if (operation?.subscriptionId.toLowerCase() !== value(request, 'subscription').toLowerCase()) {
    throw new ArmError(404, 'NotFound', `The entity was not found: operation ${value(request, 'id')}.`);
  }
  return operation;
}

function isRunning({ status }: Record<string, unknown>): boolean {
  return status === 'InProgress' || status === 'Canceling';
}
