import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from '../../test/control-plane/start.ts';
import { HEAP_FLAGS } from '../../src/runtime/heap.ts';
import { median, type Figure } from '../figure.ts';
import { connectApiServer } from '../load/api-server.ts';
import { sleep } from '../load/time.ts';
import { makeNodes, NODES_A_POOL, POOLS, replace, replaceHalf, report } from './nodes.ts';

const PASSES = 15;
/** Between two looks, 15 s apart: kubelets report every five minutes, and so many nodes are replaced, with five events each. */
const REPORTS = (15 / 300) * POOLS * NODES_A_POOL;
const REPLACED = 4;
const HALF = (POOLS * NODES_A_POOL) / 2;
const CHILD = fileURLToPath(new URL('passes.ts', import.meta.url));

interface Outcome {
  readonly times: readonly number[];
  readonly reckoned: readonly number[];
  readonly idle: number;
  readonly peak: number;
  readonly summary: string;
  /** Of all reads. */
  readonly requests: readonly string[];
}

/** What a read of a thousand nodes costs, half of them replaced a moment ago, over a real API server. */
export async function measureReimage(): Promise<Figure[]> {
  const plane = await startControlPlane('target', (line) => console.error(line));
  const server = connectApiServer(plane.config);
  try {
    await makeNodes(server);
    const child = spawn(process.execPath, ['--no-warnings', ...HEAP_FLAGS, CHILD, plane.config.kubeconfigPath], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    // A node of the same second as the newest that was there counts as old.
    await sleep(1100);
    await replaceHalf(server);
    const look = async () => {
      const looked = once(lines, 'line');
      child.stdin.write('look\n');
      await looked;
    };
    await look();
    for (let pass = 0; pass < PASSES; pass++) {
      await report(server, REPORTS);
      await replace(server, HALF + pass * REPLACED, REPLACED);
      await look();
    }
    const outcome = once(lines, 'line');
    child.stdin.end();
    return figuresOf(JSON.parse(String((await outcome)[0])) as Outcome);
  } finally {
    await server.close();
    await plane.stop();
  }
}

function figuresOf({ times, reckoned, idle, peak, summary, requests }: Outcome): Figure[] {
  const replaced = HALF + PASSES * REPLACED;
  // What the last look was too early for, the watch brings to the next one.
  const seen = Number(summary.split('/')[0]);
  if (!summary.endsWith(`/${2 * HALF}`) || seen < replaced - REPLACED || seen > replaced)
    throw new Error(`${replaced} nodes were replaced, and the passes say ${summary}`);
  const [first = NaN, ...others] = times;
  const asked = [...new Set(requests)].map((what) => `${requests.filter((one) => one === what).length} × ${what}`);
  return [
    {
      name: 'a read of a thousand nodes: CPU',
      value: median(others),
      unit: 'ms',
      limit: 50,
      detail: `${2 * HALF} nodes in ${POOLS} pools; with what the watches brought since the last: ${REPORTS} reports of kubelets, ${REPLACED} nodes replaced, five events each; median of ${PASSES}`,
    },
    { name: 'the first one, which lists: CPU', value: first, unit: 'ms', detail: 'half of the nodes replaced' },
    { name: 'of each, to assess progress, blockers and estimate', value: median(reckoned), unit: 'ms' },
    { name: 'memory above idle', value: (peak - idle) / 2 ** 20, unit: 'MiB', limit: 50, detail: 'RSS, at its most' },
    {
      name: 'requests of all reads together',
      value: requests.length,
      unit: '',
      detail: `${asked.join(', ')}; lists come in pages of 250`,
    },
  ];
}
