import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { goBuild, hasGo } from './build.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-go-'));
  writeFileSync(join(folder, 'go.mod'), 'module example.com/hello\n\ngo 1.21\n');
  writeFileSync(join(folder, 'main.go'), 'package main\n\nfunc main() { println("hello") }\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

(hasGo() ? describe : describe.skip)('a build from Go modules', () => {
  const program = () => ({ folder, target: '.', ldflags: '-s -w', purpose: 'test' });
  const out = () => join(folder, 'cache', 'hello');

  it('happens once, however many ask for it at the same time', async () => {
    const said: string[] = [];
    await Promise.all([1, 2, 3].map(() => goBuild(program(), out(), (line) => said.push(line))));
    expect(said.filter((line) => /built in/.test(line))).toHaveLength(1);
    expect(spawnSync(out(), { encoding: 'utf8' }).stderr).toBe('hello\n');
    expect(existsSync(join(folder, 'cache.building'))).toBe(false);
  }, 60_000);

  it('does not wait for a process that is gone', async () => {
    mkdirSync(join(folder, 'cache'));
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(join(folder, 'cache.building'), String(pid));
    await goBuild(program(), out(), () => undefined);
    expect(existsSync(out())).toBe(true);
  }, 60_000);

  it('rejects with what the compiler says, and lets the next one build', async () => {
    writeFileSync(join(folder, 'main.go'), 'package main\n\nfunc main() { missing() }\n');
    await expect(goBuild(program(), out(), () => undefined)).rejects.toThrow('undefined: missing');
    expect(existsSync(join(folder, 'cache.building'))).toBe(false);
  }, 60_000);
});
