import type { PipelinePolicy, PipelineRequest } from '@azure/core-rest-pipeline';
import { startDeadline } from '../waiting/deadline.ts';
import { unlessAborted } from '../waiting/unless-aborted.ts';

/** The positions of the two halves of a deadline in a pipeline. */
export interface DeadlinePolicies {
  /** Before the policy that signs in. */
  readonly before: PipelinePolicy;
  /** After it, where the request is about to be sent. */
  readonly after: PipelinePolicy;
}

/**
 * Gives a call up after `timeoutMs`, even while later policies still run. The pipeline's own timeout covers neither signing in nor
 * reading the body. A request that has not left by then never leaves: the later policies go on after the deadline, and the
 * pipeline has removed the signal from the request by then (core-rest-pipeline 1.25.1, wrapAbortSignalLikePolicy).
 */
export function deadlinePolicies(timeoutMs: number): DeadlinePolicies {
  const signals = new WeakMap<PipelineRequest, AbortSignal>();
  const before: PipelinePolicy = {
    name: 'deadlinePolicy',
    async sendRequest(request, next) {
      const caller = request.abortSignal as AbortSignal | undefined;
      // Not AbortSignal.timeout: it stays in memory until the time is up, a kilobyte for each request of the last minute.
      const deadline = startDeadline(timeoutMs, caller);
      const { signal } = deadline;
      request.abortSignal = signal;
      signals.set(request, signal);
      try {
        // Signing in ignores signals.
        return await unlessAborted(next(request), signal);
      } catch (error) {
        if (caller?.aborted || !deadline.expired()) throw error;
        throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error });
      } finally {
        deadline.release();
      }
    },
  };
  const after: PipelinePolicy = {
    name: 'keptDeadlinePolicy',
    sendRequest(request, next) {
      signals.get(request)?.throwIfAborted();
      return next(request);
    },
  };
  return { before, after };
}
