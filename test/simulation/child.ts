import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** What run.ts prints in the end. */
export interface Report {
  readonly histories: number;
  readonly seconds: number;
  /** The same for the same histories. */
  readonly digest: number;
  readonly failures: number;
  readonly failed?: { readonly seed: number; readonly rule: string };
}

/** `faults`: many, which pass. `lasting`: one condition that does not end. `rotations`: as `faults`, and certificates are rotated. */
export type Sort = 'faults' | 'lasting' | 'rotations';

/** The broken rule and the command that repeats its history; the same text for every run without one. */
export function summaryOf({ failed }: Report, sort: Sort = 'faults'): string {
  if (!failed) return 'no rule was broken';
  return `${failed.rule}\nreplay: node test/simulation/run.ts --sort ${sort} --seed ${failed.seed} --trace`;
}

/** Runs histories in a process of their own: they replace AbortSignal.timeout, and may be of another copy of src. */
export function runHistories(options: {
  seed: number;
  histories: number;
  sort?: Sort;
  /** Name of the only condition; default: each seed its own. */
  condition?: string;
  source?: string;
}): Promise<Report> {
  const { seed, histories, source, sort = 'faults', condition } = options;
  const file = join(import.meta.dirname, 'run.ts');
  const args = [
    file,
    '--sort',
    sort,
    '--seed',
    `${seed}`,
    '--histories',
    `${histories}`,
    ...(condition ? ['--condition', condition] : []),
    ...(source ? ['--source', source] : []),
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) resolve(JSON.parse(line) as Report);
      else reject(new Error(`no histories ran: ${error?.message ?? ''} ${stderr}`));
    });
  });
}
