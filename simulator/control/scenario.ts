import { dirname } from 'node:path';
import type { Fault } from '../faults.ts';
import type { ClientSeed, Simulator } from '../simulator-interface.ts';
import { ACTIONS, perform, type ClusterAction } from './actions.ts';
import { seedOf } from './cluster-file.ts';
import type { ClusterEntry } from './cluster-entry.ts';
import { faultOf } from './fault-entry.ts';
import { readYaml } from './yaml-file.ts';

/** The content of a scenario file: see README.md. */
export interface Scenario {
  readonly clients?: readonly ClientSeed[];
  readonly clusters?: readonly ClusterEntry[];
  readonly faults?: readonly Fault[];
  readonly schedule?: readonly ScheduledAction[];
}

/** Something that happens so many simulated seconds after the start. */
export type ScheduledAction = { readonly at: number; readonly cluster: string } & ClusterAction;

const PARTS = ['clients', 'clusters', 'faults', 'schedule'];

/** Reads a scenario file. Throws when it has unknown parts: a misspelled one would silently do nothing. */
export async function readScenario(path: string): Promise<Scenario> {
  const scenario = (await readYaml(path, 'scenario')) as Scenario;
  const unknown = Object.keys(scenario).filter((key) => !PARTS.includes(key));
  if (unknown.length > 0) throw new Error(`${path}: unknown ${unknown.join(', ')}; a scenario has ${PARTS.join(', ')}`);
  for (const { action } of scenario.schedule ?? []) {
    if (!ACTIONS.has(action))
      throw new Error(`${path}: unknown action ${action}; there are ${[...ACTIONS].join(', ')}`);
  }
  scenario.faults?.forEach(faultOf);
  return scenario;
}

export interface PlayedScenario {
  readonly clients: { clientId: string; clientSecret: string; objectId: string }[];
  /** Resolves when the last action of the schedule is done. Rejects when one of them fails. */
  readonly schedule: Promise<void>;
}

/** Puts a scenario's clients, clusters and faults in, and starts its schedule. `path` is what paths in it are relative to. */
export async function play(
  simulator: Simulator,
  scenario: Scenario,
  path: string,
  signal?: AbortSignal,
): Promise<PlayedScenario> {
  const clients = (scenario.clients ?? []).map((client) => simulator.addClient(client));
  for (const entry of scenario.clusters ?? []) simulator.addCluster(await seedOf(entry, dirname(path)));
  await Promise.all(simulator.clusters().map((cluster) => cluster.ready()));
  for (const fault of scenario.faults ?? []) simulator.faults.add(fault);
  return { clients, schedule: follow(simulator, scenario.schedule ?? [], signal) };
}

async function follow(
  simulator: Simulator,
  schedule: readonly ScheduledAction[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const start = simulator.clock.now();
  for (const { at, cluster, ...action } of schedule.toSorted((a, b) => a.at - b.at)) {
    await simulator.clock.sleep(start + at * 1000 - simulator.clock.now(), signal);
    await perform(simulator.cluster(cluster), action);
  }
}
