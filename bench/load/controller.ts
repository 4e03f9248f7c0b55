import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../simulator/programs/free-port.ts';
import { entrypoint, environment } from '../../test/deploy/dockerfile.ts';
import { FLAGS } from '../../src/commands/controller/flags.ts';
import { startProgram, type Program } from './program.ts';
import type { SimulatorProcess } from './simulator.ts';
import { now } from './time.ts';

const BUILD = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url));

/** Builds the controller of this checkout into a folder, and says where it is. */
export function buildController(folder: string): string {
  execFileSync(process.execPath, ['--no-warnings', BUILD, '--outdir', folder]);
  return join(folder, 'aks-ca-trust.mjs');
}

export interface ControllerOptions {
  readonly bundle: string;
  readonly kubeconfig: string;
  readonly simulator: SimulatorProcess;
  readonly logFile: string;
  readonly onDeath: (error: Error) => void;
  /** Flags of Node, before the program. */
  readonly nodeFlags?: readonly string[];
  /** Flags of the controller, after those of every measurement. */
  readonly flags?: readonly string[];
}

/** What every measurement uses, so that its figures can be compared with those of others. */
export const SETTINGS = [
  ...[
    '--max-changing-clusters',
    '0',
    '--workers',
    '10',
    '--poll-interval',
    '250ms',
    '--drift-interval',
    '24h',
    '--log-level',
    'warn',
  ],
  ...('armBudgets' in FLAGS ? ['--arm-budgets', 'none'] : []),
];

/** Starts the controller as its image does (see Dockerfile), outside of a cluster. */
export async function startController(options: ControllerOptions): Promise<Program> {
  const { bundle, kubeconfig, simulator, logFile, onDeath, nodeFlags = [], flags = [] } = options;
  const { url, caFile, tenantId, clientId, clientSecret } = simulator;
  const health = `127.0.0.1:${await freePort()}`;
  const args = [
    ...[...entrypoint().flags, ...nodeFlags, bundle, 'controller', '--kubeconfig', kubeconfig],
    ...['--arm-endpoint', url, '--authority-host', url, '--disable-instance-discovery', '--ca-file', caFile],
    '--allow-local-targets',
    ...['--credential', 'ClientSecret', '--tenant-id', tenantId, '--client-id', clientId],
    ...[...SETTINGS, '--health-address', health, ...flags],
  ];
  const env = { ...environment(), PATH: process.env['PATH'], HOME: process.env['HOME'] };
  return startProgram({
    name: 'the controller',
    args,
    env: { ...env, AZURE_CLIENT_SECRET: clientSecret },
    logFile,
    onDeath,
  });
}

/** Runs a command as a person would who is signed in to Azure; the time from its start to its first line, in ms. */
export function firstLine(
  bundle: string,
  { url, caFile, tenantId, clientId, clientSecret }: SimulatorProcess,
  words: readonly string[],
): Promise<number> {
  const flags = ['--arm-endpoint', url, '--authority-host', url, '--disable-instance-discovery', '--ca-file', caFile];
  const azure = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret };
  const startedAt = now();
  const child = spawn(process.execPath, [bundle, ...words, ...flags], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...azure },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    let at: number | undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('\n')) at ??= now();
    });
    child.once('close', () =>
      at === undefined ? reject(new Error(`no line came: ${errors}`)) : resolve(at - startedAt),
    );
  });
}
