import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document, Node } from 'yaml';
import { escapeForDisplay } from '../../api/display.ts';
import { unifyLineEnds } from '../../certificates/pem/line-cursor.ts';
import type { Found, Position } from './finding.ts';
import { isMapping, type Mapping, type Path } from './mapping.ts';

/** One object of a manifest, with the positions of its parts. */
export interface ManifestObject {
  readonly value: Mapping;
  /** Of a member, by its key; of an element, or of the nearest part that the file has. */
  at(path: Path): Position;
  /** Of a character inside of a text; the beginning of the text where its lines are not those of the file. */
  inText(path: Path, line: number, column?: number): Position;
}

export interface ManifestReading {
  readonly objects: readonly ManifestObject[];
  /** What keeps documents from being read. */
  readonly findings: readonly Found[];
}

/** Documents with none of these words have no object that is checked here, and are not parsed. */
const WORDS = ['aks-ca-trust.dev', 'CustomCATrust', 'CertificateRotation', 'custom-ca-trust-secret'];
/** Of a whole fleet there are some thousand. */
const MOST_DOCUMENTS = 20_000;
/** The API server stores objects of 1.5 MiB at most. */
const LONGEST_DOCUMENT = 1_572_864;
/**
 * Most line ends and punctuation characters of a document. The parser's time grows with the square of the nodes and errors that
 * they can create.
 */
