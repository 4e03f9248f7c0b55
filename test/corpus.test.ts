import { describe, expect, it } from '@jest/globals';
import { CORPUS } from './corpus.ts';

describe('the corpus of real messages', () => {
  it.each(Object.entries(CORPUS))('names each entry of %s once, and says where it is from', (_section, entries) => {
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    for (const { id, source } of entries) expect([id, source.length > 5]).toEqual([id, true]);
  });

  it.each(CORPUS.errors)('$id is an error body with a code', ({ status, body }) => {
    expect(status).toBeGreaterThanOrEqual(400);
    const { error, ...bare } = body as { error?: { code?: unknown }; code?: unknown };
    expect(typeof (error ?? bare).code).toBe('string');
  });
});
