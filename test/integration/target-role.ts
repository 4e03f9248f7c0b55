import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Connection } from '../../src/kubernetes/client/connection.ts';

/** Installs the role that users install in a target cluster, from the same file. */
export async function installRole(admin: Connection): Promise<void> {
  const text = readFileSync(new URL('../../deploy/target-cluster/role.yaml', import.meta.url), 'utf8');
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  await admin.request({ method: 'POST', path, body: parse(text) as object });
}
