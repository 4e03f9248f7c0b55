/** The operation of a request, in the words of the REST reference. */
export type ArmOperation =
  | 'ListSubscriptions'
  | 'GetSubscription'
  | 'GetResourceGroup'
  | 'ListManagedClusters'
  | 'ListManagedClustersByResourceGroup'
  | 'GetManagedCluster'
  | 'PutManagedCluster'
  | 'UpdateManagedClusterTags'
  | 'DeleteManagedCluster'
  | 'AbortLatestOperation'
  | 'StopManagedCluster'
  | 'StartManagedCluster'
  | 'RotateClusterCertificates'
  | 'ListClusterUserCredential'
  | 'ListClusterAdminCredential'
  | 'ListAgentPools'
  | 'GetAgentPool'
  | 'ListMachines'
  | 'GetMachine'
  | 'ListMaintenanceConfigurations'
  | 'GetMaintenanceConfiguration'
  | 'PutMaintenanceConfiguration'
  | 'DeleteMaintenanceConfiguration'
  | 'ListPermissions'
  | 'ListLocks'
  | 'ListKubernetesVersions'
  | 'GetOperationStatus'
  | 'GetOperationResult'
  | 'Unknown';

export interface Route {
  readonly operation: ArmOperation;
  /** The action a role must grant, at the scope of the path; none is needed for the list of subscriptions. */
  readonly action?: string;
  /** The resource type whose api-versions are checked, for requests to the container service. */
  readonly resourceType?: string;
  /** Values of the path's variable segments as the client wrote them. */
  readonly values: Readonly<Record<string, string>>;
}

export interface RouteShape extends Omit<Route, 'values'> {
  readonly method: string;
  readonly segments: readonly string[];
}

const SUBSCRIPTION = '/subscriptions/{subscription}';
const GROUP = `${SUBSCRIPTION}/resourceGroups/{group}`;
const AKS = 'providers/Microsoft.ContainerService';
const CLUSTER = `${GROUP}/${AKS}/managedClusters/{cluster}`;
const READ_CLUSTER = 'Microsoft.ContainerService/managedClusters/read';
const POOLS = 'managedClusters/agentPools';
const MACHINES = `${POOLS}/machines`;
const WINDOWS = 'managedClusters/maintenanceConfigurations';

function route(
  method: string,
  path: string,
  operation: ArmOperation,
  action?: string,
  resourceType?: string,
): RouteShape {
  return {
    method,
    segments: path.split('/').slice(1),
    operation,
    ...(action === undefined ? {} : { action }),
    ...(resourceType === undefined ? {} : { resourceType }),
  };
}

