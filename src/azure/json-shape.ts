import { InvalidAnswerError } from './invalid-answer.ts';

/** Objects and arrays of a text. A page with a thousand clusters has a fifth of it; the parser needs some 40 bytes for each. */
const MOST_CONTAINERS = 500_000;
/** Duplicate members are refused down to this level, where decisions read them: body, properties, pools, and the objects in those. */
const WATCHED = 5;

interface Frame {
  /** Names that the object has so far; absent where duplicates do no harm. */
  readonly names: Set<string> | undefined;
  readonly depth: number;
  /** The member whose value comes next. */
  member: string | undefined;
  /** True where a string is the name of a member. */
  atName: boolean;
}

/**
 * Refuses a text that would be costly to parse, and an ambiguous one: JSON.parse takes the last of two members with the same
 * name, other parsers the first. Everything else is left to the parser.
 *
 * @throws InvalidAnswerError
 */
export function assertPlainShape(text: string): void {
  const frames: Frame[] = [];
  let containers = 0;
  let frame: Frame | undefined;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = endOfString(text, i);
        if (frame?.atName) enterMember(frame, text.slice(i, end + 1));
        i = end;
        break;
      }
      case 0x7b: // {
      case 0x5b: {
        // [
        containers += 1;
        if (containers > MOST_CONTAINERS) throw new InvalidAnswerError("ARM's answer has too many objects to be read");
        const isObject = text.charCodeAt(i) === 0x7b;
        frame = enter(frame, isObject);
        frames.push(frame);
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        frames.pop();
        frame = frames.at(-1);
        break;
      case 0x2c: // ,
        if (frame?.names) frame.atName = true;
        break;
    }
  }
}

function enter(outer: Frame | undefined, isObject: boolean): Frame {
  const depth = outer ? outer.depth + 1 : 1;
  // Among the body's own members, only `properties` is checked inside.
  const inside = outer === undefined || (depth === 2 ? outer.member === 'properties' : outer.depth > 1);
  const watched = inside && depth <= WATCHED;
  return {
    names: watched && isObject ? new Set() : undefined,
    depth: watched ? depth : WATCHED,
    member: undefined,
    atName: watched && isObject,
  };
}

function enterMember(frame: Frame, literal: string): void {
  frame.atName = false;
  let name: string;
  try {
    name = JSON.parse(literal) as string;
  } catch {
    return;
  }
  if (frame.names?.has(name))
    throw new InvalidAnswerError(`ARM's answer has the member ${JSON.stringify(name.slice(0, 100))} twice`);
  frame.names?.add(name);
  frame.member = name;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
}
