import { afterAll, describe, expect, it } from '@jest/globals';
import { runHistories } from './child.ts';
import { mutate } from './mutate.ts';
import { MUTANTS } from './mutants.ts';

/** As many as simulation.test.ts runs. */
const HISTORIES = 2000;
const MINUTE = 60_000;

describe('histories of a controller with a bug', () => {
  const caught: string[] = [];
  afterAll(() => {
    process.stderr.write(`${caught.join('\n')}\n`);
  });

  it.each(MUTANTS)(
    'find it: $name',
    async (mutant) => {
      const { source, remove } = mutate(mutant);
      try {
        const { failed } = await runHistories({ seed: 1, histories: HISTORIES, source });
        expect(failed).toEqual({ seed: expect.any(Number), rule: expect.stringMatching(/./) });
        caught.push(`${mutant.name}: seed ${failed?.seed}: ${failed?.rule}`);
      } finally {
        remove();
      }
    },
    5 * MINUTE,
  );
});
