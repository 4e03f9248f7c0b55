import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Plane } from './control-planes.ts';
import type { Subject } from './manifests.ts';
import type { Run } from './run.ts';

/** Output and exit code of `aks-ca-trust status`. */
export interface StatusOutput {
  readonly output: string;
  readonly exitCode: number | null;
}

/** Runs it with the administrator's kubeconfig and prints its output. */
export async function askStatus(
  { root, screen, signal }: Run,
  { kubeconfig }: Plane,
  { namespace, name }: Subject,
): Promise<StatusOutput> {
  const args = ['status', name, '--namespace', namespace];
  screen.say(`$ aks-ca-trust ${args.join(' ')}`);
  const command = spawn(process.execPath, ['--no-warnings', 'src/main.ts', ...args], {
    cwd: root,
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    command.once('error', reject);
    command.once('exit', resolve);
  });
  const [output, exitCode] = await Promise.all([text(command.stdout), exited]);
  screen.quote(output);
  return { output, exitCode };
}
