import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ASCII, bar } from '../../../src/commands/status/bar.ts';
import { clip, columnsOf, cut, pad, paint, piece, safe, wrap } from '../../../src/commands/status/text.ts';
import { ago, when } from '../../../src/commands/status/times.ts';
import { NOW } from './states.ts';

describe('columns on a terminal', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한글', 4],
    ['ＡＢ', 4],
    ['ｶﾅ', 2],
    ['🚀', 2],
    ['…', 1],
    ['█░', 2],
  ])('of %j are %d', (text, columns) => {
    expect(columnsOf(safe(text))).toBe(columns);
  });
});

describe('wrapping', () => {
  const texts = fc.array(fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('漢字漢字', '🚀', 'e\u0301')), {
    maxLength: 20,
  });

  it('makes no line wider than asked for, and loses nothing', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 8, max: 60 }), (words, columns) => {
        const text = safe(words.join(' '));
        const lines = wrap(text, columns);
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        // Composed and decomposed characters are the same text; wrapping composes them.
        expect(lines.join('').normalize().replaceAll(' ', '')).toBe(text.normalize().replaceAll(' ', ''));
      }),
    );
  });

  it('breaks between words where it can', () => {
    expect(wrap(safe('one two three'), 8)).toEqual(['one two', 'three']);
    expect(wrap(safe('abcdefghijkl mno'), 5)).toEqual(['abcde', 'fghij', 'kl', 'mno']);
  });

  it('leaves a text alone that fits, or that need not be broken', () => {
    expect(wrap(safe('a  b'), 4)).toEqual(['a  b']);
    expect(wrap(safe('x '.repeat(500)), Infinity)).toHaveLength(1);
  });
});

describe('cutting and padding', () => {
  it('gives exactly the columns asked for, also where half a character would fit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        expect(columnsOf(pad(safe(text), columns))).toBe(columns);
      }),
    );
    expect(cut(safe('漢字'), 3)).toBe('漢…');
    expect(pad(safe('漢字漢'), 4)).toBe('漢… ');
  });

  it('leaves the end of a line out, across its pieces', () => {
    expect(paint(clip([piece('abc'), piece('defg'), piece('h')], 5), false)).toBe('abcd…');
  });
});

describe('painting', () => {
  it('has no escape code without colour, and one a style with it', () => {
    const line = [piece('a', 'bad'), piece('b')];
    expect(paint(line, false)).toBe('ab');
    expect(paint(line, true)).toBe('\x1b[31ma\x1b[39mb');
  });
});

describe('a bar', () => {
  it.each([
    [{ done: 0, now: 0, total: 10 }, '[..........]'],
    [{ done: 10, now: 0, total: 10 }, '[##########]'],
    [{ done: 4, now: 2, total: 10 }, '[####++....]'],
    [{ done: 0, now: 0, total: 0 }, '[##########]'],
    [{ done: 1, now: 0, total: 1000 }, '[#.........]'],
    [{ done: 999, now: 0, total: 1000 }, '[#########.]'],
    [{ done: 999, now: 1, total: 1000 }, '[#########+]'],
    [{ done: 0, now: 1, total: 1000 }, '[+.........]'],
    [{ done: 12, now: 0, total: 10 }, '[##########]'],
  ])('of %j is %s', (share, text) => {
    expect(bar(share, 10, ASCII)).toBe(text);
  });

  it('always has its width, is full exactly when all is done, and empty of # exactly when nothing is', () => {
    const counts = fc.tuple(fc.nat(3000), fc.nat(3000), fc.integer({ min: 1, max: 3000 }));
    fc.assert(
      fc.property(counts, fc.constantFrom(10, 20), ([done, now, total], width) => {
        const text = bar({ done, now, total }, width, ASCII);
        expect(text).toHaveLength(width + 2);
        expect(text.includes('#'.repeat(width))).toBe(done >= total);
        expect(text.includes('#')).toBe(done > 0);
      }),
    );
  });
});

describe('times', () => {
  it('have their day only where it is another one, and are left as they are where they are none', () => {
    expect(when('2026-11-22T23:59:00Z', NOW)).toBe('23:59 UTC');
    expect(when('2026-11-23T00:01:00Z', NOW)).toBe('2026-11-23 00:01 UTC');
    expect(when('soon', NOW)).toBe('soon');
  });

  it.each([
    ['2026-11-22T11:59:18Z', '42 s'],
    ['2026-11-22T11:46:00Z', '14 min'],
    ['2026-11-22T07:00:00Z', '5 h'],
    ['2026-11-19T07:00:00Z', '3 d'],
    ['2026-11-22T12:00:01Z', undefined],
    ['soon', undefined],
  ])('%s is ago %s', (time, text) => {
    expect(ago(time, NOW)).toBe(text);
  });
});
