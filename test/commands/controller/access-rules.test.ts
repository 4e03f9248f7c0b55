import { describe, expect, it } from '@jest/globals';
import { parseClusterId } from '../../../src/api/resource-id.ts';
import { accessRules } from '../../../src/commands/controller/access-rules.ts';
import { readConfig, type Flags } from '../../../src/commands/controller/config.ts';
import { createPolicy } from '../../../src/policy/policy.ts';

const ENV = {
  AZURE_TENANT_ID: 't',
  AZURE_CLIENT_ID: 'c',
  AZURE_FEDERATED_TOKEN_FILE: '/token',
  POD_NAMESPACE: 'system',
};
const idOf = (name: string) =>
  parseClusterId(
    `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`,
  )!;

function rulesFor(flags: Flags, policy?: Parameters<typeof createPolicy>[0]) {
  const reading = readConfig(flags, ENV);
  if (!reading.ok) throw new Error(reading.faults.join('\n'));
  return accessRules(reading.config, () => policy && createPolicy(policy));
}

describe('access to target clusters', () => {
  it('knows the cluster of the controller by --in-cluster-resource-id, in any case of letters', () => {
    const rules = rulesFor({ inClusterResourceId: idOf('own').resourceId.toUpperCase() });
    expect([rules.isOwnCluster(idOf('own')), rules.isOwnCluster(idOf('other'))]).toEqual([true, false]);
    expect(rulesFor({}).isOwnCluster(idOf('own'))).toBe(false);
  });

  it('puts pods into --verify-namespace, and reads trust stores with --verify-trust-store-image alone', () => {
    expect(rulesFor({ verifyNamespace: 'proofs', verifyTrustStoreImage: 'registry/busybox' }).verification).toEqual({
      namespace: 'proofs',
      trustStoreImage: 'registry/busybox',
    });
    expect(rulesFor({}).verification).toEqual({ namespace: 'aks-ca-trust-verify' });
  });

  it('finds the operator’s Secret of a cluster in the policy file, in the namespace of the controller', () => {
    const rules = rulesFor(
      {},
      {
        rules: [],
        nodeAccess: [{ clusters: [idOf('prod').resourceId], kubeconfigSecretRef: { name: 'prod', key: 'value' } }],
      },
    );
    expect(rules.operatorSecretFor(idOf('prod'))).toEqual({ namespace: 'system', name: 'prod', key: 'value' });
    expect(rules.operatorSecretFor(idOf('other'))).toBeUndefined();
    expect(rulesFor({}).operatorSecretFor(idOf('prod'))).toBeUndefined();
  });
});
