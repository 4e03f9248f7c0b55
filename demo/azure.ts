import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startChild } from './child.ts';
import { httpsClient, type Call, type HttpsClient } from './https-client.ts';
import type { Run } from './run.ts';
import { until } from './until.ts';

/** An application that may sign in. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Asks the simulator's control endpoints; `path` is what follows `/_simulator`. */
export type Control = (path: string, call?: Call) => Promise<unknown>;

/** The simulator, a process of its own, with one cluster in it. */
export interface Azure {
  /** ARM and the authority in one. */
  readonly url: string;
  readonly caFile: string;
  readonly tenantId: string;
  readonly resourceId: string;
  /** May do what the controller needs to, in the cluster's group. */
  readonly controller: Client;
  /** May read; what the demo itself signs in as. */
  readonly observer: Client;
  readonly https: HttpsClient;
  readonly control: Control;
  /** How to point other clients at it, in the simulator's own words. */
  readonly howToConnect: () => string;
}

/** A minute of Azure's is a second here. */
export const SPEED = 60;
export const CLUSTER = 'prod-weu';
export const POOLS = [
  { name: 'system', mode: 'System', osType: 'Linux', count: 3 },
  // The longest drain timeout: what is refused for a real minute is an hour here.
  { name: 'apps', mode: 'User', osType: 'Linux', count: 4, drainTimeoutInMinutes: 1440 },
  { name: 'win', mode: 'User', osType: 'Windows', count: 2 },
] as const;

/** The pool in which an eviction is refused. */
export const GUARDED_POOL = 'apps';

export const GROUP = 'platform';
const CONTROLLER_ACTIONS = [
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.ContainerService/managedClusters/read',
  'Microsoft.ContainerService/managedClusters/write',
  'Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read',
  // For the certificates of the cluster itself.
  'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action',
];

/** Starts it. The cluster's nodes are made in the API server of `targetKubeconfig`. */
export async function startAzure(run: Run, targetKubeconfig: string): Promise<Azure> {
  const scenario = join(run.privateFolder, 'scenario.yaml');
  const cluster = { name: CLUSTER, resourceGroup: GROUP, kubeconfig: targetKubeconfig, kubelets: true, pools: POOLS };
  writeFileSync(scenario, stringify({ clusters: [cluster] }));
  const controlToken = randomUUID();
  const child = startChild({
    name: 'the simulator',
    command: process.execPath,
    args: ['--no-warnings', 'simulator/main.ts', '--state', scenario, '--speed', String(SPEED)],
    cwd: run.root,
    env: { AKS_SIMULATOR_CONTROL_TOKEN: controlToken },
    logFile: join(run.folder, 'simulator.log'),
    onDeath: run.abort,
  });
  run.cleanup.later('stop the simulator', () => child.stop());
  const { url, caFile } = await until('the simulator is up', async () => whereIn(child.output()), {
    signal: run.signal,
    lastSeen: () => child.tail(5),
  });
  const https = httpsClient({ server: url, caPem: readFileSync(caFile, 'utf8') });
  run.cleanup.later('hang up', () => https.close());
  const control: Control = (path, call = {}) =>
    https.json(`/_simulator${path}`, { ...call, authorization: `Bearer ${controlToken}` });
  const { tenantId } = (await control('')) as { tenantId: string };
  const { clusters } = (await control('/clusters')) as { clusters: { resourceId: string }[] };
  const resourceId = clusters[0]?.resourceId ?? '';
  return {
    url,
    caFile,
    tenantId,
    resourceId,
    controller: await addClient(control, CONTROLLER_ACTIONS, groupOf(resourceId)),
    observer: await addClient(control, ['*/read'], groupOf(resourceId)),
    https,
    control,
    howToConnect: () => child.output().trim(),
  };
}

async function addClient(control: Control, actions: readonly string[], scope: string): Promise<Client> {
  const body = JSON.stringify({ roles: [{ scope, actions }] });
  return (await control('/clients', { method: 'POST', body })) as Client;
}

function groupOf(resourceId: string): string {
  return resourceId.split('/').slice(0, 5).join('/');
}

/** It says where it is when everything in the scenario is there. */
function whereIn(output: string): { url: string; caFile: string } | undefined {
  const [, url] = /^AKS simulator at (https:\S+)$/m.exec(output) ?? [];
  const [, caFile] = /NODE_EXTRA_CA_CERTS=(\S+) /.exec(output) ?? [];
  return url === undefined || caFile === undefined ? undefined : { url, caFile };
}
