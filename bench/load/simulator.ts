import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import type { ClusterSeed, Fault, JournalEntry } from '../../simulator/index.ts';
import type { Statistics } from '../../simulator/statistics.ts';
import { startProgram, type Program } from './program.ts';
import { until } from './time.ts';

/** The simulator, a process of its own. */
export interface SimulatorProcess {
  readonly program: Program;
  readonly url: string;
  readonly caFile: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Puts clusters in, without nodes where the seed does not say otherwise; their resource ids, in order. */
  addClusters(names: readonly string[], seed?: Partial<ClusterSeed>): Promise<string[]>;
  addFault(fault: Fault): Promise<void>;
  statistics(): Promise<Statistics>;
  clearStatistics(): Promise<void>;
  /** Requests since the `since`th, without bodies. */
  journal(query: { since?: number; operation?: string }): Promise<JournalEntry[]>;
  clearJournal(): Promise<void>;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url));
/** What an operation of AKS takes, in seconds. */
export const OPERATION_SECONDS = 0.2;
const CLUSTERS_A_REQUEST = 500;

/** Starts it without throttling, and without telling clients when to look again. */
export async function startSimulatorProcess(
  logFile: string,
  onDeath: (error: Error) => void,
): Promise<SimulatorProcess> {
  const controlToken = randomUUID();
  const program = startProgram({
    name: 'the simulator',
    args: [
      ...['--no-warnings', MAIN, '--no-throttling', '--overhead-seconds', String(OPERATION_SECONDS)],
      ...['--poll-seconds', '0', '--no-journal-bodies', '--journal-limit', '100000'],
    ],
    env: { ...process.env, AKS_SIMULATOR_CONTROL_TOKEN: controlToken },
    logFile,
    onDeath,
  });
  await until('the simulator is up', () => program.output().includes('/_simulator/nodes'));
  const [, url = ''] = /^AKS simulator at (\S+)$/m.exec(program.output()) ?? [];
  const [, caFile = ''] = /NODE_EXTRA_CA_CERTS=(\S+)/.exec(program.output()) ?? [];
  const pool = new Pool(url, {
    connections: 1,
    connect: { ca: readFileSync(caFile, 'utf8') },
    keepAliveTimeout: 600_000,
  });

  async function control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await pool.request({
      method,
      path: `/_simulator${path}`,
      headers: { authorization: `Bearer ${controlToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  const { tenantId } = (await control('GET', '')) as { tenantId: string };
  const client = (await control('POST', '/clients', {})) as { clientId: string; clientSecret: string };
  return {
    program,
    url,
    caFile,
    tenantId,
    ...client,
    async addClusters(names, seed = {}) {
      const ids: string[] = [];
      for (let from = 0; from < names.length; from += CLUSTERS_A_REQUEST) {
        const seeds = names.slice(from, from + CLUSTERS_A_REQUEST).map((name) => ({ ...seedOf(name), ...seed }));
        ids.push(...((await control('POST', '/clusters', seeds)) as { resourceIds: string[] }).resourceIds);
      }
      return ids;
    },
    addFault: async (fault) => void (await control('POST', '/faults', fault)),
    statistics: async () => (await control('GET', '/statistics')) as Statistics,
    clearStatistics: async () => void (await control('DELETE', '/statistics')),
    async journal({ since = 0, operation }) {
      const query = `since=${since}${operation === undefined ? '' : `&operation=${operation}`}`;
      return ((await control('GET', `/requests?${query}`)) as { requests: JournalEntry[] }).requests;
    },
    clearJournal: async () => void (await control('DELETE', '/requests')),
    async stop() {
      await pool.destroy();
      await program.stop();
    },
  };
}

function seedOf(name: string): ClusterSeed {
  return { name, resourceGroup: 'bench', pools: [{ name: 'system', count: 0 }] };
}
