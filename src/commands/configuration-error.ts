/** The configuration keeps the controller from starting. The message says it all: it is printed without a stack. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
