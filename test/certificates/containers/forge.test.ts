import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

/** Reads texts as the controller does, in a process of its own, and counts the files of node-forge that are loaded after each. */
function loadedAfter(...texts: string[]): number[] {
  const program = `
    import { createRequire } from 'node:module';
    const { readSource } = await import(process.argv[1]);
    const { cache } = createRequire(process.argv[1]);
    const counts = JSON.parse(process.argv[2]).map((text) => {
      readSource(text).items;
      return Object.keys(cache).filter((path) => path.includes('node-forge')).length;
    });
    console.log(JSON.stringify(counts));`;
  const reader = fileURLToPath(new URL('../../../src/certificates/read-source.ts', import.meta.url));
  const words = ['--no-warnings', '--input-type=module', '--eval', program, reader, JSON.stringify(texts)];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as number[];
}

it('node-forge is loaded by the first container, and not by certificates in PEM', () => {
  const [pem, container] = loadedAfter(fixture('made-up-root.pem'), fixture('containers/two.p7b.pem'));
  expect(pem).toBe(0);
  expect(container).toBeGreaterThan(5);
});
