import { execFile } from 'node:child_process';
import { ROOT, shellBlocksOf } from '../docs/commands.ts';

/** How a command of a user's ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs lines of a shell in the checkout, with kubectl at this API server. */
export function shellWith(kubeconfig: string): (lines: string, input?: string) => Promise<Ended> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return (lines, input = '') =>
    new Promise((resolve, reject) => {
      const child = execFile(
        'bash',
        ['-euo', 'pipefail', '-c', lines],
        { cwd: ROOT, env, encoding: 'utf8' },
        (error, stdout, stderr) => {
          // A number is the exit code, anything else says that bash did not run.
          const code = error ? error.code : 0;
          if (typeof code === 'number') resolve({ code, stdout, stderr });
          else reject(new Error(`bash did not run: ${error?.message}`));
        },
      );
      child.stdin?.end(input);
    });
}

const run = new Set<string>();

/** The block of commands of a page that has this text, which counts as run then. */
export function commandsOf(page: string, text: string): string {
  const [found, ...others] = blocksOf(page).filter((block) => block.includes(text));
  if (found === undefined || others.length > 0) throw new Error(`${page} has not one block with: ${text}`);
  run.add(found);
  return found;
}

/** The blocks of commands of a page that no test of the file has run. */
export function notRunOf(page: string): string[] {
  return blocksOf(page).filter((block) => !run.has(block));
}

function blocksOf(page: string): string[] {
  return shellBlocksOf(page).map(({ text }) => text);
}
