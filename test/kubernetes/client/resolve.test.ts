import { lookup } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connect } from '../../../src/kubernetes/client/connection.ts';
import type { Resolve } from '../../../src/kubernetes/client/dial.ts';
import { createResolve, type ResolveOptions } from '../../../src/kubernetes/client/resolve.ts';
import { startDnsServer, type DnsAnswer, type DnsServer } from '../dns-server.ts';

jest.setTimeout(30_000);

const NEVER: Resolve = () => Promise.reject(new Error('the fallback was asked'));

describe('the addresses of a target', () => {
  let folder: string;
  let server: DnsServer;
  let says: (name: string) => DnsAnswer = () => 'NoSuchName';
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hosts-'));
    server = await startDnsServer((name) => says(name));
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  function resolver(options: ResolveOptions & { hosts?: string } = {}): Resolve {
    const hostsFile = join(folder, 'hosts');
    writeFileSync(hostsFile, options.hosts ?? '');
    return createResolve({ servers: [server.address], hostsFile, fallback: NEVER, ...options });
  }

  it('are those of the file of hosts, of any case and with comments, before DNS is asked', async () => {
    const hosts =
      '# nothing\n127.0.0.1 localhost\n10.1.2.3\tother Api.Corp # here\n::1 localhost\nfd00::3 api.corp\nx api.corp\n';
    const resolve = resolver({ hosts });
    expect(await resolve('API.corp', 0)).toEqual([
      { address: '10.1.2.3', family: 4 },
      { address: 'fd00::3', family: 6 },
    ]);
    expect(await resolve('api.corp', 6)).toEqual([{ address: 'fd00::3', family: 6 }]);
    expect(server.asked).toEqual([]);
  });

  it('are those that DNS has', async () => {
    says = () => ['10.0.0.1', '10.0.0.2'];
    expect(await resolver()('prod.hcp.azmk8s.io', 0)).toEqual([
      { address: '10.0.0.1', family: 4 },
      { address: '10.0.0.2', family: 4 },
    ]);
    expect(new Set(server.asked)).toEqual(new Set(['prod.hcp.azmk8s.io']));
  });

  it('are looked up as Node does where DNS does not have the name as it is written', async () => {
    says = () => 'NoSuchName';
    const fallback = jest.fn<Resolve>().mockResolvedValue([{ address: '10.9.9.9', family: 4 }]);
    expect(await resolver({ fallback })('kubernetes.default.svc', 4)).toEqual([{ address: '10.9.9.9', family: 4 }]);
    expect(fallback).toHaveBeenCalledWith('kubernetes.default.svc', 4);
  });

  it('that a name server does not answer are given up in time, and delay no other name and no other lookup', async () => {
    says = (name) => (name === 'honest.example' ? ['10.0.0.1'] : 'Nothing');
    const resolve = resolver({ timeoutMs: 1500 });
    const began = performance.now();
    const slow = Promise.allSettled(Array.from({ length: 100 }, (_, number) => resolve(`slow${number}.example`, 0)));
    await lookup('localhost');
    expect(await resolve('honest.example', 0)).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(performance.now() - began).toBeLessThan(1000);
    for (const one of await slow)
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { code: 'EAI_AGAIN', message: /not resolved in time$/ },
      });
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('take two threads at most where only Node may know them, and those until they are free again', async () => {
    says = () => 'NoSuchName';
    const open: (() => void)[] = [];
    const fallback: Resolve = (hostname) =>
      new Promise((_, reject) => open.push(() => reject(new Error(`no ${hostname}`))));
    const resolve = resolver({ fallback, timeoutMs: 300 });
    const first = await Promise.allSettled(['a', 'a', 'b', 'c', 'd'].map((name) => resolve(name, 4)));
    expect(first.map((one) => one.status === 'rejected' && (one.reason as { code: string }).code)).toEqual(
      Array(5).fill('EAI_AGAIN'),
    );
    expect(open).toHaveLength(2);
    await expect(resolve('e', 4)).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(open).toHaveLength(2);
    open.splice(0).forEach((free) => free());
    const later = resolve('f', 4);
    while (open.length === 0) await new Promise(setImmediate);
    open[0]?.();
    await expect(later).rejects.toThrow('no f');
  });

  it('are connected to only where they may be', async () => {
    says = () => ['127.0.0.1'];
    const connection = connect(
      { server: 'https://inner.example', token: 't' },
      { resolve: resolver(), mayDial: (address) => address !== '127.0.0.1' },
    );
    await expect(connection.request({ path: '/api' })).rejects.toMatchObject({ reason: 'AddressRefused' });
    await connection.close();
  });
});
