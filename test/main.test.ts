import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { FLAGS } from '../src/commands/controller/config.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program with nothing in its environment but what is given. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [MAIN, ...args], { env, timeout: 30_000 }, (error, out, err) => {
      if (error && typeof error.code !== 'number')
        reject(new Error('the program did not end by itself', { cause: error }));
      else resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}

describe('the program', () => {
  it('shows its commands', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('controller');
  });

  it('shows every flag of the controller', async () => {
    const { code, out, err } = await run(['controller', '--help']);
    expect([code, err]).toEqual([0, '']);
    for (const [flag] of Object.values(FLAGS)) expect(out).toContain(flag);
  });

  it('names a flag that it does not know, the one that may be meant, and how to see all', async () => {
    const { code, out, err } = await run(['controller', '--cluod', 'AzureChina']);
    expect(code).toBeGreaterThan(0);
    expect(out).toBe('');
    expect(err).toContain("unknown option '--cluod'");
    expect(err).toContain('(Did you mean --cloud?)');
    expect(err).toContain('--help');
  });

  it('names a flag that lacks its value', async () => {
    const { code, err } = await run(['controller', '--cloud']);
    expect(code).toBeGreaterThan(0);
    expect(err).toContain("option '--cloud <name>' argument missing");
  });

  it('lists every fault of its configuration in one message, and does nothing', async () => {
    const { code, out, err } = await run(['controller', '--cloud', 'Mars', '--workers', 'all', '--leader-elect']);
    expect([code, out]).toEqual([2, '']);
    expect(err.split('\n')).toEqual([
      'aks-ca-trust: The configuration is wrong:',
      expect.stringMatching(/^ {2}- --cloud is "Mars"; it can be /),
      expect.stringMatching(/^ {2}- --leader-elect needs a namespace/),
      expect.stringMatching(/^ {2}- credential WorkloadIdentity needs a tenant/),
      expect.stringMatching(/^ {2}- credential WorkloadIdentity needs a client id/),
      expect.stringMatching(/^ {2}- credential WorkloadIdentity needs a token file/),
      expect.stringMatching(/^ {2}- --workers is "all"; /),
      '',
    ]);
  });

  it('ends with one line and no stack where a configured file is missing', async () => {
    const ids = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/token' };
    const { code, err } = await run(['controller', '--kubeconfig', '/missing/kubeconfig'], ids);
    expect(code).toBe(1);
    expect(err).toMatch(/^aks-ca-trust: .*\/missing\/kubeconfig.*\n$/);
  });

  it('refuses a policy file that is wrong in one message, with file, line and fault', async () => {
    const path = join(import.meta.dirname, 'main.test.ts');
    const env = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/token' };
    const { code, out, err } = await run(['controller', '--policy-file', path], env);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(
      /^aks-ca-trust: The configuration is wrong:\n {2}- The policy file .*main\.test\.ts cannot be used\. Line \d+: [^\n]*\n$/,
    );
  });
});
