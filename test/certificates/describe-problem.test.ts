import { expect, it } from '@jest/globals';
import { describeProblem } from '../../src/certificates/describe-problem.ts';

it('a problem is told with its index, line and column', () => {
  const problem = { index: 1, line: 31, kind: 'BadBase64', message: 'what is wrong' } as const;
  expect(describeProblem({ ...problem, column: 5 })).toBe('index 1, line 31, column 5: what is wrong');
  expect(describeProblem(problem)).toBe('index 1, line 31: what is wrong');
});
