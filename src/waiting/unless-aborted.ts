/**
 * Settles as the work does, or with the signal's reason as soon as that aborts, so that a request keeps its deadline wherever it
 * waits.
 *
 * @param late gets the result of work that ends after that
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  late: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const abort = () => {
      over = true;
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    const end = () => signal.removeEventListener('abort', abort);
    work.then(
      (value) => {
        end();
        if (over) late(value);
        else resolve(value);
      },
      (error: Error) => {
        end();
        if (!over) reject(error);
      },
    );
  });
}
