import { faultAnswer } from '../fault-answer.ts';
import type { Answer } from '../http/answer.ts';
import { abortLatestOperation } from './abort.ts';
import { getAgentPool, listAgentPools } from './agent-pools.ts';
import { checkApiVersion } from './api-versions.ts';
import { checkScope, clusterIdOf, throttledRequest } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { authorize } from './authorization.ts';
import { listClusterAdminCredential, listClusterUserCredential } from './cluster-credentials.ts';
import { deleteManagedCluster } from './delete-managed-cluster.ts';
import { answerOfError, ArmError } from './errors.ts';
import { getMachine, listMachines } from './machines.ts';
import {
  deleteMaintenanceConfiguration,
  getMaintenanceConfiguration,
  listMaintenanceConfigurations,
  putMaintenanceConfiguration,
} from './maintenance-configurations.ts';
import { getManagedCluster, listManagedClusters } from './managed-clusters.ts';
import { getOperationResult, getOperationStatus } from './operations.ts';
import { listKubernetesVersions } from './kubernetes-versions.ts';
import { listLocks } from './locks.ts';
import { listPermissions } from './permissions.ts';
import { startManagedCluster, stopManagedCluster } from './power.ts';
import { putManagedCluster } from './put-managed-cluster.ts';
import { groupIdOf, resourceIdOf } from './resource-id.ts';
import { rotateClusterCertificates } from './rotate-cluster-certificates.ts';
import type { ArmOperation } from './routes.ts';
import { getResourceGroup, getSubscription, listSubscriptions } from './subscriptions.ts';
import { updateTags } from './update-tags.ts';

const HANDLERS: Record<ArmOperation, (request: ArmRequest) => Answer | Promise<Answer>> = {
  ListSubscriptions: listSubscriptions,
  GetSubscription: getSubscription,
  GetResourceGroup: getResourceGroup,
  ListManagedClusters: listManagedClusters,
  ListManagedClustersByResourceGroup: listManagedClusters,
  GetManagedCluster: getManagedCluster,
  PutManagedCluster: putManagedCluster,
  UpdateManagedClusterTags: updateTags,
  DeleteManagedCluster: deleteManagedCluster,
  AbortLatestOperation: abortLatestOperation,
  StopManagedCluster: stopManagedCluster,
  StartManagedCluster: startManagedCluster,
  RotateClusterCertificates: rotateClusterCertificates,
  ListClusterUserCredential: listClusterUserCredential,
  ListClusterAdminCredential: listClusterAdminCredential,
  ListAgentPools: listAgentPools,
  GetAgentPool: getAgentPool,
  ListMachines: listMachines,
  GetMachine: getMachine,
  ListMaintenanceConfigurations: listMaintenanceConfigurations,
  GetMaintenanceConfiguration: getMaintenanceConfiguration,
  PutMaintenanceConfiguration: putMaintenanceConfiguration,
  DeleteMaintenanceConfiguration: deleteMaintenanceConfiguration,
  ListPermissions: listPermissions,
  ListLocks: listLocks,
  ListKubernetesVersions: listKubernetesVersions,
  GetOperationStatus: getOperationStatus,
  GetOperationResult: getOperationResult,
  Unknown: ({ incoming }) => {
    throw new ArmError(
      404,
      'InvalidResourceType',
      `The resource type could not be found for '${incoming.method} ${incoming.url.pathname}'.`,
    );
  },
};

/** Answers a request whose token has been checked, as ARM's front door does: what a fault says, then versions, scopes, roles, quotas, then the resource provider. */
export async function serveArm(request: ArmRequest): Promise<Answer> {
  try {
    const faulted = faultAnswer(request.fault);
    if (faulted !== undefined) return faulted;
    const { route, apiVersion, settings, world, caller, roles, throttling, incoming } = request;
    if (route.operation !== 'Unknown') {
      checkApiVersion(apiVersion, route.resourceType, settings.apiVersions, () => world.location());
    }
    if (route.action !== undefined) authorize(caller, roles, route.action, scopeOf(request));
    checkScope(request);
    const throttled = throttledRequest(route, incoming.method, caller.clientId);
    const headers = throttling.passArm(throttled);
    if (route.action?.startsWith('Microsoft.ContainerService') === true) throttling.passProvider(throttled);
    const answer = await HANDLERS[route.operation](request);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  } catch (error) {
    if (error instanceof ArmError) return answerOfError(error);
    throw error;
  }
}

function scopeOf({ route }: ArmRequest): string {
  const cluster = clusterIdOf(route);
  if (cluster !== undefined) return resourceIdOf(cluster);
  const { subscription = '', group } = route.values;
  return group === undefined
    ? `/subscriptions/${subscription}`
    : groupIdOf({ subscriptionId: subscription, resourceGroup: group });
}
