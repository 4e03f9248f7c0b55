import { apiPath } from '../../src/api/paths.ts';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import type { Manifest } from '../deploy/kustomize.ts';
import { applyAll, collectionPath, pathOf } from '../deploy/object-path.ts';

const NAMESPACE = 'aks-ca-trust-system';
const SERVICE_ACCOUNT = 'aks-ca-trust';

/** Installs the controller's roles that users install, from the same files. */
export async function installRoles(admin: Connection): Promise<void> {
  const post = (path: string, body: unknown) => admin.request({ method: 'POST', path, body });
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await post(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: SERVICE_ACCOUNT },
  });
  for (const file of ['rbac.yaml', 'leader-election-rbac.yaml', 'kubeconfig-rbac.yaml'])
    for (const object of objectsIn(`base/${file}`)) await post(collectionPath(object), object);
  // Tests plant records as an administrator.
  await applyAll(admin, admissionPolicies(['system:masters']));
}

/** Lets the controller read the kubeconfigs of a namespace, as docs/how-to/node-access.md says. */
export async function letReadKubeconfigs(admin: Connection, namespace: string): Promise<void> {
  for (const object of objectsIn('components/node-access-secrets/role-binding.yaml')) {
    const body = { ...object, metadata: { ...object.metadata, namespace } };
    await admin.request({ method: 'POST', path: collectionPath(body), body });
  }
}

/** Lets the controller write the kubeconfigs of a namespace besides, as docs/how-to/kubeconfig.md says. */
export async function letWriteKubeconfigs(admin: Connection, namespace: string): Promise<void> {
  const name = 'aks-ca-trust-kubeconfig-writer';
  await admin.request({
    method: 'POST',
    path: apiPath('/apis/rbac.authorization.k8s.io/v1', 'namespaces', namespace, 'rolebindings'),
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: SERVICE_ACCOUNT, namespace: NAMESPACE }],
    },
  });
}

/** Replaces the Lease that a process may have by those of the shards. */
export async function installShardingRole(admin: Connection): Promise<void> {
  for (const object of objectsIn('components/sharding/role.yaml'))
    await admin.request({ method: 'PUT', path: pathOf(object), body: object });
}

function objectsIn(file: string, patch = (text: string) => text): Manifest[] {
  const text = readFileSync(new URL(`../../deploy/kustomize/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(patch(text)).map((document) => document.toJS() as Manifest);
}

/** The admission policies that users install, with groups that may restore records. */
export function admissionPolicies(restoreGroups: readonly string[]): Manifest[] {
  return objectsIn('base/admission-policy.yaml', (text) =>
    text.replace("expression: '[]'", `expression: ${JSON.stringify(JSON.stringify(restoreGroups))}`),
  );
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
