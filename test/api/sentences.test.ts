import { describe, expect, it } from '@jest/globals';
import { sentences } from '../../src/api/sentences.ts';

describe('sentences one after another', () => {
  it.each([
    [['Another one', 'Wait.'], 'Another one. Wait.'],
    [['Is it so?', '', ' Yes! ', 'cut…'], 'Is it so? Yes! cut…'],
    [['locked. (at x.)', 'y'], 'locked. (at x.) y.'],
    [['', ' '], ''],
  ])('%j are %j', (texts, text) => {
    expect(sentences(...texts)).toBe(text);
  });
});
