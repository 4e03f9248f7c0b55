import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine } from '../deploy/command-line.ts';
import { startProgram, type Program } from '../deploy/program.ts';
import type { Rig } from './rig.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** One controller process; what it asks of ARM it asks as an application of its own. */
export interface Process extends Program {
  readonly clientId: string;
}

export interface Processes {
  /**
   * Resolves when its caches are filled.
   *
   * @param server instead of the rig's API server: something before it
   */
  start(flags: readonly string[], server?: { server: string; caPem: string }): Promise<Process>;
  /** Asks all to stop, and waits. */
  stopAll(): Promise<void>;
}

/** Controllers as users run them, of a rig. */
export function createProcesses(rig: Rig): Processes {
  const running = new Map<Program, string>();
  return {
    async start(flags, server) {
      const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-process-'));
      const words = await commandLine(rig, folder, server);
      const program = startProgram([MAIN, ...words, ...flags], folder);
      running.set(program, folder);
      await program.line('The caches are filled.');
      const clientId = words.find((word) => word.startsWith('--client-id='))?.split('=')[1] ?? '';
      return { ...program, clientId };
    },
    async stopAll() {
      for (const program of running.keys()) program.kill('SIGTERM');
      for (const [program, folder] of running) {
        await program.exit;
        rmSync(folder, { recursive: true });
      }
      running.clear();
    },
  };
}
