import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Program, startProgram } from '../../deploy/program.ts';
import { json, startScriptedServer, type ScriptedServer } from '../../kubernetes/scripted-server.ts';
import { bearer, scrape } from '../../runtime/scraper.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');
const jwt = (name: number) => `eyJhbGciOiJSUzI1NiJ9.eyJzdWIi${name}.signature`;

describe('a controller whose metrics many ask for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-scrapes-'));
  let program: Program | undefined;
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    program?.kill('SIGKILL');
    await program?.exit;
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  it('asks about two of their tokens at a time, and only about JSON Web Tokens', async () => {
    const tokens: string[] = [];
    let atOnce = 0;
    let most = 0;
    const two = Promise.withResolvers<void>();
    server = await startScriptedServer((request, response) => {
      if (!request.asked.pathname.endsWith('/tokenreviews')) {
        json(404, { kind: 'Status', code: 404, message: 'the server could not find it' })(request, response);
        return;
      }
      most = Math.max(most, ++atOnce);
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        tokens.push((JSON.parse(text) as { spec: { token: string } }).spec.token);
        if (tokens.length >= 2) two.resolve();
        void two.promise.then(() => {
          atOnce--;
          json(201, { status: { authenticated: false } })(request, response);
        });
      });
    });
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'u', user: { token: 'x' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
    const flags = ['--health-address=none', '--metrics-address=127.0.0.1:0', '--credential=ManagedIdentity'];
    program = startProgram([MAIN, 'controller', `--kubeconfig=${join(folder, 'kubeconfig')}`, ...flags], folder);
    const port = Number((await program.line('The metrics server listens.')).port);
    const statusOf = async (token: string) => (await scrape(port, bearer(token))).status;
    expect(await statusOf('made-up')).toBe(401);
    const statuses = await Promise.all(Array.from({ length: 8 }, (_, n) => statusOf(jwt(n))));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(tokens.toSorted()).toEqual(Array.from({ length: 8 }, (_, n) => jwt(n)));
    expect(most).toBe(2);
  }, 60_000);
});
