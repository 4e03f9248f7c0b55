import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBundle, type Bundle } from './bundle.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A Node.js of this machine that is older than 24: the one that people have before they run make. */
function findOlderNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => {
      const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
      return Number(/^v(\d+)/.exec(stdout)?.[1] ?? 24) < 24;
    });
}

const olderNode = findOlderNode();
const itWithOlderNode = olderNode === undefined ? it.skip : it;

let bundle: Bundle;
beforeAll(async () => {
  bundle = await buildBundle();
}, 60_000);
afterAll(() => bundle.remove());

const BUNDLE = 'the bundle';
const fileOf = (name: string) => (name === BUNDLE ? join(bundle.folder, 'aks-ca-trust.mjs') : join(ROOT, name));

describe('an older Node.js', () => {
  itWithOlderNode.each([
    [BUNDLE],
    ['simulator/main.ts'],
    ['demo/main.ts'],
    ['bench/main.ts'],
    ['bench/load/soak.ts'],
    ['scripts/live-check.ts'],
  ])('is refused by %s in one line that says what to do', (name) => {
    const { status, stdout, stderr } = spawnSync(olderNode ?? '', [fileOf(name), '--help'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^aks-ca-trust needs Node\.js 24 or newer; \S+ is v\d+\S+\. .*export PATH="\$PWD\/node_modules/,
    );
  });

  it('can link the bundle: it imports no name that an older one may lack', () => {
    const text = readFileSync(fileOf(BUNDLE), 'utf8');
    const names = [...text.matchAll(/\bimport\s*(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*["']node:/g)].map(([, list]) =>
      list?.trim(),
    );
    expect(names).toEqual(['createRequire as createRequireOfBundle']);
  });
});
