import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that does not outlive this process, however this process ends. */
export interface GuardedProcess {
  /** Resolves when it has exited. */
  readonly exited: Promise<void>;
  /** The last few kilobytes it wrote. */
  output(): string;
  /** Asks it to end, and waits until it has: some seconds later, it is killed. */
  stop(): Promise<void>;
}

// The shell reads from a pipe that is never written to. Its end is the end of this process, or of the need for the program. A
// kube-apiserver with open watches waits for them for a minute: it is killed, as a kubelet does.
const GUARD =
  'exec 3<&0; "$@" & program=$!; { read -r _ <&3; kill $program; sleep 5; kill -9 $program; } >/dev/null 2>&1 & guard=$!; wait $program; kill $guard';
const OUTPUT_LIMIT = 8000;

export function startGuarded(command: string, args: readonly string[], env: NodeJS.ProcessEnv): GuardedProcess {
  const shell = spawn('/bin/sh', ['-c', GUARD, 'sh', command, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
  const exited = once(shell, 'exit').then(() => {});
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_LIMIT));
  shell.stdout.on('data', keep);
  shell.stderr.on('data', keep);
  shell.stdin.on('error', () => {}); // it has exited already
  return {
    exited,
    output: () => output,
    async stop() {
      shell.stdin.end();
      await exited;
    },
  };
}
