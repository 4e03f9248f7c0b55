import type { Simulator } from '../simulator-interface.ts';

/** The commands that point the Azure CLI, an SDK or curl at the simulator. */
export function howToConnect(
  { url, caFile, tenantId, subscriptionId, controlToken }: Simulator,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): string {
  return `AKS simulator at ${url}

Environment of the SDKs and of controllers:
  export AZURE_AUTHORITY_HOST=${url} AZURE_TENANT_ID=${tenantId}
  export AZURE_CLIENT_ID=${clientId} AZURE_CLIENT_SECRET='${clientSecret}'
  export AZURE_SUBSCRIPTION_ID=${subscriptionId} ARM_ENDPOINT=${url}
  export NODE_EXTRA_CA_CERTS=${caFile} REQUESTS_CA_BUNDLE=${caFile} SSL_CERT_FILE=${caFile}

Azure CLI:
  export AZURE_CONFIG_DIR=$(mktemp -d) REQUESTS_CA_BUNDLE=${caFile} AZURE_CORE_INSTANCE_DISCOVERY=false
  az cloud register -n sim --skip-endpoint-discovery --endpoint-resource-manager ${url} \\
    --endpoint-active-directory ${url} --endpoint-active-directory-resource-id ${url}
  az cloud set -n sim
  az login --service-principal -u ${clientId} -p '${clientSecret}' --tenant ${tenantId}

What was asked of it, and what its nodes really have (the token opens all control endpoints):
  export AKS_SIMULATOR_CONTROL_TOKEN='${controlToken}'
  curl --cacert ${caFile} -H "Authorization: Bearer $AKS_SIMULATOR_CONTROL_TOKEN" ${url}/_simulator/requests
  curl --cacert ${caFile} -H "Authorization: Bearer $AKS_SIMULATOR_CONTROL_TOKEN" ${url}/_simulator/nodes
`;
}
