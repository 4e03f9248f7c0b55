import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { type Connection, KubernetesError } from '../../src/kubernetes/client/connection.ts';
import type { Manifest } from './kustomize.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** The roles of the metrics endpoint, from the file that users install. */
export async function installMetricsRoles(admin: Connection): Promise<void> {
  const text = readFileSync(new URL('../../deploy/kustomize/base/metrics-rbac.yaml', import.meta.url), 'utf8');
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as Manifest;
    await create(admin, `${RBAC}/${object.kind.toLowerCase()}s`, object);
  }
}

/** A service account that the role to read metrics is bound to. */
export async function makeReader(admin: Connection, namespace: string): Promise<string> {
  const name = await makeServiceAccount(admin, namespace);
  await create(admin, `${RBAC}/clusterrolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'aks-ca-trust-metrics-reader' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return name;
}

export async function makeServiceAccount(admin: Connection, namespace: string): Promise<string> {
  const name = `scraper-${randomUUID().slice(0, 8)}`;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await create(admin, path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  return name;
}

/** A token as the kubelet gives to a pod. */
export async function tokenOf(
  admin: Connection,
  namespace: string,
  name: string,
  spec: { readonly audiences?: readonly string[] } = {},
): Promise<string> {
  const { status } = (await admin.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
  })) as { status: { token: string } };
  return status.token;
}

export async function tokenOfReader(admin: Connection): Promise<string> {
  return tokenOf(admin, 'default', await makeReader(admin, 'default'));
}

/** What is there already is the same. */
async function create(admin: Connection, path: string, body: unknown): Promise<void> {
  try {
    await admin.request({ method: 'POST', path, body });
  } catch (error) {
    if (!(error instanceof KubernetesError && error.status === 409)) throw error;
  }
}
