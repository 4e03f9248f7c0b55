/** An answer that is not what it should be: HTML of a proxy, truncated JSON, wrong types. Never acted on. */
export class InvalidAnswerError extends Error {
  override readonly name = 'InvalidAnswerError';
}
