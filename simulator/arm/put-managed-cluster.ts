import { listOf, validateList } from '../cluster/certificate-list.ts';
import { areExpired } from '../cluster/certificates.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { addPools } from '../cluster/make-cluster.ts';
import { mergePut } from '../cluster/merge-put.ts';
import type { Operation } from '../cluster/operation-state.ts';
import type { Provider } from '../cluster/provider.ts';
import { poolsBehind, reconcile } from '../cluster/reconcile.ts';
import { startOperation } from '../cluster/run-operation.ts';
import { clusterText } from '../cluster/view.ts';
import { jsonText, type Answer } from '../http/answer.ts';
import { at, emptyObject, member, stringOf, withoutMember, withPath, withPlain } from '../json/access.ts';
import { parseJsonObject } from '../json/parse.ts';
import { printJson } from '../json/print.ts';
import { JsonSyntaxError, type JsonObject } from '../json/syntax.ts';
import { pathClusterId, type ArmRequest } from './arm-request.ts';
import { authorizeLinked } from './authorization.ts';
import { ArmError, spokenError } from './errors.ts';
import { monitorHeaders } from './long-running.ts';
import { checkMatch } from './preconditions.ts';
import { refuseWhileBusy } from './refuse-busy.ts';
import { resourceIdOf } from './resource-id.ts';

/** Updates a managed cluster, or makes one where there is none: see mergePut for what becomes of the body. */
export function putManagedCluster(request: ArmRequest): Answer {
  const { incoming, world, settings, roles, caller } = request;
  const id = pathClusterId(request);
  const body = requestBody(incoming.body);
  authorizeLinked(caller, roles, { scope: resourceIdOf(id), words: world.provider.words }, body);
  const cluster = world.cluster(id);
  checkMatch(incoming.headers, cluster?.state.eTag);
  if (cluster === undefined) return create(request, body);
  refuseWhileBusy(cluster, world.provider);
  if (areExpired(cluster.certificates, world.provider.realNow())) throw spokenError('cluster-certificates-expired');
  const dropList = request.fault?.dropList;
  const model = mergePut(cluster.model, dropList === undefined ? body : withoutList(body));
  refuseChange(cluster.model, model);
  validateList(model, listOf(cluster.model), settings.list);
  if (dropList === 'rolled') cluster.listGeneration++;
  const operation = applyModel(cluster, world.provider, model, { force: dropList === 'rolled' });
  return jsonText(
    200,
    clusterText(cluster, settings),
    operation === undefined ? {} : monitorHeaders(request, operation),
  );
}

/** Puts a model into effect. No operation is needed, and none is returned, when nothing changes and nothing is left to be done, unless it is forced. */
export function applyModel(
  cluster: Cluster,
  provider: Provider,
  model: JsonObject,
  { force = false } = {},
): Operation | undefined {
  const listChanged = JSON.stringify(listOf(model)) !== JSON.stringify(listOf(cluster.model));
  if (model === cluster.model && cluster.state.provisioningState === 'Succeeded' && !force) return undefined;
  cluster.model = model;
  if (listChanged) cluster.listGeneration++;
  addPools(cluster, provider);
  return startOperation(cluster, provider, { doing: 'Updating', pools: poolsBehind(cluster), work: reconcile });
}

/** The body as one that does not have the list. */
function withoutList(body: JsonObject): JsonObject {
  const profile = at(body, 'properties', 'securityProfile');
  if (profile?.kind !== 'object') return body;
  return withPath(body, ['properties', 'securityProfile'], withoutMember(profile, 'customCATrustCertificates'));
}

const IMMUTABLE = [['location'], ['properties', 'dnsPrefix'], ['properties', 'nodeResourceGroup']] as const;

function refuseChange(before: JsonObject, after: JsonObject): void {
  for (const path of IMMUTABLE) {
    const was = stringOf(at(before, ...path));
    if (was === undefined || stringOf(at(after, ...path)) === was) continue;
    const name = path.join('.');
    throw spokenError('property-change', { 'properties.linuxProfile.ssh.publicKeys.keyData': name });
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
  return jsonText(201, clusterText(cluster, settings), monitorHeaders(request, operation));
}
