import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { BUNDLE, type Controller } from './controller.ts';
import type { Plane } from './control-planes.ts';
import type { Subject } from './manifests.ts';
import type { Run } from './run.ts';

/** Output and exit code of one of our commands. */
export interface CommandOutput {
  readonly output: string;
  readonly exitCode: number | null;
}

/** Runs `aks-ca-trust status` with the administrator's kubeconfig and prints its output. */
export function askStatus(run: Run, { kubeconfig }: Plane, { namespace, name }: Subject): Promise<CommandOutput> {
  const args = ['status', name, '--namespace', namespace];
  run.screen.say(`$ aks-ca-trust ${args.join(' ')}`);
  return runProgram(run, args, { KUBECONFIG: kubeconfig });
}

/** Runs `aks-ca-trust check` as the controller, with its arguments, and prints its output. */
export function askCheck(run: Run, { args: [, ...flags], env }: Controller): Promise<CommandOutput> {
  run.screen.say('$ aks-ca-trust check, with the arguments of the controller');
  return runProgram(run, ['check', ...flags], env);
}

async function runProgram(
  { root, screen, signal }: Run,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandOutput> {
  const command = spawn(process.execPath, [...BUNDLE, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
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
