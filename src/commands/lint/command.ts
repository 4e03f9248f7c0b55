import { systemClock } from '../../runtime/clock.ts';
import { interruptible } from '../client/interruptible.ts';
import { EXIT } from '../exit-codes.ts';
import { filesOf, readContent } from './files.ts';
import { lintInputs, type LintResult } from './lint.ts';
import { readPassword } from './password.ts';
import { printLint } from './print.ts';
import type { LintRequest } from './request.ts';

/**
 * Checks files, without a cluster and without a sign-in. Resolves with the exit code.
 *
 * @throws Error with a message for a person
 */
export function runLint(request: LintRequest): Promise<number> {
  return interruptible(async (output) => {
    const options = { now: systemClock.now(), password: readPassword(request.password) };
    const result = lintInputs(filesOf(request.paths), readContent, options);
    const exitCode = exitCodeOf(result, request.strict);
    printLint(result, exitCode, request.output, output);
    return exitCode;
  });
}

/** The exit code by the worst finding. */
export function exitCodeOf({ findings }: Pick<LintResult, 'findings'>, strict: boolean): number {
  const stuck = findings.some(({ severity }) => severity === 'Error' || (strict && severity === 'Warning'));
  return stuck ? EXIT.Stuck : EXIT.Done;
}
