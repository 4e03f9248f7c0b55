import { afterAll, describe, expect, it } from '@jest/globals';
import { runHistories } from './child.ts';
import { LASTING_MUTANTS } from './lasting-mutants.ts';
import { mutate } from './mutate.ts';
import { MUTANTS } from './mutants.ts';
import { ROTATION_MUTANTS } from './rotation-mutants.ts';

/** The most that the search for one of them may take. */
const HISTORIES = 2000;
const MINUTE = 60_000;

/** Of one condition; the seeds decide when it begins, and what people do meanwhile. */
const LASTING_HISTORIES = 24;

/** Each takes as long as several of the others. */
const ROTATION_HISTORIES = 200;

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
        const { failed } = await runHistories({ seed: mutant.seed ?? 1, histories: HISTORIES, source });
        expect(failed).toEqual({ seed: expect.any(Number), rule: expect.stringMatching(/./) });
        caught.push(`${mutant.name}: seed ${failed?.seed}: ${failed?.rule}`);
      } finally {
        remove();
      }
    },
    10 * MINUTE,
  );

  it.each(ROTATION_MUTANTS)(
    'find it where certificates are rotated: $name',
    async (mutant) => {
      const { source, remove } = mutate(mutant);
      try {
        const { failed } = await runHistories({
          sort: 'rotations',
          seed: mutant.seed,
          histories: ROTATION_HISTORIES,
          source,
        });
        expect(failed).toEqual({ seed: expect.any(Number), rule: expect.stringMatching(/./) });
        caught.push(`${mutant.name}: seed ${failed?.seed}: ${failed?.rule}`);
      } finally {
        remove();
      }
    },
    10 * MINUTE,
  );

  it.each(LASTING_MUTANTS)(
    'find it while one condition lasts: $name',
    async ({ condition, ...mutant }) => {
      const { source, remove } = mutate(mutant);
      try {
        const { failed } = await runHistories({
          sort: 'lasting',
          seed: 1,
          histories: LASTING_HISTORIES,
          condition,
          source,
        });
        expect(failed).toEqual({ seed: expect.any(Number), rule: expect.stringMatching(/./) });
        caught.push(`${mutant.name}: seed ${failed?.seed}: ${failed?.rule}`);
      } finally {
        remove();
      }
    },
    10 * MINUTE,
  );
});
