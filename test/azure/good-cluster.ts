/** A managed cluster as ARM has it, with at least one of everything that is read. */
export const GOOD_CLUSTER = {
  id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod',
  name: 'prod',
  eTag: 'W/"1"',
  tags: { team: 'a' },
  properties: {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    resourceUID: '65f0a1',
    kubernetesVersion: '1.33',
    currentKubernetesVersion: '1.33.3',
    nodeResourceGroup: 'MC_rg_prod_westeurope',
    status: { provisioningError: { code: 'QuotaExceeded', message: 'Too many cores.' } },
    nodeProvisioningProfile: { mode: 'Auto' },
    addonProfiles: { aciConnectorLinux: { enabled: true } },
    hostedSystemProfile: { enabled: false },
    agentPoolProfiles: [
      {
        name: 'system',
        osType: 'Linux',
        count: 3,
        provisioningState: 'Succeeded',
        powerState: { code: 'Running' },
        orchestratorVersion: '1.33',
        currentOrchestratorVersion: '1.33.3',
        upgradeSettings: {
          maxSurge: '10%',
          maxUnavailable: '0',
          drainTimeoutInMinutes: 30,
          nodeSoakDurationInMinutes: 5,
        },
      },
      {
        name: 'machines',
        virtualMachineNodesStatus: [{ size: 'D4', count: 2 }],
        provisioningState: 'Succeeded',
        scaleSetPriority: 'Spot',
        mode: 'User',
      },
    ],
    securityProfile: { customCATrustCertificates: ['YQ=='], other: { kept: 1 } },
  },
} as const;
