import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../test/control-plane/free-port.ts';
import { objectsIn } from './api-server.ts';
import type { Azure } from './azure.ts';
import { startChild, type Child } from './child.ts';
import type { Plane } from './control-planes.ts';
import type { Run } from './run.ts';
import { until } from './until.ts';

/** The controller, a process of its own. */
export interface Controller {
  /** `http://host:port`: /healthz, /readyz. */
  readonly healthUrl: string;
  /** `http://host:port/metrics`. */
  readonly metricsUrl: string;
  readonly logFile: string;
  tail(lines: number): string;
}

const NAMESPACE = 'aks-ca-trust-system';
const SERVICE_ACCOUNT = 'aks-ca-trust';
/** KEEP=1 may run for a while. */
const TOKEN_SECONDS = 86_400;

/** Starts it with the rights that its installation gives it, no more, and waits until it is ready. */
export async function startController(run: Run, management: Plane, azure: Azure): Promise<Controller> {
  await installRights(run, management);
  const kubeconfig = join(run.privateFolder, 'controller.kubeconfig');
  writeFileSync(kubeconfig, await ownKubeconfig(management), { mode: 0o600 });
  const address = `127.0.0.1:${await freePort()}`;
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const logFile = join(run.folder, 'controller.log');
  const child = startChild({
    name: 'the controller',
    command: process.execPath,
    args: [
      '--no-warnings',
      'src/main.ts',
      'controller',
      ...flags(kubeconfig, azure),
      ...serving(address, metricsAddress),
    ],
    cwd: run.root,
    env: {
      AZURE_CLIENT_SECRET: azure.controller.clientSecret,
      ...withoutProxy(process.env),
    },
    logFile,
    onDeath: run.abort,
  });
  run.cleanup.later('stop the controller', () => child.stop());
  const healthUrl = `http://${address}`;
  await untilReady(run, child, healthUrl);
  return { healthUrl, metricsUrl: `http://${metricsAddress}/metrics`, logFile, tail: (lines) => child.tail(lines) };
}

function flags(kubeconfig: string, { url, caFile, tenantId, controller }: Azure): string[] {
  return [
    ...['--kubeconfig', kubeconfig],
    ...['--arm-endpoint', url, '--authority-host', url, '--disable-instance-discovery', '--ca-file', caFile],
    '--allow-local-targets',
    ...['--credential', 'ClientSecret', '--tenant-id', tenantId, '--client-id', controller.clientId],
    // Real minutes become seconds, as the simulated clock's do.
    ...['--poll-interval', '1s', '--drift-interval', '2s'],
    ...['--log-level', 'debug', '--log-format', 'pretty'],
  ];
}

function serving(healthAddress: string, metricsAddress: string): string[] {
  return ['--health-address', healthAddress, '--metrics-address', metricsAddress, '--metrics-plain-http'];
}

async function installRights({ root }: Run, { admin }: Plane): Promise<void> {
  await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await admin.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: SERVICE_ACCOUNT, namespace: NAMESPACE },
  });
  const base = 'deploy/kustomize/base';
  for (const file of [`${base}/rbac.yaml`, `${base}/kubeconfig-rbac.yaml`])
    for (const object of objectsIn(readFileSync(join(root, file), 'utf8'))) await admin.apply(object);
}

async function ownKubeconfig({ admin, caPem }: Plane): Promise<string> {
  const { status } = (await admin.post(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${SERVICE_ACCOUNT}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: TOKEN_SECONDS },
  })) as { status: { token: string } };
  const name = 'management';
  const cluster = { server: admin.server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name: SERVICE_ACCOUNT, user: { token: status.token } }],
    contexts: [{ name, context: { cluster: name, user: SERVICE_ACCOUNT, namespace: NAMESPACE } }],
    'current-context': name,
  });
}

async function untilReady(run: Run, child: Child, healthUrl: string): Promise<void> {
  const ready = async () => {
    const answer = await fetch(`${healthUrl}/readyz`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  };
  await until('the controller is ready', ready, { signal: run.signal, lastSeen: () => child.tail(5) });
}

/** Everything is on this machine: a proxy that the environment names has no part in it. */
function withoutProxy(env: NodeJS.ProcessEnv): Record<string, string> {
  const list = ['127.0.0.1', env['NO_PROXY'] ?? env['no_proxy']].filter(Boolean).join(',');
  return { NO_PROXY: list, no_proxy: list };
}
