import { fromPlain, member, withMember, withPlain } from '../json/access.ts';
import { parseJsonObject } from '../json/parse.ts';
import type { JsonNode, JsonObject } from '../json/syntax.ts';
import type { ClusterSeed, PoolSeed } from './cluster-seed.ts';

export const DEFAULT_LOCATION = 'westeurope';
const DEFAULT_VERSION = '1.33.3';
const DEFAULT_POOLS: readonly PoolSeed[] = [{ name: 'system', count: 3 }];

/** The model of a seed: what a GET would serve, but for the members that change by themselves. */
export function seedModel(seed: ClusterSeed, ids: { tenantId: string; principalId: string }): JsonObject {
  const base = seed.rawModel === undefined ? defaultModel(seed, ids) : rawModel(seed, seed.rawModel);
  const withList =
    seed.customCATrustCertificates === undefined
      ? base
      : withPlain(base, ['properties', 'securityProfile', 'customCATrustCertificates'], seed.customCATrustCertificates);
  if (seed.extraBody === undefined) return withList;
  const extra = typeof seed.extraBody === 'string' ? parseJsonObject(seed.extraBody) : fromPlain(seed.extraBody);
  return laidOver(withList, extra) as JsonObject;
}

function rawModel(seed: ClusterSeed, text: string): JsonObject {
  const model = parseJsonObject(text);
  const pools = member(member(model, 'properties'), 'agentPoolProfiles');
  return pools === undefined ? withPlain(model, ['properties', 'agentPoolProfiles'], poolProfiles(seed)) : model;
}

function poolProfiles(seed: ClusterSeed): unknown[] {
  return (seed.pools ?? DEFAULT_POOLS).map((pool, index) => ({
    name: pool.name,
    count: pool.count,
    vmSize: 'Standard_D4s_v5',
    osDiskSizeGB: 128,
    osDiskType: 'Managed',
    kubeletDiskType: 'OS',
    maxPods: 110,
    type: 'VirtualMachineScaleSets',
    enableAutoScaling: pool.autoscaling !== undefined,
    ...pool.autoscaling,
    provisioningState: 'Succeeded',
    powerState: { code: pool.powerState ?? 'Running' },
    orchestratorVersion: pool.orchestratorVersion ?? seed.kubernetesVersion ?? DEFAULT_VERSION,
    currentOrchestratorVersion:
      pool.currentOrchestratorVersion ?? pool.orchestratorVersion ?? seed.kubernetesVersion ?? DEFAULT_VERSION,
    enableNodePublicIP: false,
    mode: pool.mode ?? (index === 0 ? 'System' : 'User'),
    osType: pool.osType ?? 'Linux',
    osSKU: pool.osSku ?? (pool.osType === 'Windows' ? 'Windows2022' : 'Ubuntu'),
    nodeImageVersion:
      pool.osType === 'Windows'
        ? 'AKSWindows-2022-containerd-20348.4052.250801'
        : 'AKSUbuntu-2204gen2containerd-202508.06.0',
    upgradeSettings: {
      maxSurge: String(pool.maxSurge ?? '10%'),
      ...(pool.maxUnavailable === undefined ? {} : { maxUnavailable: String(pool.maxUnavailable) }),
      ...given(pool, ['drainTimeoutInMinutes', 'nodeSoakDurationInMinutes', 'undrainableNodeBehavior']),
    },
    ...(pool.spot === true ? { scaleSetPriority: 'Spot', scaleSetEvictionPolicy: 'Delete', spotMaxPrice: -1 } : {}),
    enableFIPS: false,
    securityProfile: { enableVTPM: false, enableSecureBoot: false },
    ...pool.extra,
  }));
}

function given(pool: PoolSeed, keys: readonly (keyof PoolSeed)[]): Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (pool[key] === undefined ? [] : [[key, pool[key]]])));
}

function defaultModel(
  seed: ClusterSeed,
  { tenantId, principalId }: { tenantId: string; principalId: string },
): JsonObject {
  const location = seed.location ?? DEFAULT_LOCATION;
  const group = seed.resourceGroup ?? 'rg';
  const version = seed.kubernetesVersion ?? DEFAULT_VERSION;
  const nodeResourceGroup = seed.nodeResourceGroup ?? longGroupName(`MC_${group}_${seed.name}_${location}`);
  return fromPlain({
    id: '',
    location,
    name: seed.name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    properties: {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion: version,
      currentKubernetesVersion: version,
      dnsPrefix: seed.name,
      fqdn: `${seed.name}.hcp.${location}.azmk8s.io`,
      azurePortalFQDN: `${seed.name}.portal.hcp.${location}.azmk8s.io`,
      agentPoolProfiles: poolProfiles(seed),
      windowsProfile: { adminUsername: 'azureuser', enableCSIProxy: true },
      servicePrincipalProfile: { clientId: 'msi' },
      nodeResourceGroup,
      enableRBAC: true,
      supportPlan: 'KubernetesOfficial',
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        loadBalancerSku: 'standard',
        podCidr: '10.244.0.0/16',
        serviceCidr: '10.0.0.0/16',
        dnsServiceIP: '10.0.0.10',
        outboundType: 'loadBalancer',
      },
      maxAgentPools: 100,
      identityProfile: {
        kubeletidentity: {
          resourceId: `/subscriptions/${seed.subscriptionId ?? ''}/resourcegroups/${nodeResourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${seed.name}-agentpool`,
          clientId: principalId,
          objectId: principalId,
        },
      },
      disableLocalAccounts: false,
      securityProfile: {},
      storageProfile: {
        diskCSIDriver: { enabled: true },
        fileCSIDriver: { enabled: true },
        snapshotController: { enabled: true },
      },
      oidcIssuerProfile: { enabled: false },
      workloadAutoScalerProfile: {},
      ...(seed.autoProvisioned === undefined ? {} : { nodeProvisioningProfile: { mode: 'Auto' } }),
      resourceUID: '',
      metricsProfile: { costAnalysis: { enabled: false } },
    },
    identity: { type: 'SystemAssigned', principalId, tenantId },
    sku: { name: 'Base', tier: 'Free' },
  }) as JsonObject;
}

/** Azure takes 80 characters, a label 63. */
const LONGEST_GROUP = 80;

/** A long name: its label differs from it. */
function longGroupName(name: string): string {
  return `${name}_machines-of-the-platform-team-(do-not-touch)_0123456789`.slice(0, LONGEST_GROUP);
}

/** Every member of `over` set, null and empty ones too; objects are merged, all else replaced. */
function laidOver(under: JsonNode | undefined, over: JsonNode): JsonNode {
  if (under?.kind !== 'object' || over.kind !== 'object') return over;
  return over.members.reduce<JsonObject>((merged, { key, keyText, value }) => {
    const placed = withMember(merged, key, laidOver(member(merged, key), value));
    return { ...placed, members: placed.members.map((m) => (m.key === key ? { ...m, keyText } : m)) };
  }, under);
}
