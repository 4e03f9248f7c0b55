import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createExecPlugin, type ExecPlugin } from '../../../src/kubernetes/auth/exec-plugin.ts';

const START = Date.UTC(2026, 10, 21);
const MINUTE = 60_000;

describe('an exec plugin', () => {
  let directory: string;
  let now: number;
  let plugin: ExecPlugin;

  /** Prints what is in a file, and notes in another that it ran, and its input. */
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'exec-plugin-'));
    now = START;
    const script = 'echo "$KUBERNETES_EXEC_INFO $MORE" >> runs; cat answer || { echo no ticket >&2; exit 1; }';
    const args = ['-c', `cd "${directory}"; ${script}`];
    plugin = createExecPlugin({ command: 'sh', args, env: [{ name: 'MORE', value: 'more' }] }, () => now);
  });

  afterEach(() => rm(directory, { recursive: true }));

  async function answer(status: object): Promise<void> {
    await writeFile(join(directory, 'answer'), JSON.stringify({ kind: 'ExecCredential', status }));
  }

  const until = (ms: number) => new Date(START + ms).toISOString();
  const runs = async () => (await readFile(join(directory, 'runs'), 'utf8')).trim().split('\n');

  it('gets the API version and its own environment, and runs once for all callers', async () => {
    await answer({ token: 'one' });
    expect(await Promise.all([plugin.current(), plugin.current()])).toEqual([{ token: 'one' }, { token: 'one' }]);
    now += 1000 * MINUTE;
    expect(await plugin.current()).toEqual({ token: 'one' });
    const info = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false },
    };
    expect(await runs()).toEqual([`${JSON.stringify(info)} more`]);
  });

  it('may tell a person what to do while it runs', async () => {
    const person = new PassThrough();
    const script = 'echo "enter the code ABC" >&2; read -r _ < "$FIFO"; echo "{\\"status\\":{\\"token\\":\\"t\\"}}"';
    const fifo = join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const env = [{ name: 'FIFO', value: fifo }];
    const asking = createExecPlugin({ command: 'sh', args: ['-c', script], env }, () => now, person).current();
    // It waits for the person, who would not know what for otherwise.
    const [said] = (await once(person, 'data')) as [Buffer];
    expect(said.toString()).toBe('enter the code ABC\n');
    await writeFile(fifo, 'done\n');
    expect(await asking).toEqual({ token: 't' });
  });

  it('runs again before what it gave ends', async () => {
    await answer({ token: 'one', expirationTimestamp: until(10 * MINUTE) });
    await plugin.current();
    await answer({ clientCertificateData: 'cert', clientKeyData: 'key', expirationTimestamp: until(20 * MINUTE) });
    now += 9 * MINUTE - 1;
    expect(await plugin.current()).toEqual({ token: 'one' });
    now += 1;
    expect(await plugin.current()).toEqual({ certPem: 'cert', keyPem: 'key' });
  });

  it('runs again when the server did not believe what it gave', async () => {
    await answer({ token: 'one' });
    await plugin.current();
    await answer({ token: 'two' });
    plugin.distrust();
    expect(await plugin.current()).toEqual({ token: 'two' });
    expect(await plugin.current()).toEqual({ token: 'two' });
    expect(await runs()).toHaveLength(2);
  });

  it('may fail as long as what it gave has not ended', async () => {
    await answer({ token: 'one', expirationTimestamp: until(10 * MINUTE) });
    await plugin.current();
    await rm(join(directory, 'answer'));
    now += 10 * MINUTE - 1;
    expect(await plugin.current()).toEqual({ token: 'one' });
    now += 1;
    await expect(plugin.current()).rejects.toThrow('sh failed: ');
    await expect(plugin.current()).rejects.toThrow('no ticket');
  });

  it.each([
    ['prints no JSON', 'nothing', 'did not print an ExecCredential'],
    ['prints no status', '{}', 'did not print an ExecCredential'],
    ['gives a certificate without its key', '{"status":{"clientCertificateData":"c"}}', 'without a token'],
  ])('that %s has failed', async (_what, output, message) => {
    await writeFile(join(directory, 'answer'), output);
    await expect(plugin.current()).rejects.toThrow(message);
  });

  it('that is not there says how to get it', async () => {
    const missing = createExecPlugin({ command: 'no-such-plugin', installHint: 'install it' }, () => now);
    await expect(missing.current()).rejects.toThrow(/^no-such-plugin failed: .*ENOENT: install it$/);
  });
});
