import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rig } from '../integration/rig.ts';
import { controllerCredentials } from '../integration/roles.ts';

/** Where a controller finds its API server and ARM, and as whom. */
export interface Surroundings {
  readonly apiServer: { readonly server: string; readonly caPem: string; readonly token: string };
  readonly arm: { readonly url: string; readonly caPem: string; readonly tenantId: string };
  readonly clientId: string;
  /** Of the service account, for ARM. */
  readonly federatedToken: string;
}

/**
 * The arguments that make a process the controller of these surroundings; where its metrics are is left to say.
 *
 * @param folder for the kubeconfig, the token and the certificate authority
 */
export function argumentsFor({ apiServer, arm, clientId, federatedToken }: Surroundings, folder: string): string[] {
  const { server, caPem, token } = apiServer;
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return [
    'controller',
    `--kubeconfig=${file('kubeconfig', JSON.stringify(kubeconfig))}`,
    `--federated-token-file=${file('token', federatedToken)}`,
    `--ca-file=${file('ca.pem', arm.caPem)}`,
    `--client-id=${clientId}`,
    `--tenant-id=${arm.tenantId}`,
    `--arm-endpoint=${arm.url}`,
    `--authority-host=${arm.url}`,
    '--disable-instance-discovery',
    '--allow-local-targets',
    '--health-address=127.0.0.1:0',
    '--poll-interval=200ms',
  ];
}

/**
 * The arguments that make a process the controller of a rig, with the rights of the installed roles and a federated token.
 *
 * @param folder as {@link argumentsFor}
 * @param server instead of the rig's API server: something before it
 */
export async function commandLine(
  rig: Rig,
  folder: string,
  { server, caPem }: { server: string; caPem: string } = rig.plane.config,
): Promise<string[]> {
  const { simulator } = rig;
  const { token } = await controllerCredentials(rig.admin, rig.plane.config);
  const { clientId } = simulator.addClient();
  const federatedToken = simulator.federatedToken(clientId);
  const surroundings = { apiServer: { server, caPem, token }, arm: simulator, clientId, federatedToken };
  return [...argumentsFor(surroundings, folder), '--metrics-address=127.0.0.1:0'];
}
