import { bearerTokenAuthenticationPolicyName, type Pipeline } from '@azure/core-rest-pipeline';

/**
 * Gives a call up after so many ms, signing in and reading the body included: the pipeline's own timeout covers neither.
 * A request that gets its token too late is not sent any more.
 */
export function addDeadline(pipeline: Pipeline, timeoutMs: number): void {
  pipeline.addPolicy(
    {
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
    },
    { beforePolicies: [bearerTokenAuthenticationPolicyName] },
  );
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
