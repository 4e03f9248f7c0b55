import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startChild } from './child.ts';
import { httpsClient, type HttpsClient } from './https-client.ts';
import type { Run } from './run.ts';
import { until } from './until.ts';

/** An application that may sign in. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

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
  /** How to point other clients at it, in the simulator's own words. */
  readonly howToConnect: () => string;
}

/** A minute of Azure's is a second here. */
export const SPEED = 60;
export const CLUSTER = 'prod-weu';
export const POOLS = [
  { name: 'system', mode: 'System', osType: 'Linux', count: 3 },
  { name: 'apps', mode: 'User', osType: 'Linux', count: 4 },
  { name: 'win', mode: 'User', osType: 'Windows', count: 2 },
] as const;

const SUBSCRIPTION = '5ca1ab1e-0000-4000-8000-000000000001';
const GROUP = 'platform';
const GROUP_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`;
const CONTROLLER_ACTIONS = [
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.ContainerService/managedClusters/read',
  'Microsoft.ContainerService/managedClusters/write',
  'Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read',
];

/** Starts it. The cluster's nodes are made in the API server of `targetKubeconfig`. */
export async function startAzure(run: Run, targetKubeconfig: string): Promise<Azure> {
  const [person, controller, observer] = [newClient(), newClient(), newClient()];
  const scenario = join(run.privateFolder, 'scenario.yaml');
  writeFileSync(
    scenario,
    stringify({
      clients: [
        person, // the first is the one the simulator prints
        { ...controller, roles: [{ scope: GROUP_ID, actions: CONTROLLER_ACTIONS }] },
        { ...observer, roles: [{ scope: GROUP_ID, actions: ['*/read'] }] },
      ],
      clusters: [
        {
          name: CLUSTER,
          resourceGroup: GROUP,
          subscriptionId: SUBSCRIPTION,
          kubeconfig: targetKubeconfig,
          pools: POOLS,
        },
      ],
    }),
    { mode: 0o600 },
  );
  const child = startChild({
    name: 'the simulator',
    command: process.execPath,
    args: ['--no-warnings', 'simulator/main.ts', '--state', scenario, '--speed', String(SPEED)],
    cwd: run.root,
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
  const { tenantId } = (await https.json('/_simulator')) as { tenantId: string };
  const resourceId = `${GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/${CLUSTER}`;
  return {
    url,
    caFile,
    tenantId,
    resourceId,
    controller,
    observer,
    https,
    howToConnect: () => child.output(),
  };
}

function newClient(): Client {
  return { clientId: randomUUID(), clientSecret: randomBytes(16).toString('hex') };
}

/** It says where it is when everything in the scenario is there. */
function whereIn(output: string): { url: string; caFile: string } | undefined {
  const [, url] = /^AKS simulator at (https:\S+)$/m.exec(output) ?? [];
  const [, caFile] = /curl --cacert (\S+) \S+\/_simulator\/nodes$/m.exec(output) ?? [];
  return url === undefined || caFile === undefined ? undefined : { url, caFile };
}