/** Every request that ARM knows, in the order in which they are tried. */
export const ROUTES: readonly RouteShape[] = [
  route('GET', '/subscriptions', 'ListSubscriptions'),
  route('GET', SUBSCRIPTION, 'GetSubscription', 'Microsoft.Resources/subscriptions/read'),
  route('GET', GROUP, 'GetResourceGroup', 'Microsoft.Resources/subscriptions/resourceGroups/read'),
  route('GET', `${SUBSCRIPTION}/${AKS}/managedClusters`, 'ListManagedClusters', READ_CLUSTER, 'managedClusters'),
  route(
    'GET',
    `${GROUP}/${AKS}/managedClusters`,
    'ListManagedClustersByResourceGroup',
    READ_CLUSTER,
    'managedClusters',
  ),
  route('GET', CLUSTER, 'GetManagedCluster', READ_CLUSTER, 'managedClusters'),
  route('PUT', CLUSTER, 'PutManagedCluster', 'Microsoft.ContainerService/managedClusters/write', 'managedClusters'),
  route(
    'PATCH',
    CLUSTER,
    'UpdateManagedClusterTags',
    'Microsoft.ContainerService/managedClusters/write',
    'managedClusters',
  ),
  route(
    'DELETE',
    CLUSTER,
    'DeleteManagedCluster',
    'Microsoft.ContainerService/managedClusters/delete',
    'managedClusters',
  ),
  ...(
    [
      ['abort', 'AbortLatestOperation'],
      ['stop', 'StopManagedCluster'],
      ['start', 'StartManagedCluster'],
      ['rotateClusterCertificates', 'RotateClusterCertificates'],
    ] as const
  ).map(([verb, operation]) =>
    route(
      'POST',
      `${CLUSTER}/${verb}`,
      operation,
      `Microsoft.ContainerService/managedClusters/${verb}/action`,
      'managedClusters',
    ),
  ),
  route(
    'POST',
    `${CLUSTER}/listClusterUserCredential`,
    'ListClusterUserCredential',
    'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action',
    'managedClusters',
  ),
  route(
    'POST',
    `${CLUSTER}/listClusterAdminCredential`,
    'ListClusterAdminCredential',
    'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action',
    'managedClusters',
  ),
  route('GET', `${CLUSTER}/agentPools`, 'ListAgentPools', `Microsoft.ContainerService/${POOLS}/read`, POOLS),
  route('GET', `${CLUSTER}/agentPools/{pool}`, 'GetAgentPool', `Microsoft.ContainerService/${POOLS}/read`, POOLS),
  route(
    'GET',
    `${CLUSTER}/agentPools/{pool}/machines`,
    'ListMachines',
    `Microsoft.ContainerService/${MACHINES}/read`,
    MACHINES,
  ),
  route(
    'GET',
    `${CLUSTER}/agentPools/{pool}/machines/{machine}`,
    'GetMachine',
    `Microsoft.ContainerService/${MACHINES}/read`,
    MACHINES,
  ),
  route(
    'GET',
    `${CLUSTER}/maintenanceConfigurations`,
    'ListMaintenanceConfigurations',
    `Microsoft.ContainerService/${WINDOWS}/read`,
    WINDOWS,
  ),
  route(
    'GET',
    `${CLUSTER}/maintenanceConfigurations/{configuration}`,
    'GetMaintenanceConfiguration',
    `Microsoft.ContainerService/${WINDOWS}/read`,
    WINDOWS,
  ),
  route(
    'PUT',
    `${CLUSTER}/maintenanceConfigurations/{configuration}`,
    'PutMaintenanceConfiguration',
    `Microsoft.ContainerService/${WINDOWS}/write`,
    WINDOWS,
  ),
  route(
    'DELETE',
    `${CLUSTER}/maintenanceConfigurations/{configuration}`,
    'DeleteMaintenanceConfiguration',
    `Microsoft.ContainerService/${WINDOWS}/delete`,
    WINDOWS,
  ),
  // Each caller may list its own permissions at a scope.
  route('GET', `${CLUSTER}/providers/Microsoft.Authorization/permissions`, 'ListPermissions'),
  route('GET', `${GROUP}/providers/Microsoft.Authorization/locks`, 'ListLocks', 'Microsoft.Authorization/locks/read'),
  route(
    'GET',
    `${SUBSCRIPTION}/${AKS}/locations/{location}/kubernetesVersions`,
    'ListKubernetesVersions',
    'Microsoft.ContainerService/locations/kubernetesVersions/read',
    'locations/kubernetesVersions',
  ),
  route(
    'GET',
    `${SUBSCRIPTION}/${AKS}/locations/{location}/operations/{id}`,
    'GetOperationStatus',
    'Microsoft.ContainerService/locations/operations/read',
  ),
  route(
    'GET',
    `${SUBSCRIPTION}/${AKS}/locations/{location}/operationresults/{id}`,
    'GetOperationResult',
    'Microsoft.ContainerService/locations/operationresults/read',
  ),
];

/** Finds what a request asks for. Fixed segments are compared without case, as ARM does. */
export function findRoute(method: string, pathname: string): Route {
  const segments = pathname.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  for (const { method: wanted, segments: shape, ...found } of ROUTES) {
    if (wanted !== method || shape.length !== segments.length) continue;
    const values = match(shape, segments);
    if (values !== undefined) return { ...found, values };
  }
  return { operation: 'Unknown', values: {} };
}

function match(shape: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, part] of shape.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) {
      if (segment === '') return undefined;
      values[part.slice(1, -1)] = decodeURIComponent(segment);
    } else if (part.toLowerCase() !== segment.toLowerCase()) {
      return undefined;
    }
  }
  return values;
}
