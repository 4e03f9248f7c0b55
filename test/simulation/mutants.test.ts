import { afterAll, describe, expect, it } from '@jest/globals';
import { runHistories } from './child.ts';
import { LASTING_MUTANTS } from './lasting-mutants.ts';
import { mutate } from './mutate.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
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

  /** Runs histories of a copy of src with the bug, until one of them breaks a rule. */
  async function search(mutant: Mutant, histories: Parameters<typeof runHistories>[0]): Promise<void> {
    const { source, remove } = mutate(mutant);
    try {
      const { failed } = await runHistories({ ...histories, source });
      expect(failed).toEqual({ seed: expect.any(Number), rule: expect.stringMatching(/./) });
      caught.push(`${mutant.name}: seed ${failed?.seed}: ${failed?.rule}`);
    } finally {
      remove();
    }
  }

  it.each(MUTANTS)(
    'find it: $name',
    (mutant) => search(mutant, { seed: mutant.seed ?? 1, histories: HISTORIES }),
    10 * MINUTE,
  );

  it.each(ROTATION_MUTANTS)(
    'find it where certificates are rotated: $name',
    (mutant) => search(mutant, { sort: 'rotations', seed: mutant.seed, histories: ROTATION_HISTORIES }),
    10 * MINUTE,
  );

  it.each(LASTING_MUTANTS)(
    'find it while one condition lasts: $name',
    ({ condition, ...mutant }) => search(mutant, { sort: 'lasting', seed: 1, histories: LASTING_HISTORIES, condition }),
    10 * MINUTE,
  );
});
