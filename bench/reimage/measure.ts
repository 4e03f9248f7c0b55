import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from '../../test/control-plane/start.ts';
import { median, type Figure } from '../figure.ts';
import { connectApiServer } from '../load/api-server.ts';
import { sleep } from '../load/time.ts';
import { makeNodes, NODES_A_POOL, POOLS, replaceHalf } from './nodes.ts';

const PASSES = 15;
const CHILD = fileURLToPath(new URL('passes.ts', import.meta.url));

/** As src/main.ts sets them. */
const HEAP = ['--semi-space-growth-factor=1', '--heap-growing-percent=30'];

interface Outcome {
  readonly times: readonly number[];
  readonly reckoned: readonly number[];
  readonly idle: number;
  readonly peak: number;
  readonly summary: string;
  readonly lists: Readonly<Record<string, number>>;
}

/** What a look at a thousand nodes costs, half of them replaced a moment ago, over a real API server. */
export async function measureReimage(): Promise<Figure[]> {
  const plane = await startControlPlane('target', (line) => console.error(line));
  const server = connectApiServer(plane.config);
  try {
    await makeNodes(server);
    const args = ['--no-warnings', ...HEAP, CHILD, plane.config.kubeconfigPath, String(PASSES)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    // A node of the same second as the newest that was there counts as old.
    await sleep(1100);
    await replaceHalf(server);
    const outcome = once(lines, 'line');
    child.stdin.end();
    return figuresOf(JSON.parse(String((await outcome)[0])) as Outcome);
  } finally {
    await server.close();
    await plane.stop();
  }
}

function figuresOf({ times, reckoned, idle, peak, summary, lists }: Outcome): Figure[] {
  const nodes = POOLS * NODES_A_POOL;
  if (summary !== `${nodes / 2}/${nodes}`)
    throw new Error(`Half of the nodes were replaced, and the passes say ${summary}`);
  const asked = Object.entries(lists).map(([path, count]) => `${(count / PASSES).toFixed(0)} × ${path}`);
  const pages = (path: string) => (lists[path] ?? 0) / PASSES;
  return [
    {
      name: 'a look at a thousand nodes: CPU',
      value: median(times),
      unit: 'ms',
      detail: `aim 50; ${nodes} nodes in ${POOLS} pools, half of them replaced, five events each; median of ${PASSES}`,
    },
    { name: 'of it, to reckon progress, hold-ups and estimate', value: median(reckoned), unit: 'ms' },
    { name: 'memory above idle', value: (peak - idle) / 2 ** 20, unit: 'MiB', limit: 50, detail: 'RSS, at its most' },
    {
      name: 'requests a look',
      value: pages('/api/v1/nodes') + pages('/api/v1/namespaces/default/events'),
      unit: '',
      detail: `${asked.join(', ')}; lists come in pages of 250`,
    },
  ];
}
