/** The controller cannot start as it is configured; the message is for people, and needs no stack. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
