import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { canJudge, CUSTOMIZATIONS, JUDGED_KINDS, verdictsOf, wrongVerdicts, type Judged } from './verdicts.ts';

interface HealthTests {
  readonly tests: readonly { readonly healthStatus: object; readonly inputPath: string }[];
}

function read(...path: string[]): unknown {
  return parse(readFileSync(join(CUSTOMIZATIONS, ...path), 'utf8'));
}

// Needs the program that computes verdicts, which is built with Go.
const withVerdicts = canJudge() ? describe : describe.skip;

withVerdicts.each(JUDGED_KINDS)('the health check of %s for Argo CD', (kind) => {
  it('gives each object of its test data the health that stands beside it, and kstatus takes none for another', () => {
    const { tests } = read(kind, 'health_test.yaml') as HealthTests;
    const objects = tests.map(({ inputPath }) => read(kind, inputPath) as Judged);
    expect(tests.length).toBeGreaterThan(2);
    expect(verdictsOf(objects).map(({ argo }) => argo)).toEqual(tests.map(({ healthStatus }) => healthStatus));
    expect(wrongVerdicts(objects)).toEqual([]);
  });

  it('takes an object without a status, and one without conditions, as in progress', () => {
    const metadata = { name: 'a', generation: 1 };
    const bare = [
      { kind, metadata },
      { kind, metadata, status: { observedGeneration: 1 } },
    ];
    expect(verdictsOf(bare).map(({ argo }) => argo.status)).toEqual(['Progressing', 'Progressing']);
  });
});
