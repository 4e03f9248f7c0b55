import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { freePort } from '../simulator/programs/free-port.ts';
import type { Azure } from './azure.ts';
import { startChild, type Child } from './child.ts';
import type { Plane } from './control-planes.ts';
import type { Installation } from './installation.ts';
import type { Run } from './run.ts';
import { until } from './until.ts';

/** The controller, a process of its own. */
export interface Controller {
  /** `http://host:port`: /healthz, /readyz. */
  readonly healthUrl: string;
  /** `http://host:port/metrics`. */
  readonly metricsUrl: string;
  readonly logFile: string;
  /** The words after the program with which it was started; the first is the command. */
  readonly args: readonly string[];
  /** What its environment has besides that of the demo. */
  readonly env: Readonly<Record<string, string>>;
  tail(lines: number): string;
}

/** Words that start the program with Node.js: a bundle, or the source, started again whenever it changes. */
export type Program = readonly string[];
export const BUNDLE: Program = ['--no-warnings', 'dist/aks-ca-trust.mjs'];
export const SOURCE: Program = ['--no-warnings', '--watch', '--watch-preserve-output', 'src/main.ts'];

/** KEEP=1 may run for a while. */
const TOKEN_SECONDS = 86_400;

export interface ControllerOptions {
  readonly installation: Installation;
  readonly program: Program;
  /** Gets each line of its log as well. */
  readonly onOutput?: (text: string) => void;
}

/** Builds dist/aks-ca-trust.mjs. */
export async function buildBundle({ root, signal }: Run): Promise<void> {
  await promisify(execFile)(process.execPath, ['--no-warnings', 'scripts/build.ts'], { cwd: root, signal });
}

/** Starts it with the arguments and the rights of its installation, no more, and waits until it is ready. */
export async function startController(
  run: Run,
  management: Plane,
  azure: Azure,
  { installation, program, onOutput }: ControllerOptions,
): Promise<Controller> {
  const kubeconfig = join(run.privateFolder, 'controller.kubeconfig');
  writeFileSync(kubeconfig, await ownKubeconfig(management, installation), { mode: 0o600 });
  const address = `127.0.0.1:${await freePort()}`;
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const logFile = join(run.folder, 'controller.log');
  const args = [...installation.args, ...flags(kubeconfig, azure), ...serving(address, metricsAddress)];
  const env = {
    POD_NAMESPACE: installation.namespace,
    AZURE_CLIENT_SECRET: azure.controller.clientSecret,
    ...withoutProxy(process.env),
  };
  const child = startChild({
    name: 'the controller',
    command: process.execPath,
    args: [...program, ...args],
    cwd: run.root,
    env,
    logFile,
    onDeath: run.abort,
    ...(onOutput ? { onOutput } : {}),
  });
  run.cleanup.later('stop the controller', () => child.stop());
  const healthUrl = `http://${address}`;
  await untilReady(run, child, healthUrl);
  const metricsUrl = `http://${metricsAddress}/metrics`;
  return { healthUrl, metricsUrl, logFile, args, env, tail: (lines) => child.tail(lines) };
}

/** How to sign in to this Azure, and to reach target clusters on this machine. */
export function azureFlags({ url, caFile, tenantId, controller }: Azure): string[] {
  return [
    ...['--arm-endpoint', url, '--authority-host', url, '--disable-instance-discovery', '--ca-file', caFile],
    '--allow-local-targets',
    ...['--credential', 'ClientSecret', '--tenant-id', tenantId, '--client-id', controller.clientId],
  ];
}

function flags(kubeconfig: string, azure: Azure): string[] {
  return [
    ...['--kubeconfig', kubeconfig],
    ...azureFlags(azure),
    // Real minutes become seconds, as the simulated clock's do.
    ...['--poll-interval', '1s', '--drift-interval', '2s'],
    ...['--log-level', 'debug', '--log-format', 'pretty'],
  ];
}

function serving(healthAddress: string, metricsAddress: string): string[] {
  return ['--health-address', healthAddress, '--metrics-address', metricsAddress, '--metrics-plain-http'];
}

async function ownKubeconfig({ admin, caPem }: Plane, { namespace, serviceAccount }: Installation): Promise<string> {
  const { status } = (await admin.post(`/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`, {
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
    users: [{ name: serviceAccount, user: { token: status.token } }],
    contexts: [{ name, context: { cluster: name, user: serviceAccount, namespace } }],
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
