import { describe, expect, test } from '@jest/globals';
import { compileWildcard, segmentsOf } from '../../src/policy/wildcard.ts';

const matches = (pattern: string, text: string) => compileWildcard(pattern)(segmentsOf(text));

describe('a pattern', () => {
  test.each([
    ['a text without stars matches itself', 'team', 'team', true],
    ['and nothing longer', 'team', 'teams', false],
    ['a star matches any run of characters', 'team-*', 'team-a', true],
    ['also an empty one', 'team-*', 'team-', true],
    ['several stars match in order', 'a*b*c', 'a1b2c', true],
    ['not in another order', 'a*b*c', 'a1c2b', false],
    ['the end is not also the beginning', 'ab*ba', 'aba', false],
    ['what is between stars does not overlap the end', '*ab*b', 'ab', false],
    ['the last part is at the end', '*a', 'ab', false],
    ['stars in a row are one', 'a**b', 'axyzb', true],
    ['a star never crosses a slash', '/a/*', '/a/b/c', false],
    ['and stands for one segment', '/a/*/c', '/a/b/c', true],
    ['case is ignored', '/Subscriptions/*/RG', '/subscriptions/x/rg', true],
    ['case of any script is ignored', '/Проект-*', '/ПРОЕКТ-Ж', true],
    ['a final sigma is a sigma', 'ΟΔΟΣ*', 'οδοσα', true],
    ['ß is not ss: the two name different groups', 'strasse', 'straße', false],
    ['nor ss ß', 'straße', 'strasse', false],
    ['the Kelvin sign is not k', 'k', '\u212a', false],
    ['the long s is not s', 's', '\u017f', false],
    ['a dotless i is not i', 'I', 'ı', false],
    ['a dotted I is not i', 'i', 'İ', false],
    ['ŉ is not ʼn, which has two characters', 'ʼn', 'ŉ', false],
    ['letters outside of the first plane fold too', '\u{10400}*', '\u{10428}x', true],
    ['dots and brackets mean themselves', 'a.c(d)', 'abc(d)', false],
    ['a question mark means itself', 'a?', 'ab', false],
  ])('%s', (_, pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test('takes time that grows with the text and not with its powers', () => {
    const matcher = compileWildcard(`${'a*'.repeat(200)}b`);
    const time = (length: number) => {
      const started = performance.now();
      expect(matcher(segmentsOf('a'.repeat(length)))).toBe(false);
      return performance.now() - started;
    };
    time(10_000);
    expect(time(200_000)).toBeLessThan(1000);
  });
});
