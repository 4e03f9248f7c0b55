import { knownCause, type KnownCause } from '../../api/known-causes.ts';

interface Cause extends Pick<KnownCause, 'ofDrain'> {
  readonly fix: string;
}

/** The known cause of an operation's error, with the fix. Undefined when only another attempt may help. */
export function causeOf(error: { readonly code: string; readonly message: string }): Cause | undefined {
  const cause = knownCause(error);
  return cause && { ofDrain: cause.ofDrain, fix: cause.fix };
}
