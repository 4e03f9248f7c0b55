import { describe, expect, it } from '@jest/globals';
import { subjectsSpelledOut } from '../../src/api/spelled-out.ts';

describe('subjects of certificates in a sentence', () => {
  it('are in quotes where there are several, so that their commas do not run into those between them', () => {
    const subjects = ['CN=A, O=Bank', 'CN=B, O=Bank', 'CN=C'];
    expect(subjectsSpelledOut(subjects, 2)).toBe('"CN=A, O=Bank", "CN=B, O=Bank" and 1 more');
  });

  it('are as they are where there is one', () => {
    expect(subjectsSpelledOut(['CN=A, O=Bank'], 2)).toBe('CN=A, O=Bank');
  });
});
