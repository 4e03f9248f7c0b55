import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../test/control-plane/start.ts';
import { apiServer, objectsIn, type ApiServer } from './api-server.ts';
import type { Run } from './run.ts';

/** The two API servers, and an administrator at each. */
export interface ControlPlanes {
  readonly management: Plane;
  readonly target: Plane;
}

export interface Plane {
  readonly admin: ApiServer;
  /** The kubeconfig of the administrator. */
  readonly kubeconfig: string;
  readonly caPem: string;
  /** A kubeconfig for a user with the roles of deploy/target-cluster for nodes and certificates, and nothing else. */
  nodeReader(): Promise<string>;
}

/** Each is a kube-apiserver with its etcd; the target has the controllers and the scheduler that workloads need as well. */
export async function startControlPlanes(run: Run): Promise<ControlPlanes> {
  // One after the other finds the programs; a download or a build would otherwise happen twice.
  const management = await start(run, 'management');
  return { management, target: await start(run, 'target') };
}

async function start(
  { root, screen, cleanup, privateFolder, signal }: Run,
  role: 'management' | 'target',
): Promise<Plane> {
  const starting = startControlPlane(role, (line) => screen.say(line), { workloads: role === 'target' });
  cleanup.later(`stop the API server of the ${role} cluster`, async () => {
    const plane = await starting.catch(() => undefined);
    await plane?.stop();
  });
  const { config, environment } = await interruptible(starting, signal);
  const admin = apiServer(config);
  cleanup.later('hang up', () => admin.close());
  const kubeconfig = join(privateFolder, `${role}.kubeconfig`);
  writeFileSync(kubeconfig, config.kubeconfigYaml, { mode: 0o600 });
  const { gitVersion } = (await admin.get('/version')) as { gitVersion: string };
  screen.say(`${role.padEnd(10)} kube-apiserver ${gitVersion} at ${config.server}`);
  return { admin, kubeconfig, caPem: config.caPem, nodeReader: () => nodeReader(root, environment, admin) };
}

const READER = 'node-reader';

async function nodeReader(root: string, environment: ControlPlane['environment'], admin: ApiServer): Promise<string> {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const files = ['role.yaml', 'certificates-role.yaml'].map((name) => join(root, 'deploy/target-cluster', name));
  for (const role of files.flatMap((file) => objectsIn(readFileSync(file, 'utf8')))) {
    const { name, namespace } = role.metadata;
    await admin.apply(role);
    await admin.apply({
      apiVersion: rbac,
      kind: `${role.kind}Binding`,
      metadata: { name: `${READER}-${name}`, ...(namespace === undefined ? {} : { namespace }) },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: READER }],
    });
  }
  return (await environment.addUser({ name: READER })).kubeconfigYaml;
}

function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    if (signal.aborted) reject(signal.reason as Error);
    work.then(resolve, reject);
  });
}
