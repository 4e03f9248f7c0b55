import { createScanner, parseTree } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { Finding } from '../finding.ts';
import { lineCursor, unifyLineEnds } from '../pem/line-cursor.ts';
import type { LineCursor } from '../pem/line-cursor.ts';
import { readText } from '../pem/read-text.ts';
import { nothingFound } from '../nothing-found.ts';
import { LIST_NAMES } from './file-form.ts';

/** Deepest nesting of JSON that is read: the parser calls itself for each level. */
const MOST_DEPTH = 100;
/** Most objects, arrays and members. */
const MOST_VALUES = 100_000;
/** Most elements of all lists of a file. */
const MOST_ELEMENTS = 256;

/** Reads lists of base64 of PEM in JSON, wherever they are in it; an array at the top is one. */
export function* readJsonLists(source: string): Generator<Finding, void, undefined> {
  const text = unifyLineEnds(source);
  const lines = lineCursor(text);
  const root = isShallow(text) ? parse(text, lines) : ({ kind: 'fault', line: 1, message: TOO_DEEP } as const);
  if ('kind' in root) {
    yield { kind: 'problem', line: root.line, problem: 'Ambiguous', message: root.message };
    return;
  }
  const isList = root.type === 'array' && root.children?.[0]?.type !== 'object';
  const lists = isList ? [root] : listsIn(root);
  let elements = 0;
  for (const list of lists) {
    for (const element of list.children ?? []) {
      if (++elements > MOST_ELEMENTS) {
        yield {
          kind: 'problem',
          line: lines.lineAt(element.offset),
          problem: 'TooManyCertificates',
          message: TOO_MANY,
        };
        return;
      }
      yield* readJsonElement(element, lines);
    }
  }
}

function* readJsonElement(element: Node, lines: LineCursor): Generator<Finding, void, undefined> {
  const line = lines.lineAt(element.offset);
  const column = lines.columnAt(element.offset);
  if (element.type !== 'string') {
    yield { kind: 'problem', line, column, problem: 'NotACertificate', message: NOT_A_STRING };
    return;
  }
  yield* readElementText(String(element.value), line, column);
}

/** Reads one element of a list: base64 of PEM, or, as the Azure CLI shows it, PEM. All of it is at one line of the file. */
function* readElementText(text: string, line: number, column: number): Generator<Finding, void, undefined> {
  let found = false;
  for (const finding of readText(text)) {
    found = true;
    if (finding.kind === 'certificate') {
      // The encoding is that of the list, so it is no surprise.
      yield { ...finding, line, warnings: [] };
    } else {
      const { problem, message } = finding;
      yield { kind: 'problem', line, column, problem, message };
    }
  }
  if (!found) yield { kind: 'problem', line, column, problem: 'NotACertificate', message: nothingFound(text) };
}

function parse(text: string, lines: LineCursor): Node | { kind: 'fault'; line: number; message: string } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error === undefined && root !== undefined) return root;
  return { kind: 'fault', line: lines.lineAt(error?.offset ?? 0), message: NOT_JSON };
}

/** The lists of a document in their order; an outer list hides those in it. */
function listsIn(root: Node): Node[] {
  const lists: Node[] = [];
  const open: Node[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const [key, value] = node.type === 'property' ? (node.children ?? []) : [];
    if (key !== undefined && value?.type === 'array' && LIST_NAMES.includes(String(key.value))) {
      lists.push(value);
      continue;
    }
    open.push(...(node.children ?? []).toReversed());
  }
  return lists;
}

/** False for a text that would be costly to parse. */
function isShallow(text: string): boolean {
  const scanner = createScanner(text, true);
  let depth = 0;
  let values = 0;
  for (let token: number = scanner.scan(); token !== END_OF_FILE; token = scanner.scan()) {
    if (token === OPEN_BRACE || token === OPEN_BRACKET) depth++;
    else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) depth--;
    if (depth > MOST_DEPTH || ++values > MOST_VALUES) return false;
  }
  return true;
}

/** `SyntaxKind` of jsonc-parser is a const enum, which TypeScript does not let a single file import. */
const OPEN_BRACE = 1;
const CLOSE_BRACE = 2;
const OPEN_BRACKET = 3;
const CLOSE_BRACKET = 4;
const END_OF_FILE = 17;

/** The strings of each assignment of `custom_ca_trust_certificates_base64` in a configuration of Terraform. */
const ASSIGNMENT = /\bcustom_ca_trust_certificates_base64"?[ \t]{0,64}=[ \t]{0,64}/g;
/** A string, a comment, the end of the list, or anything else: an expression. */
const PART = /"((?:[^"\\\n]|\\.)*)"|#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/|(\])|[\s,]+|([^\s,"\]]+)/y;

/** Reads the attribute of the azurerm provider in a configuration of Terraform. Expressions are named, and not computed. */
export function* readTerraformLists(source: string): Generator<Finding, void, undefined> {
  const text = unifyLineEnds(source);
  const lines = lineCursor(text);
  let elements = 0;
  for (const assignment of text.matchAll(ASSIGNMENT)) {
    const start = assignment.index + assignment[0].length;
    if (text[start] !== '[') {
      yield expression(lines, start);
      continue;
    }
    PART.lastIndex = start + 1;
    for (let part = PART.exec(text); part !== null && part[2] === undefined; part = PART.exec(text)) {
      const [, string, , other] = part;
      if (string === undefined && other === undefined) continue;
      if (++elements > MOST_ELEMENTS) {
        yield { kind: 'problem', line: lines.lineAt(part.index), problem: 'TooManyCertificates', message: TOO_MANY };
        return;
      }
      if (string === undefined || string.includes('${')) {
        yield expression(lines, part.index);
        break;
      }
      const line = lines.lineAt(part.index);
      yield* readElementText(string.replaceAll('\\n', '\n'), line, lines.columnAt(part.index));
    }
  }
}

function expression(lines: LineCursor, offset: number): Finding {
  const [line, column] = [lines.lineAt(offset), lines.columnAt(offset)];
  return { kind: 'problem', line, column, problem: 'Ambiguous', message: EXPRESSION };
}

const EXPRESSION =
  'an expression that only Terraform can compute: give the file that it reads, or the output of "terraform show -json"';
const NOT_JSON = 'the text is not valid JSON: export it again';
const TOO_DEEP = 'the JSON has far more than a list of certificates: leave only the list in it';
const TOO_MANY = `more than ${MOST_ELEMENTS} elements, and the rest is not read: a cluster takes 10`;
const NOT_A_STRING = 'this element is not a string: an element is base64 of PEM in quotes';
