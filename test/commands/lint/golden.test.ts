import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { filesOf, readContent } from '../../../src/commands/lint/files.ts';
import { BAD_INPUTS } from './bad-inputs.ts';
import { goldenOf } from './golden.ts';

const GOLDEN = new URL('golden/', import.meta.url);
const names = Object.keys(BAD_INPUTS);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-lint-'));
  for (const [name, content] of Object.entries(BAD_INPUTS)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('at least 80 bad inputs have a golden file each, and there is no other', () => {
  expect(names.length).toBeGreaterThanOrEqual(80);
  expect(readdirSync(GOLDEN).toSorted()).toEqual(names.map((name) => `${name}.txt`).toSorted());
});

it('each of them is found in its folder', () => {
  expect(filesOf([folder]).map(({ name }) => name)).toEqual(names.map((name) => join(folder, name)).toSorted());
});

describe('what lint says of', () => {
  it.each(names)('%s is its golden file, with a finding', (name) => {
    const content = readContent(join(folder, name));
    if (content.kind !== 'bytes') throw new Error(`${name} was not read`);
    const said = goldenOf(name, content.bytes);
    expect(said).toBe(readFileSync(new URL(`${name}.txt`, GOLDEN), 'utf8'));
    expect(said).toMatch(/^\S+:\d+(?::\d+)?: (?:Error|Warning|Note) \w+: [^\n]+\.?\n/);
    // Nothing of a private key, and nothing that a terminal obeys.
    expect(said).not.toMatch(/[^\x20-\x7e\n…]|MC4CAQAwBQYDK2Vw/);
  });
});
