/**
 * JSON as text with structure: every literal, key and blank is kept as it was written, so that a model
 * served back differs from the one received only where something changed it.
 */
export type JsonNode = JsonObject | JsonArray | JsonScalar;

export interface JsonObject {
  readonly kind: 'object';
  readonly members: readonly JsonMember[];
  /** Blanks before the closing brace of an object without members. */
  readonly inside: string;
}

export interface JsonMember {
  /** Blanks before the key. */
  readonly before: string;
  /** The key as written, with its quotes and escapes. */
  readonly keyText: string;
  readonly key: string;
  /** The colon with the blanks around it. */
  readonly colon: string;
  readonly value: JsonNode;
  /** Blanks after the value. */
  readonly after: string;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly items: readonly JsonItem[];
  readonly inside: string;
}

export interface JsonItem {
  readonly before: string;
  readonly value: JsonNode;
  readonly after: string;
}

export interface JsonScalar {
  readonly kind: 'scalar';
  /** A string with its quotes, a number with all its digits, `true`, `false` or `null`. */
  readonly text: string;
}

/** Text that is not JSON. `offset` counts UTF-16 units from the start. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at position ${offset}`);
    this.name = 'JsonSyntaxError';
    this.offset = offset;
  }
}
