import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadProgram, isReleasedFor } from './release-download.ts';

const PROGRAM = Buffer.from('#!/bin/sh\necho a program\n');
const SHA = createHash('sha256').update(PROGRAM).digest('hex');

describe('a released program of a control plane', () => {
  let server: Server;
  let folder: string;
  let files: Record<string, Buffer | string>;
  const asked: string[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    files = { 'kube-scheduler': PROGRAM, 'kube-scheduler.sha256': SHA };
    asked.length = 0;
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const file = files[(request.url ?? '').split('/').at(-1) ?? ''];
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    server.close();
    server.closeAllConnections();
  });

  const fetchIt = () =>
    downloadProgram({
      from: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      version: '1.2.3',
      out: join(folder, 'cache', 'kube-scheduler'),
      say: () => {},
      timeoutMs: 10_000,
    });

  it('is there, and may be run, when it is what its checksum says', async () => {
    await fetchIt();
    const file = join(folder, 'cache', 'kube-scheduler');
    expect(readFileSync(file)).toEqual(PROGRAM);
    accessSync(file, constants.X_OK);
    expect(asked[1]).toMatch(/^\/v1\.2\.3\/bin\/linux\/\w+\/kube-scheduler$/);
  });

  it('is not taken when it is another one, and nothing is left of it', async () => {
    files['kube-scheduler'] = 'a page of a proxy';
    await expect(fetchIt()).rejects.toThrow(`and ${SHA} was announced`);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  it('is said not to be there with the address that was asked', async () => {
    files = {};
    await expect(fetchIt()).rejects.toThrow(/http:\S+\/kube-scheduler\.sha256: 404/);
  });

  it('is requested where there are releases', () => {
    expect(isReleasedFor('linux', 'x64')).toBe(true);
    expect(isReleasedFor('linux', 'arm64')).toBe(true);
    expect(isReleasedFor('linux', 'mips')).toBe(false);
    expect(isReleasedFor('darwin', 'arm64')).toBe(false);
  });
});
