import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Connection } from '../../src/kubernetes/client/connection.ts';

const NAMESPACE = 'aks-ca-trust-system';
const SERVICE_ACCOUNT = 'aks-ca-trust';

/** Installs the roles that users install, from the same file. */
export async function installRoles(admin: Connection): Promise<void> {
  const text = readFileSync(new URL('../../deploy/kustomize/base/rbac.yaml', import.meta.url), 'utf8');
  const post = (path: string, body: unknown) => admin.request({ method: 'POST', path, body });
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await post(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: SERVICE_ACCOUNT },
  });
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as { kind: string };
    await post(`/apis/rbac.authorization.k8s.io/v1/${object.kind.toLowerCase()}s`, object);
  }
}

/** The controller's own credentials: a token of its service account, with the rights of the installed roles and no other. */
export async function controllerCredentials(
  admin: Connection,
  server: { server: string; caPem: string },
): Promise<{ server: string; caPem: string; token: string }> {
  const answer = (await admin.request({
    method: 'POST',
    path: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${SERVICE_ACCOUNT}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })) as { status: { token: string } };
  return { server: server.server, caPem: server.caPem, token: answer.status.token };
}
