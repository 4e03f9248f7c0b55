import { isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

/** A part of a policy file has the wrong form: line, path and fault, in a whole sentence. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Longest text of the file that a message quotes. */
const QUOTED = 64;

/** One node of a YAML document, with its path, for messages that name the line. */
export class Shape {
  readonly #node: Node | null | undefined;
  readonly #path: string;
  readonly #lines: LineCounter;
  readonly #line: number | undefined;

  /** @param line where the node is, for one without a position of its own, such as an empty value */
  constructor(node: Node | null | undefined, path: string, lines: LineCounter, line?: number) {
    this.#node = node;
    this.#path = path;
    this.#lines = lines;
    this.#line = line;
  }

  /** A sentence about this node, with its line. */
  says(sentence: string): string {
    const start = this.#node?.range?.[0];
    const line = start === undefined ? (this.#line ?? 1) : this.#lines.linePos(start).line;
    return `Line ${line}: ${this.#path === '' ? '' : `${this.#path}: `}${sentence}`;
  }

  /** @param known members that are allowed; any other is refused by name. Absent: all are allowed. */
  mapping(known?: readonly string[]): Mapping {
    const node = this.#node;
    if (!isMap(node)) throw this.fault('This must be a mapping.');
    const members = new Map<string, Shape>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const path = this.#path === '' ? name : `${this.#path}.${name}`;
      const place = new Shape(key as Node, path, this.#lines);
      if (known && !known.includes(name))
        throw new ShapeError(
          place.says(
            `This version does not know the member "${name.slice(0, QUOTED)}". Known are: ${known.join(', ')}.`,
          ),
        );
      const line = isScalar(key) && key.range ? this.#lines.linePos(key.range[0]).line : undefined;
      members.set(name, new Shape(value as Node | null, path, this.#lines, line));
    }
    return {
      optional: (name) => members.get(name),
      required: (name) => {
        const member = members.get(name);
        if (!member) throw this.fault(`The member "${name}" is missing.`);
        return member;
      },
    };
  }

  entries(): Shape[] {
    const node = this.#node;
    if (!isSeq(node)) throw this.fault('This must be a list.');
    return node.items.map((item, index) => new Shape(item as Node | null, `${this.#path}[${index}]`, this.#lines));
  }

  items<T>(read: (item: Shape) => T): T[] {
    return this.entries().map(read);
  }

  text(form: RegExp = /^.{1,1024}$/su, kind = 'a text of 1 to 1024 characters'): string {
    const value = this.#scalar();
    if (typeof value !== 'string' || !form.test(value)) throw this.fault(`This must be ${kind}.`);
    return value;
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const value = this.#scalar();
    const choice = choices.find((one) => one === value);
    if (choice === undefined) throw this.fault(`This can be ${choices.join(', ')}.`);
    return choice;
  }

  boolean(): boolean {
    const value = this.#scalar();
    if (typeof value !== 'boolean') throw this.fault('This must be true or false.');
    return value;
  }

  #scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  /** The error that this node is wrong. */
  fault(sentence: string): ShapeError {
    return new ShapeError(this.says(sentence));
  }
}

export interface Mapping {
  optional(name: string): Shape | undefined;
  /** @throws ShapeError when it is missing */
  required(name: string): Shape;
}
