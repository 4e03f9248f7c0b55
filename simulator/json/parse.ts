import { JsonSyntaxError } from './syntax.ts';
import type { JsonArray, JsonItem, JsonMember, JsonNode, JsonObject } from './syntax.ts';

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y; // eslint-disable-line no-control-regex -- JSON forbids them raw
const NUMBER_OR_WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const DEEPEST = 500;

/** Reads one JSON text. Throws JsonSyntaxError. */
export function parseJson(text: string): JsonNode {
  const reader = new Reader(text);
  reader.blanks();
  const node = reader.value(0);
  reader.blanks();
  reader.end();
  return node;
}

/** Reads a JSON text that must be an object. Throws JsonSyntaxError. */
export function parseJsonObject(text: string): JsonObject {
  const node = parseJson(text);
  if (node.kind !== 'object') throw new JsonSyntaxError('Expected an object', 0);
  return node;
}

interface Key {
  readonly keyText: string;
  readonly key: string;
}

/** The same few hundred keys come again in every cluster: ten thousand models share them. */
const KEYS = new Map<string, Key>();
const MOST_KEYS = 10_000;

function keyOf(written: string): Key {
  const known = KEYS.get(written);
  if (known !== undefined) return known;
  const key = JSON.parse(written) as string;
  const plain = JSON.stringify(key);
  // A slice of a text keeps all of that text in memory; a copy does not.
  const made = { keyText: plain === written ? plain : written, key };
  if (KEYS.size < MOST_KEYS && plain === written) KEYS.set(plain, made);
  return made;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  blanks(): string {
    return this.#match(BLANKS) ?? '';
  }

  end(): void {
    if (this.#at !== this.#text.length) throw this.#unexpected();
  }

  value(depth: number): JsonNode {
    if (depth > DEEPEST) throw new JsonSyntaxError(`Nested deeper than ${DEEPEST}`, this.#at);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return { kind: 'scalar', text: this.#string() };
      default: {
        const text = this.#match(NUMBER_OR_WORD);
        if (text === undefined) throw this.#unexpected();
        return { kind: 'scalar', text };
      }
    }
  }

  #object(depth: number): JsonObject {
    this.#at++;
    const members: JsonMember[] = [];
    let before = this.blanks();
    if (this.#skip('}')) return { kind: 'object', members, inside: before };
    for (;;) {
      const written = this.#string();
      const colon = this.blanks() + this.#expect(':') + this.blanks();
      const value = this.value(depth + 1);
      members.push({ before, ...keyOf(written), colon, value, after: this.blanks() });
      if (this.#skip('}')) return { kind: 'object', members, inside: '' };
      this.#expect(',');
      before = this.blanks();
    }
  }

  #array(depth: number): JsonArray {
    this.#at++;
    const items: JsonItem[] = [];
    let before = this.blanks();
    if (this.#skip(']')) return { kind: 'array', items, inside: before };
    for (;;) {
      items.push({ before, value: this.value(depth + 1), after: this.blanks() });
      if (this.#skip(']')) return { kind: 'array', items, inside: '' };
      this.#expect(',');
      before = this.blanks();
    }
  }

  #string(): string {
    const text = this.#match(STRING);
    if (text === undefined) throw this.#unexpected();
    return text;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): string {
    if (!this.#skip(character)) throw this.#unexpected();
    return character;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #unexpected(): JsonSyntaxError {
    const found = this.#text[this.#at];
    return new JsonSyntaxError(
      found === undefined ? 'Unexpected end' : `Unexpected ${JSON.stringify(found)}`,
      this.#at,
    );
  }
}
