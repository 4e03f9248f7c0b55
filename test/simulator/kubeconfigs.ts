import { X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { API_VERSION, type ArmClient } from './arm-client.ts';

/** The parts of a kubeconfig that ARM has handed out. */
export interface HandedOut {
  readonly server: string;
  readonly caPem: string;
  readonly ca: X509Certificate;
  readonly certPem: string;
  readonly keyPem: string;
  readonly client: X509Certificate;
  readonly token: string;
}

/** Asks ARM for the users' kubeconfig of a cluster that has accounts of its own. */
export async function kubeconfigOf(arm: ArmClient, resourceId: string): Promise<HandedOut> {
  const path = `${resourceId}/listClusterUserCredential?api-version=${API_VERSION}`;
  const { status, body } = await arm.send('POST', path, { authorization: `Bearer ${arm.token}` });
  const [first] = (body?.['kubeconfigs'] ?? []) as { value: string }[];
  if (first === undefined) throw new Error(`ARM answered ${status}`);
  const { clusters, users } = parse(Buffer.from(first.value, 'base64').toString()) as Kubeconfig;
  const cluster = clusters[0].cluster;
  const user = users[0].user;
  const decoded = (text = '') => Buffer.from(text, 'base64').toString();
  const caPem = decoded(cluster['certificate-authority-data']);
  const certPem = decoded(user['client-certificate-data']);
  return {
    server: cluster['server'] ?? '',
    caPem,
    ca: new X509Certificate(caPem),
    certPem,
    keyPem: decoded(user['client-key-data']),
    client: new X509Certificate(certPem),
    token: user['token'] ?? '',
  };
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Record<string, string> }];
  readonly users: readonly [{ readonly user: Record<string, string> }];
}

/** The request of the Azure CLI's `az aks rotate-certs`: no body. */
export function rotate(arm: ArmClient, resourceId: string) {
  const path = `${resourceId}/rotateClusterCertificates?api-version=${API_VERSION}`;
  return arm.send('POST', path, { authorization: `Bearer ${arm.token}`, 'content-length': '0' });
}