const MOST_STRUCTURE = 30_000;
const STRUCTURE = /[\n[\]{},?&*!%|>@`]|: |- /g;
const SEPARATOR = /^---(?=[ \t\n]|$)/gm;
const TEMPLATE = /\{\{-?\s*[\w.$"/(]/;
const MOST_ALIASES = 100;

/** Reads the objects of this project, and the Secret of the retired preview, from YAML or JSON of any number of documents. */
export function readManifest(source: string): ManifestReading {
  const text = unifyLineEnds(source);
  const objects: ManifestObject[] = [];
  const findings: Found[] = [];
  let documents = 0;
  for (const { start, end, line } of documentsOf(text)) {
    if (++documents > MOST_DOCUMENTS) {
      findings.push({ severity: 'Error', code: 'TooLarge', line, message: TOO_MANY_DOCUMENTS, fix: SPLIT });
      break;
    }
    const part = text.slice(start, end);
    if (!WORDS.some((word) => part.includes(word))) continue;
    const reading = readDocument(part, line);
    if ('code' in reading) findings.push(reading);
    else objects.push(...reading);
  }
  return { objects, findings };
}

/** Cuts a text at its separators; `line` is that of the beginning, counted from 1. */
function* documentsOf(text: string): Generator<{ start: number; end: number; line: number }, void, undefined> {
  let start = 0;
  let line = 1;
  for (const { index } of text.matchAll(SEPARATOR)) {
    if (index === start) continue;
    yield { start, end: index, line };
    for (let at = start; at < index; at++) if (text.charCodeAt(at) === 0x0a) line++;
    start = index;
  }
  if (text.length > start) yield { start, end: text.length, line };
}

function readDocument(text: string, firstLine: number): readonly ManifestObject[] | Found {
  const fault = (code: string, position: Position, message: string, fix: string): Found => ({
    severity: 'Error',
    code,
    ...position,
    message,
    fix,
  });
  const start: Position = { line: firstLine + leadingLines(text) };
  const template = TEMPLATE.exec(text);
  if (template !== null) {
    const before = text.slice(0, template.index).split('\n');
    return fault('HelmTemplate', { line: firstLine + before.length - 1 }, TEMPLATE_MESSAGE, TEMPLATE_FIX);
  }
  if (text.length > LONGEST_DOCUMENT) return fault('TooLarge', start, TOO_LONG, SPLIT);
  if ((text.match(STRUCTURE) ?? []).length > MOST_STRUCTURE) return fault('TooLarge', start, TOO_MANY, SPLIT);
  const lines = new LineCounter();
  try {
    // YAML 1.1 is what kubectl reads: "on" is true.
    const [document] = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      version: '1.1',
      logLevel: 'silent',
    }) as Document.Parsed[];
    if (document === undefined) return [];
    const [error] = document.errors;
    if (error !== undefined) {
      // The parser reports the overflow of its stack as a fault of the text.
      if (error.message.includes('call stack')) return fault('InvalidYaml', start, NOT_PLAIN, PLAIN);
      const { line, col } = lines.linePos(error.pos[0]);
      const message = `The document is not valid YAML: ${escapeForDisplay(error.message, 200)}.`;
      return fault('InvalidYaml', { line: firstLine + line - 1, column: col }, message, 'Correct it.');
    }
    return objectsOf(document, text, lines, firstLine);
  } catch {
    return fault('InvalidYaml', start, NOT_PLAIN, PLAIN);
  }
}

/** A List, as kubectl prints one, has several objects. */
function objectsOf(document: Document.Parsed, text: string, lines: LineCounter, firstLine: number): ManifestObject[] {
  const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
  if (!isMapping(value)) return [];
  const place = (root: Path, item: Mapping) => manifestObject(item, root, document, text, lines, firstLine);
  const { items } = value;
  if (!Array.isArray(items)) return [place([], value)];
  return items.flatMap((item: unknown, index) => (isMapping(item) ? [place(['items', index], item)] : []));
}

function manifestObject(
  value: Mapping,
  root: Path,
  document: Document.Parsed,
  text: string,
  lines: LineCounter,
  firstLine: number,
): ManifestObject {
  const positionAt = (offset: number): Required<Position> => {
    const { line, col } = lines.linePos(offset);
    return { line: firstLine + line - 1, column: col };
  };
  return {
    value,
    at: (path) => positionAt(find(document, [...root, ...path]).offset),
    inText(path, line, column) {
      const { value: node } = find(document, [...root, ...path]);
      if (!isScalar(node) || !node.range) return positionAt(find(document, [...root, ...path]).offset);
      const start = positionAt(node.range[0]);
      if (node.type !== 'BLOCK_LITERAL') return start;
      const content = text.indexOf('\n', node.range[0]) + 1;
      const indent = /^(?:[ \t]*\n)*( *)/.exec(text.slice(content, node.range[2]))?.[1]?.length ?? 0;
      return { line: start.line + line, ...(column === undefined ? {} : { column: column + indent }) };
    },
  };
}

/** The node at a path, and where it begins: at its key in a mapping. Follows aliases; stops at what is not there. */
function find(document: Document.Parsed, path: Path): { readonly value: unknown; readonly offset: number } {
  let node: unknown = document.contents;
  let offset = isNodeWithRange(node) ? node.range[0] : 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return { value: undefined, offset };
      if (isNodeWithRange(pair.key)) offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (isNodeWithRange(node)) offset = node.range[0];
    } else return { value: undefined, offset };
  }
  return { value: node, offset };
}

function isNodeWithRange(node: unknown): node is Node & { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

/** Lines of a document that have no content: its separator, comments and blanks. */
function leadingLines(text: string): number {
  let lines = 0;
  for (const line of text.split('\n', 200)) {
    if (!/^(?:---.*|\s*#.*|\s*)$/.test(line)) return lines;
    lines++;
  }
  return 0;
}

const TEMPLATE_MESSAGE = 'This is a template, as Helm has them, and no manifest yet.';
const TEMPLATE_FIX = 'Check what it renders: helm template … | aks-ca-trust lint -';
const TOO_LONG = `The document is longer than ${LONGEST_DOCUMENT} bytes, which no API server stores.`;
const TOO_MANY = 'The document has far more values than an object with certificates.';
const TOO_MANY_DOCUMENTS = `There are more than ${MOST_DOCUMENTS} documents, and the rest is not read.`;
const NOT_PLAIN = 'The document is nested too deeply, or uses too many YAML aliases.';
const PLAIN = 'Write the values out.';
const SPLIT = 'Split it.';
