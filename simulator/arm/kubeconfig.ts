import type { TargetAccess } from '../nodes/target-access.ts';

/** The parts of a kubeconfig of AKS. */
export interface KubeconfigParts {
  readonly cluster: string;
  readonly userName: string;
  readonly server: string;
  readonly caPem: string;
  /** The fields of `user` as YAML, indented by four. */
  readonly user: string;
}

/** As AKS writes it: one cluster, one context of its name, one user. The Azure CLI renames the administrator's when it merges. */
export function kubeconfig({ cluster, userName, server, caPem, user }: KubeconfigParts): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(caPem)}
    server: ${server}
  name: ${cluster}
contexts:
- context:
    cluster: ${cluster}
    user: ${userName}
  name: ${cluster}
current-context: ${cluster}
kind: Config
preferences: {}
users:
- name: ${userName}
  user:
${user}`;
}

interface AccountOptions extends Partial<TargetAccess> {
  readonly token?: string;
}

/** An account of the cluster's own; AKS puts a static token beside the client certificate (Azure/AKS, CHANGELOG of 2023-05-07). */
export function accountUser({
  certPem,
  keyPem,
  token,
}: Omit<TargetAccess, 'server' | 'caPem'> & AccountOptions): string {
  const certificate = `    client-certificate-data: ${base64(certPem)}\n    client-key-data: ${base64(keyPem)}\n`;
  return token === undefined ? certificate : `${certificate}    token: ${token}\n`;
}

/** AKS' server application, which tokens for API servers are made out to, and its client application. azure.github.io/kubelogin/concepts/aks.html */
const SERVER = '6dae42f8-4368-4678-94ff-3960e28e3630';
const CLIENT = '80faf920-1908-4b52-b5ef-a8e7bedfc67a';

/** `format=exec`: what kubelogin is called with. */
export function execUser(tenantId: string): string {
  return `    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - get-token
      - --environment
      - AzurePublicCloud
      - --server-id
      - ${SERVER}
      - --client-id
      - ${CLIENT}
      - --tenant-id
      - ${tenantId}
      - --login
      - devicecode
      command: kubelogin
      env: null
      installHint: |2

        kubelogin is not installed which is required to connect to AAD enabled cluster.

        To learn more, please go to https://aka.ms/aks/kubelogin
      provideClusterInfo: false
`;
}

/** `format=azure`: the plugin that kubectl had before 1.26. */
export function pluginUser(tenantId: string): string {
  return `    auth-provider:
      config:
        apiserver-id: ${SERVER}
        client-id: ${CLIENT}
        config-mode: "1"
        environment: AzurePublicCloud
        tenant-id: ${tenantId}
      name: azure
`;
}

function base64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
