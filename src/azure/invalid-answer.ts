/** An answer of the wrong form: HTML of a proxy, truncated JSON, wrong types. The controller never acts on one. */
export class InvalidAnswerError extends Error {
  override readonly name = 'InvalidAnswerError';
}
