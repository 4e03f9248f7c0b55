import { knownCause, type KnownCause } from '../../api/known-causes.ts';

interface Cause extends Pick<KnownCause, 'ofDrain'> {
  readonly fix: string;
}

/** What a person can do about an error of an operation; undefined where nothing is known to help but another attempt. */
export function causeOf(error: { readonly code: string; readonly message: string }): Cause | undefined {
  const cause = knownCause(error);
  return cause && { ofDrain: cause.ofDrain, fix: cause.fix };
}
