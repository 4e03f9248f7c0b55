import type { Simulator } from '../../simulator/index.ts';
import { ARM_API_VERSION } from '../../src/azure/api-version.ts';
import { createCredential } from '../../src/azure/credentials.ts';
import { createTransport, type ArmTransport } from '../../src/azure/transport.ts';

/** ARM as the simulator has it, for a client that may do everything. */
export async function transportTo(simulator: Simulator): Promise<ArmTransport> {
  const cloud = { authorityHost: simulator.authority, endpoint: simulator.url, scope: `${simulator.url}/.default` };
  const ca = [simulator.caPem];
  const { clientId, clientSecret } = simulator.addClient();
  const config = { kind: 'ClientSecret', tenantId: simulator.tenantId, clientId, clientSecret } as const;
  const credential = await createCredential(config, { cloud, disableInstanceDiscovery: true, ca });
  return createTransport({ cloud, credential, apiVersion: ARM_API_VERSION, timeoutMs: 10_000, ca });
}
