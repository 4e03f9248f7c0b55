import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT_CODES } from '../../../src/commands/status/verdict.ts';
import { STATUS_FLAGS } from '../../../src/commands/status/request.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

/** Ends the process as soon as it loads what only a controller needs. */
const REFUSE = `
import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (/^(@azure|pino|prom-client)/.test(name)) throw new Error('loads ' + name);
  return next(name, context);
} });`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(words: readonly string[]): Promise<Ended> {
  const hooks = `--import=data:text/javascript,${encodeURIComponent(REFUSE)}`;
  return new Promise((resolve) => {
    execFile(process.execPath, [hooks, MAIN, 'status', ...words], { env: {}, timeout: 30_000 }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

/** A port where no process listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the command', () => {
  it('shows every flag and the exit codes in its help', async () => {
    const { code, out, err } = await run(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const [flag] of Object.values(STATUS_FLAGS)) expect(out).toContain(flag);
    expect(out).toContain('0 converged, 1 error, 2 in progress, 3 stuck');
  });

  it('has every flag and outcome explained', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/how-to/status.md'), 'utf8');
    for (const [flag] of Object.values(STATUS_FLAGS)) {
      const forms = flag.split(/[ ,]+/).filter((word) => word.startsWith('-'));
      expect({ flag, documented: forms.some((form) => new RegExp(`[ \`]${form}[ \`]`).test(page)) }).toEqual({
        flag,
        documented: true,
      });
    }
    for (const text of [...Object.keys(EXIT_CODES), ...Object.values(EXIT_CODES).map((code) => `| ${code} `)])
      expect(page).toContain(text);
  });

  it('names every fault of its flags at once and ends with 1: 2 would be a status', async () => {
    expect(await run(['roots', '-A', '-o', 'yaml'])).toEqual({
      code: 1,
      out: '',
      err:
        'aks-ca-trust: The arguments cannot be used:\n' +
        '  - --all-namespaces and the name of an object exclude each other\n' +
        '  - --output is "yaml"; it can be text or json\n',
    });
    expect(await run(['--wacht'])).toMatchObject({ code: 1, out: '' });
  });

  it('ends with 1 and one line where no server answers, and has loaded nothing of Azure by then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-status-'));
    const kubeconfig = join(folder, 'kubeconfig');
    const cluster = { server: `https://127.0.0.1:${await closedPort()}` };
    const named = { context: { cluster: 'a', user: 'a' }, user: { token: 't' }, cluster };
    const config = {
      'current-context': 'a',
      contexts: [{ name: 'a', context: named.context }],
      users: [{ name: 'a', user: named.user }],
      clusters: [{ name: 'a', cluster }],
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    for (const words of [['-A'], ['-A', '--watch'], ['-A', '-o', 'json']]) {
      const { code, out, err } = await run([...words, '--kubeconfig', kubeconfig]);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(
        /^aks-ca-trust: The API server https:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED.*\n$/,
      );
    }
    rmSync(folder, { recursive: true });
  }, 60_000);
});
