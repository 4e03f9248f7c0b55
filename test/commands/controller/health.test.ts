import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Program, startProgram } from '../../deploy/program.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

describe('a controller whose API server has never answered', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-health-'));
  let program: Program | undefined;
  afterEach(async () => {
    program?.kill('SIGKILL');
    await program?.exit;
    rmSync(folder, { recursive: true });
  });

  it('is alive, is not ready and says why, and ends with 0 when it is asked to', async () => {
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { token: 'x' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
    const flags = ['--health-address=127.0.0.1:0', '--metrics-address=127.0.0.1:0', '--metrics-plain-http'];
    const words = [MAIN, 'controller', `--kubeconfig=${join(folder, 'kubeconfig')}`, '--credential=ManagedIdentity'];
    program = startProgram([...words, ...flags], folder);
    const { port } = await program.line('The health server listens.');
    const { port: metricsPort } = await program.line('The metrics server listens.');
    const ask = async (path: string, at = port) => {
      const answer = await fetch(`http://127.0.0.1:${Number(at)}${path}`);
      return `${answer.status} ${(await answer.text()).trim()}`;
    };
    await program.line('A list failed.');
    expect(await ask('/healthz')).toBe('200 ok');
    expect(await ask('/readyz')).toBe('503 The caches are not filled yet.');
    expect(await ask('/metrics', metricsPort)).toMatch(/^200 [^]*nodejs_eventloop_lag_max_seconds/);
    expect(await ask('/metrics')).toBe('404 Only /healthz and /readyz are served here.');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0, errors: '' });
  }, 60_000);
});
