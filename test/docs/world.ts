import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { toolPath } from '../go-tools/find.ts';
import { startRig, type Rig } from '../integration/rig.ts';
import { ROOT } from './commands.ts';

/** Where the commands of pages run: a shell in a copy of the checkout, at real API servers. */
export interface World {
  /** Has the controller and a simulated AKS. */
  readonly rig: Rig;
  /** Has nothing at the start: Helm installs there. */
  readonly empty: ControlPlane;
  readonly cluster: SimulatedCluster;
  write(file: string, text: string): void;
  /** Runs one command as it stands, but for its placeholders, and returns what it printed. */
  run(command: string, options?: RunOptions): Promise<string>;
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly onEmpty?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** For a command that follows changes without end: it is stopped after this time, in ms, and that counts as success. */
  readonly stopAfterMs?: number;
  readonly exits?: readonly number[];
}

const LONGEST_MS = 60_000;

export async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-docs-'));
  for (const part of ['crds', 'deploy', 'simulator']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'aks-ca-trust'),
    `#!/bin/sh\nexec "${process.execPath}" --no-warnings "${ROOT}src/main.ts" "$@"\n`,
  );
  chmodSync(join(bin, 'aks-ca-trust'), 0o755);
  const helm = toolPath('helm');
  if (helm !== undefined && helm !== 'helm') symlinkSync(helm, join(bin, 'helm'));

  const [rig, empty] = await Promise.all([startRig(), startControlPlane('target', () => {})]);
  await rig.startController();
  const cluster = await rig.addCluster({ name: 'prod-weu', resourceGroup: 'prod' });

  const environment = {
    ...process.env,
    HOME: folder,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    NO_COLOR: '1',
  };

  return {
    rig,
    empty,
    cluster,
    write: (file, text) => {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    run: (command, { onEmpty = false, env = {}, stopAfterMs, exits = [0] } = {}) =>
      new Promise((resolve, reject) => {
        const { kubeconfigPath } = (onEmpty ? empty : rig.plane).config;
        const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
          cwd: folder,
          env: { ...environment, KUBECONFIG: kubeconfigPath, ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
          detached: true,
        });
        let printed = '';
        child.stdout.on('data', (part: Buffer) => (printed += part.toString()));
        child.stderr.on('data', (part: Buffer) => (printed += part.toString()));
        let stopped = false;
        const end = setTimeout(() => {
          stopped = stopAfterMs !== undefined;
          process.kill(-child.pid!, 'SIGTERM');
        }, stopAfterMs ?? LONGEST_MS);
        child.on('error', reject);
        child.on('close', (code, signal) => {
          clearTimeout(end);
          if (stopped || exits.includes(code ?? -1)) resolve(printed);
          else reject(new Error(`${command}\nended with ${code ?? signal}:\n${printed}`));
        });
      }),
    async stop() {
      await Promise.all([rig.stop(), empty.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
