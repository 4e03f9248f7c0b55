import { listOf, validateList } from '../cluster/certificate-list.ts';
import { isTerminal } from '../cluster/cluster.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { addPools } from '../cluster/make-cluster.ts';
import { mergePut } from '../cluster/merge-put.ts';
import { operationPath } from '../cluster/operation.ts';
import type { Operation } from '../cluster/operation.ts';
import type { Provider } from '../cluster/provider.ts';
import { poolsBehind, reconcile } from '../cluster/reconcile.ts';
import { startOperation } from '../cluster/run-operation.ts';
import { clusterText } from '../cluster/view.ts';
import { jsonText } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { at, emptyObject, member, stringOf, withPlain } from '../json/access.ts';
import { parseJsonObject } from '../json/parse.ts';
import { printJson } from '../json/print.ts';
import { JsonSyntaxError } from '../json/syntax.ts';
import type { JsonObject } from '../json/syntax.ts';
import { pathClusterId } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { authorizeLinked } from './authorization.ts';
import { anotherOperation, ArmError } from './errors.ts';
import { checkMatch } from './preconditions.ts';
import { resourceIdOf } from './resource-id.ts';

/** Updates a managed cluster, or makes one where there is none: see mergePut for what becomes of the body. */
export function putManagedCluster(request: ArmRequest): Answer {
  const { incoming, world, settings, roles, caller } = request;
  const id = pathClusterId(request);
  const body = requestBody(incoming.body);
  authorizeLinked(caller, roles, resourceIdOf(id), body);
  const cluster = world.cluster(id);
  checkMatch(incoming.headers, cluster?.state.eTag);
  if (cluster === undefined) return create(request, body);
  refuseWhileBusy(cluster);
  const model = mergePut(cluster.model, body);
  refuseChange(cluster.model, model);
  validateList(model, listOf(cluster.model), settings.list);
  const operation = applyModel(cluster, world.provider, model);
  return operation === undefined
    ? jsonText(200, clusterText(cluster, settings))
    : accepted(request, cluster, operation, 200);
}

/** Puts a model into effect. No operation is needed, and none is returned, when nothing changes and nothing is left to be done. */
export function applyModel(cluster: Cluster, provider: Provider, model: JsonObject): Operation | undefined {
  const listChanged = JSON.stringify(listOf(model)) !== JSON.stringify(listOf(cluster.model));
  if (model === cluster.model && cluster.state.provisioningState === 'Succeeded') return undefined;
  cluster.model = model;
  if (listChanged) cluster.listGeneration++;
  addPools(cluster, provider);
  return startOperation(cluster, provider, { doing: 'Updating', pools: poolsBehind(cluster), work: reconcile });
}

/** Throws what AKS says to a change while something is going on, or while the cluster is stopped. */
export function refuseWhileBusy(cluster: Cluster): void {
  const { provisioningState, powerState } = cluster.state;
  if (!isTerminal(provisioningState)) throw anotherOperation(provisioningState);
  for (const [name, pool] of cluster.pools) {
    if (!isTerminal(pool.provisioningState)) throw anotherOperation(`${name} - ${pool.provisioningState}`);
  }
  if (powerState === 'Stopped') {
    throw new ArmError(
      400,
      'OperationNotAllowed',
      `managed cluster is in Provisioning State(${provisioningState}) and Power State(Stopped), updating cannot be performed`,
      { unwrapped: true },
    );
  }
}

const IMMUTABLE = [['location'], ['properties', 'dnsPrefix'], ['properties', 'nodeResourceGroup']] as const;

function refuseChange(before: JsonObject, after: JsonObject): void {
  for (const path of IMMUTABLE) {
    const was = stringOf(at(before, ...path));
    if (was === undefined || stringOf(at(after, ...path)) === was) continue;
    const name = path.join('.');
    throw new ArmError(400, 'PropertyChangeNotAllowed', `Changing property '${name}' is not allowed.`, {
      unwrapped: true,
      target: name,
    });
  }
}

/** Throws 400 InvalidRequestContent. */
export function requestBody(text: string): JsonObject {
  try {
    return parseJsonObject(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new ArmError(
      400,
      'InvalidRequestContent',
      `The request content was invalid and could not be deserialized: '${error.message}'.`,
    );
  }
}

function create(request: ArmRequest, body: JsonObject): Answer {
  const { world, settings } = request;
  const location = stringOf(member(body, 'location'));
  if (location === undefined) {
    throw new ArmError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  validateList(body, [], settings.list);
  const model = withPlain(mergePut(emptyObject, body), ['type'], 'Microsoft.ContainerService/ManagedClusters');
  const cluster = world.addCluster({ ...pathClusterId(request), location, rawModel: printJson(model) });
  const operation = startOperation(cluster, world.provider, {
    doing: 'Creating',
    pools: [...cluster.pools.keys()],
    work: (work) => work.takes(work.provider.nodeSeconds),
  });
  return accepted(request, cluster, operation, 201);
}

/** The header that tells a client when to look at an operation again. */
export function pollAfter({ world, settings }: ArmRequest): Record<string, string> {
  if (settings.pollSeconds === 0) return {};
  return { 'retry-after': String(world.provider.clock.secondsForClients(settings.pollSeconds)) };
}

function accepted(request: ArmRequest, cluster: Cluster, operation: Operation, status: number): Answer {
  const { world, url, settings, fault } = request;
  world.keepOperation(operation);
  if (fault?.operationStuck === true) operation.pretended = 'InProgress';
  if (fault?.operationAhead === true) operation.pretended = 'Succeeded';
  const { random, clock } = world.provider;
  // Real ones carry an old api-version and a signature: they are to be used as they are, and kept out of logs.
  const query = `api-version=2017-08-31&t=${Math.floor(clock.now())}&s=${random.guid().replaceAll('-', '')}`;
  return jsonText(status, clusterText(cluster, settings), {
    'azure-asyncoperation': `${url}${operationPath(operation)}?${query}`,
    ...pollAfter(request),
  });
}
