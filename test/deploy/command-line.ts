import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rig } from '../integration/rig.ts';
import { controllerCredentials } from '../integration/roles.ts';

/**
 * The arguments that make a process the controller of a rig, with the rights of the installed roles and a federated token.
 *
 * @param folder for the kubeconfig, the token and the certificate authority
 * @param server instead of the rig's API server: something before it
 */
export async function commandLine(
  rig: Rig,
  folder: string,
  { server, caPem }: { server: string; caPem: string } = rig.plane.config,
): Promise<string[]> {
  const { simulator } = rig;
  const { token } = await controllerCredentials(rig.admin, rig.plane.config);
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
  const { clientId } = simulator.addClient();
  return [
    'controller',
    `--kubeconfig=${file('kubeconfig', JSON.stringify(kubeconfig))}`,
    `--federated-token-file=${file('token', simulator.federatedToken(clientId))}`,
    `--ca-file=${file('ca.pem', simulator.caPem)}`,
    `--client-id=${clientId}`,
    `--tenant-id=${simulator.tenantId}`,
    `--arm-endpoint=${simulator.url}`,
    `--authority-host=${simulator.authority}`,
    '--disable-instance-discovery',
    '--health-address=127.0.0.1:0',
    '--metrics-address=127.0.0.1:0',
    '--poll-interval=200ms',
  ];
}
