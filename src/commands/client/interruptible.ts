import { SIGNAL_EXIT_CODES } from '../exit-codes.ts';
import { outputTo, type Output } from './output.ts';

/**
 * Does the work of a command until it is done, a signal arrives, or its output is closed. Resolves with the exit code.
 *
 * @param work resolves with its exit code; undefined when the signal ended it
 * @throws Error with a message for a person
 */
export async function interruptible(
  work: (output: Output, signal: AbortSignal) => Promise<number | undefined>,
): Promise<number> {
  const output = outputTo(process.stdout, process.stderr, process.env);
  const interruption = new AbortController();
  let code: number | undefined;
  let unwritten: Error | undefined;
  const end = (signal: keyof typeof SIGNAL_EXIT_CODES) => {
    code ??= SIGNAL_EXIT_CODES[signal];
    interruption.abort(new Error(`ended by ${signal}`));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten = new Error(`The output cannot be written: ${error.message}`);
    end('SIGPIPE');
  });
  let done: number | undefined;
  try {
    done = await work(output, interruption.signal);
  } catch (error) {
    if (code === undefined) throw error;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
  // An error of the output may arrive only while the connection closes.
  if (unwritten) throw unwritten;
  return code ?? done ?? 1;
}
