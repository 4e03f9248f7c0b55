import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane } from '../../test/control-plane/start.ts';
import { connectApiServer, type ApiServer } from './api-server.ts';
import { buildController, firstLine, startController } from './controller.ts';
import { childrenOf } from './process-usage.ts';
import type { Program } from './program.ts';
import { startSimulatorProcess, type SimulatorProcess } from './simulator.ts';
import { NAMESPACE } from './trust.ts';

/** An empty API server and an empty simulator, and the controller to be started between them. */
export interface Stage {
  readonly server: ApiServer;
  readonly serverPort: number;
  /** The API server's own process, and that of etcd. */
  readonly serverPids: readonly number[];
  readonly simulator: SimulatorProcess;
  /** An administrator's kubeconfig of the API server, as text. */
  readonly kubeconfig: string;
  /** `flags` come after those that every measurement uses. */
  startController(nodeFlags?: readonly string[], flags?: readonly string[]): Promise<Program>;
  /** Runs a command of the program that signs in to ARM, and resolves with the time from its start to its first line, in ms. */
  firstLine(words: readonly string[]): Promise<number>;
}

/** Where logs of a run are kept when AKS_CA_TRUST_BENCH_LOGS names a folder; else in one that goes with the run. */
const LOGS = process.env['AKS_CA_TRUST_BENCH_LOGS'];

/** A bench that is interrupted leaves nothing running: programs it started end with it. Returns how to take that back. */
function killAtExit(pids: readonly number[]): () => void {
  const kill = () => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  };
  const exit = () => process.exit(130);
  process.on('exit', kill);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, exit);
  return () => {
    process.off('exit', kill);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, exit);
  };
}

/** Sets a stage for one measurement and clears it away, whatever happens. */
export async function onStage<T>(measure: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-bench-'));
  const logs = LOGS ?? folder;
  const death = Promise.withResolvers<never>();
  const onDeath = death.reject;
  death.promise.catch(() => {}); // it is told to whoever waits below
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const bundle = buildController(folder);
    const before = new Set(childrenOf(process.pid).values());
    const plane = await startControlPlane('management', (line) => console.error(line));
    undo.push(() => plane.stop());
    const serverPids = [...childrenOf(process.pid).values()].filter((pid) => !before.has(pid));
    undo.push(killAtExit(serverPids));
    const server = connectApiServer(plane.config);
    undo.push(() => server.close());
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await server.send('POST', '/api/v1/namespaces', namespace);
    const simulator = await startSimulatorProcess(join(logs, 'simulator.log'), onDeath);
    undo.push(() => simulator.stop());
    let started = 0;
    const controllers: Program[] = [];
    undo.push(() => Promise.all(controllers.map((controller) => controller.stop())));
    const measured = measure({
      server,
      serverPort: plane.config.apiServerPort,
      serverPids,
      simulator,
      kubeconfig: plane.config.kubeconfigYaml,
      async startController(nodeFlags = [], flags = []) {
        const logFile = join(logs, `controller-${++started}.log`);
        const kubeconfig = plane.config.kubeconfigPath;
        const controller = await startController({ bundle, kubeconfig, simulator, logFile, onDeath, nodeFlags, flags });
        controllers.push(controller);
        return controller;
      },
      firstLine: (words) => firstLine(bundle, simulator, words),
    });
    return await Promise.race([measured, death.promise]);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
