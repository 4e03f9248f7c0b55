import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/**
 * Gives a call up after so many ms, whatever the policies after it still do. The pipeline's own timeout covers neither
 * signing in nor reading the body. What is not sent by then is not sent any more.
 */
export function deadlinePolicy(timeoutMs: number): PipelinePolicy {
  return {
    name: 'deadlinePolicy',
    async sendRequest(request, next) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const caller = request.abortSignal as AbortSignal | undefined;
      const signal = caller ? AbortSignal.any([caller, deadline]) : deadline;
      request.abortSignal = signal;
      try {
        // Signing in listens to no signal.
        return await orAborted(next(request), signal);
      } catch (error) {
        if (caller?.aborted || !deadline.aborted) throw error;
        throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error });
      }
    },
  };
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
