import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readOnNodes, withoutBlocks } from '../../../src/certificates/nodes/on-nodes.ts';
import { NODE_TEXTS } from '../node-texts.ts';
import { ROOT_A, ROOT_B, ROOT_C } from '../roots.ts';

const KIB = 1024;

/** Least of three, in ms: what other processes do meanwhile does not count. */
function cpuTime(task: () => unknown): number {
  const times = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    task();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

describe('the text of an element', () => {
  it.each(Object.entries(NODE_TEXTS))(
    'with %s is read as the programs on a node read it',
    (_, [text, go, openssl, p11Kit]) => {
      const { counts, common } = readOnNodes(text);
      expect(counts).toEqual({ go, openssl, p11Kit });
      expect(common.length).toBeLessThanOrEqual(Math.min(go, openssl, p11Kit));
    },
  );

  it('is left without a certificate when its block is cut out', () => {
    const text = `# a\n${ROOT_A}# b\n${ROOT_B}# c\n${ROOT_C}`;
    const { common } = readOnNodes(text);
    expect(withoutBlocks(text, common.slice(1, 2))).toBe(`# a\n${ROOT_A}# b\n# c\n${ROOT_C}`);
    expect(withoutBlocks(text, common)).toBe('# a\n# b\n# c\n');
  });

  it('holds nothing that only one of the programs finds, however it is mangled', () => {
    const pieces = ['-----', 'BEGIN ', 'END ', 'CERTIFICATE', '\n', '\r', ' ', ':', '=', 'MII', '\0', '\v', '#'];
    const mangled = fc
      .tuple(fc.array(fc.tuple(fc.nat(ROOT_A.length * 2), fc.constantFrom(...pieces)), { maxLength: 4 }), fc.boolean())
      .map(([edits, joined]) =>
        edits.reduce(
          (text, [at, piece]) => text.slice(0, at) + piece + text.slice(at),
          (joined ? ROOT_A.trimEnd() : ROOT_A) + ROOT_B,
        ),
      );
    fc.assert(
      fc.property(mangled, (text) => {
        const { common, counts } = readOnNodes(text);
        expect(common.length).toBeLessThanOrEqual(Math.min(counts.go, counts.openssl, counts.p11Kit));
        for (const { start, end, base64 } of common) {
          const block = text.slice(start, end);
          expect(block).toMatch(/^-----BEGIN CERTIFICATE-----[ \t\r]*\n[^-]*\n-----END CERTIFICATE-----[ \t\r]*\n?$/);
          expect(block.replace(/-----.*-----|\s/g, '')).toBe(base64);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['BEGIN lines', '-----BEGIN CERTIFICATE-----\n'],
    ['END lines', '-----END CERTIFICATE-----\n'],
    ['BEGIN lines with headers', '-----BEGIN CERTIFICATE-----\na: b\n'],
    ['dashes', '-'],
    ['line ends', '\n'],
    ['line ends and blanks', '\n \t'],
    ['empty blocks', '-----BEGIN A-----\n-----END A-----\n'],
    ['half markers', '-----BEGIN '],
    ['colons', 'a:\n'],
    ['one line', 'A'],
  ])('that is a megabyte of %s is read in less than 100 ms', (_, piece) => {
    const text = piece.repeat((KIB * KIB) / piece.length);
    const texts = [text, `-----BEGIN CERTIFICATE-----\n${text}`];
    expect(Math.max(...texts.map((one) => cpuTime(() => readOnNodes(one))))).toBeLessThan(100);
  });
});
