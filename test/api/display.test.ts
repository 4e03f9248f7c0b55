import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DISPLAY_LIMIT, escapeForDisplay } from '../../src/api/display.ts';

describe('escapeForDisplay', () => {
  it.each([
    ['plain text', 'CN=Example Root CA, O=Exämple 株式会社 🔒', 'CN=Example Root CA, O=Exämple 株式会社 🔒'],
    ['line ends', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['a terminal escape', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a C1 control', 'a\u009bb', 'a\\u{9b}b'],
    ['NUL', 'a\0b', 'a\\u{0}b'],
    ['a bidirectional override', 'a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
    ['zero-width characters', 'a\u200b\u200d\ufeffb', 'a\\u{200b}\\u{200d}\\u{feff}b'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['spaces that are not the common one', 'a\u00a0b\u3000c', 'a\\u{a0}b\\u{3000}c'],
    ['half of a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
    ['tag characters', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['invisible letters', 'a\u3164b', 'a\\u{3164}b'],
  ])('shows %s', (_, text, shown) => {
    expect(escapeForDisplay(text)).toBe(shown);
  });

  it('cuts long text to the limit', () => {
    expect(escapeForDisplay('x'.repeat(10_000_000))).toBe(`${'x'.repeat(DISPLAY_LIMIT - 1)}…`);
    expect(escapeForDisplay('\n'.repeat(300))).toHaveLength(DISPLAY_LIMIT);
    expect(escapeForDisplay('x'.repeat(DISPLAY_LIMIT))).toBe('x'.repeat(DISPLAY_LIMIT));
  });

  it('does not cut a character in two', () => {
    expect(escapeForDisplay('abc🔒🔒', 5)).toBe('abc…');
  });

  it('never returns an unsafe character, nor more than the limit, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 1, max: 300 }), (text, limit) => {
        const shown = escapeForDisplay(text, limit);
        expect(shown).not.toMatch(/(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
        expect(shown.length).toBeLessThanOrEqual(limit);
        expect(escapeForDisplay(shown, limit)).toBe(shown);
      }),
    );
  });
});
