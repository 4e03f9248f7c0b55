import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChecking } from '../../src/commands/check/checking.ts';
import { findAll } from '../../src/commands/check/command.ts';
import { readCheckFlags } from '../../src/commands/check/request.ts';
import { writeLease } from '../../src/kubernetes/client/lease.ts';
import { controllerCredentials } from './roles.ts';
import { startStatusRig } from './status-rig.ts';
import { installRole } from './target-role.ts';

const OWN = { namespace: 'aks-ca-trust-system', name: 'aks-ca-trust' };

export interface Server {
  readonly server: string;
  readonly caPem?: string;
  readonly token?: string;
}

export interface Who {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const GROUP_ROLE = [
  'Microsoft.ContainerService/managedClusters/read',
  'Microsoft.ContainerService/managedClusters/write',
  'Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read',
];

export type Flags = Record<string, string | boolean>;

/** A rig with what `check` needs: both roles, and files for the command. */
export async function startCheckRig() {
  const rig = await startStatusRig();
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-check-'));
  writeFileSync(join(folder, 'ca.pem'), rig.simulator.caPem);
  await installRole(rig.admin);

  function kubeconfigOf({ server, caPem = rig.plane.config.caPem, token = 't' }: Server): string {
    const file = join(folder, `kubeconfig-${Math.random()}`);
    const cluster = { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster }],
      users: [{ name: 'a', user: { token } }],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  function clientWith(actions: readonly string[]): Who {
    return rig.simulator.addClient({ roles: [{ scope: '/', actions }] });
  }

  /** The flags that a controller of the rig has, for the command. */
  function azureFlags({ clientId, clientSecret }: Who) {
    const { url, authority, tenantId } = rig.simulator;
    const flags = {
      cloud: 'AzurePublic',
      armEndpoint: url,
      authorityHost: authority,
      disableInstanceDiscovery: true,
      caFile: join(folder, 'ca.pem'),
      credential: 'ClientSecret',
      tenantId,
      clientId,
      allowLocalTargets: true,
      timeout: '10s',
    };
    return { flags, env: { AZURE_CLIENT_SECRET: clientSecret } };
  }

  async function check(flags: Flags, env: Record<string, string> = {}, now = () => Date.now()) {
    const reading = readCheckFlags(flags, env);
    if (!reading.ok) throw new Error(reading.faults.join('; '));
    return findAll(createChecking(reading.request, new AbortController().signal, now));
  }

  async function asController(who: Who, more: Flags = {}, server: Server = rig.plane.config, now = () => Date.now()) {
    const { token } = await controllerCredentials(rig.admin, rig.plane.config);
    const { flags, env } = azureFlags(who);
    return check({ ...flags, kubeconfig: kubeconfigOf({ ...server, token }), ...more }, env, now);
  }

  async function lead(now = Date.now()): Promise<void> {
    const claim = { holder: 'pod_1', durationMs: 15_000, now };
    const path = `/apis/coordination.k8s.io/v1/namespaces/${OWN.namespace}/leases/${OWN.name}`;
    await rig.admin.request({ method: 'DELETE', path }).catch(() => {});
    await writeLease({ connection: rig.admin, ...OWN }, undefined, claim);
  }

  return {
    ...rig,
    /** For files of the command. */
    files: folder,
    kubeconfigOf,
    clientWith,
    check,
    asController,
    lead,
    async stop() {
      await rig.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

export type CheckRig = Awaited<ReturnType<typeof startCheckRig>>;
