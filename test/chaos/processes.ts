import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { argumentsFor, type Surroundings } from '../deploy/command-line.ts';
import { startProgram, type Program } from '../deploy/program.ts';
import type { Hurry } from './controller-process.ts';

export interface Controllers {
  /** Starts one more process. */
  start(surroundings: Surroundings, flags?: readonly string[], hurry?: Hurry): Program;
  /** Kills what is left. */
  stop(): Promise<void>;
}

/** Beside where it works: several run on one machine, and drift is looked for while a test runs. */
const OURS = ['--metrics-address=none', '--drift-interval=2s'];

/** Seconds shrink to tens of milliseconds; what waits for what stays the same. */
export const HURRIED: NonNullable<Hurry['timing']> = {
  lostWrite: 1500,
  agreeingReads: 300,
  busy: [100, 400],
  failed: 200,
  stopped: 200,
  resume: [300, 1200],
  gone: 800,
  reconcileRequest: 300,
};

/** Bundles controller-process.ts as the image bundles the program: a start takes a third of the time. */
export async function buildControllers(): Promise<Controllers> {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-chaos-'));
  const program = join(folder, 'controller.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('controller-process.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire as cr } from 'node:module';\nconst require = cr(import.meta.url);" },
    logLevel: 'warning',
  });
  const running = new Set<Program>();
  return {
    start(surroundings, flags = [], hurry = { timing: HURRIED }) {
      const place = mkdtempSync(join(folder, 'c-'));
      const words = [program, JSON.stringify(hurry), ...argumentsFor(surroundings, place), ...OURS, ...flags];
      const started = startProgram(words, place);
      running.add(started);
      void started.exit.then(() => running.delete(started));
      return { ...started, line: (message) => lineInTime(started, message) };
    },
    async stop() {
      const left = [...running];
      for (const one of left) one.kill('SIGKILL');
      await Promise.all(left.map(({ exit }) => exit));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends one that has not said it within a minute, to hear what it has said instead. */
async function lineInTime(program: Program, message: string): ReturnType<Program['line']> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), 60_000)));
  const found = await Promise.race([program.line(message), tooLate]);
  clearTimeout(timer);
  if (found) return found;
  program.kill('SIGKILL');
  const { output, errors } = await program.exit;
  throw new Error(`it never said "${message}", but:\n${output.slice(-6000)}\n${errors}`);
}
