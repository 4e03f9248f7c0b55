import { execFile, spawn } from 'node:child_process';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.ts';

const ROOT = join(import.meta.dirname, '../..');
const LIMIT = 120_000;

interface Running {
  readonly ended: Promise<number | null>;
  output(): string;
  stop(): Promise<number | null>;
}

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
}, LIMIT);

/** A mode of demo/main.ts, as `make` starts it. */
function start(mode: string): Running {
  const child = spawn(process.execPath, ['demo/main.ts', mode], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  running = {
    ended,
    output: () => output,
    stop() {
      child.kill('SIGINT');
      return ended;
    },
  };
  return running;
}

/** Whether a server answers there. */
async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Runs lines that were printed, in a shell with the printed kubeconfig. */
async function runAsPrinted(output: string, lines: RegExp): Promise<string> {
  const [kubeconfig = ''] = /export KUBECONFIG=\S+/.exec(output) ?? [];
  const [commands = ''] = lines.exec(output) ?? [];
  const ran = await promisify(execFile)('sh', ['-c', `${kubeconfig}\n${commands} || true`], { cwd: ROOT });
  return ran.stdout;
}

function healthIn(output: string): string {
  return `${/ready at (http:\S+?),/.exec(output)?.[1] ?? ''}/healthz`;
}

describe('make dev', () => {
  it(
    'runs everything with the controller from source, starts it again after a change of src/, and ends all with Ctrl-C',
    async () => {
      const dev = start('dev');
      const log = () => readFileSync(join(ROOT, '.demo/controller.log'), 'utf8');
      const starts = () => log().split('The controller starts.').length - 1;
      const until = (what: () => boolean) =>
        eventually(async () => {
          if (dev.output().includes('failed')) throw new Error(dev.output());
          return what();
        }, LIMIT);
      await until(() => dev.output().includes('Everything stays until Ctrl-C.'));
      expect(dev.output()).toContain('kubectl wait customcatrust/corporate-roots -n platform --for=condition=Ready');
      expect(dev.output()).toContain('az aks show --resource-group platform --name prod-weu');
      expect(starts()).toBe(1);
      const now = new Date();
      utimesSync(join(ROOT, 'src/api/version.ts'), now, now);
      await until(() => starts() === 2);
      const check = await runAsPrinted(dev.output(), /export AZURE_CLIENT_SECRET=.*\n.* check .*/);
      expect(check).toMatch(/\n\d+ passed, 0 failed, \d+ skipped\.\n$/);
      const health = healthIn(dev.output());
      await eventually(() => answers(health), LIMIT);
      expect(await dev.stop()).toBe(0);
      expect(await answers(health)).toBe(false);
    },
    3 * LIMIT,
  );
});

describe('make play', () => {
  it('says which modes there are, when it is asked for another', async () => {
    const other = start('toy');
    expect(await other.ended).toBe(1);
    expect(other.output()).toBe('demo: there is no "toy"; it can be demo, play, dev\n');
  }, 30_000);
});
