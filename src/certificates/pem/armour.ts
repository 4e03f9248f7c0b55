import { hasData } from './dense-data.ts';
import { isKnownLabel } from './label.ts';

/**
 * One stretch of a PEM text (RFC 7468); offsets are of the text, `end` is exclusive. The stretches follow each other
 * without gaps or overlaps.
 *
 * - `text`: text outside of any block.
 * - `block`: from BEGIN to the END of the same label.
 * - `unclosed`: from a BEGIN to where its END should have been: the next BEGIN, an END of another label, the end of the text.
 * - `unopened`: an END without a BEGIN, with the text before it.
 */
export type ArmourPart =
  | { readonly kind: 'text'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'block';
      readonly label: string;
      readonly start: number;
      readonly bodyStart: number;
      readonly bodyEnd: number;
      readonly end: number;
    }
  | {
      readonly kind: 'unclosed';
      readonly label: string;
      readonly start: number;
      readonly bodyStart: number;
      readonly bodyEnd: number;
      readonly end: number;
      readonly endedBy: 'begin' | 'other-end' | 'end-of-text';
    }
  | {
      readonly kind: 'unopened';
      readonly label: string;
      readonly start: number;
      readonly markerStart: number;
      readonly end: number;
    };

interface Marker {
  readonly opens: boolean;
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

const DASHES = '-----';
const DASH = 0x2d;
const MAX_LABEL = 64;

/**
 * Splits a text at its BEGIN and END lines. They count also in the middle of a line where data or another marker is beside
 * them: files joined without a final newline have END and BEGIN on one line, and folded YAML has everything on one. A comment
 * that mentions them is text (RFC 7468, section 2), and so is a line that is commented out with "#". Every character is read a
 * fixed number of times, for any text.
 */
export function* armourParts(text: string): Generator<ArmourPart, void, undefined> {
  let at = 0;
  let open: Marker | undefined;
  let passed = 0;
  for (let marker = nextMarker(text, 0); marker !== undefined; marker = nextMarker(text, marker.end)) {
    const before = text.slice(passed, marker.start);
    passed = marker.end;
    if (marker.opens ? !opensBlock(text, marker, before) : open === undefined && !closesBlock(before)) continue;
    if (open === undefined) {
      if (marker.opens) {
        if (marker.start > at) yield { kind: 'text', start: at, end: marker.start };
        open = marker;
      } else {
        yield { kind: 'unopened', label: marker.label, start: at, markerStart: marker.start, end: marker.end };
        at = marker.end;
      }
      continue;
    }
    const block = { label: open.label, start: open.start, bodyStart: open.end, bodyEnd: marker.start };
    if (marker.opens) {
      yield { kind: 'unclosed', ...block, end: marker.start, endedBy: 'begin' };
      open = marker;
      continue;
    }
    if (marker.label === open.label) yield { kind: 'block', ...block, end: marker.end };
    else yield { kind: 'unclosed', ...block, end: marker.end, endedBy: 'other-end' };
    open = undefined;
    at = marker.end;
  }
  const end = text.length;
  if (open !== undefined) {
    const block = { label: open.label, start: open.start, bodyStart: open.end, bodyEnd: end };
    yield { kind: 'unclosed', ...block, end, endedBy: 'end-of-text' };
  } else if (at < end) {
    yield { kind: 'text', start: at, end };
  }
}

function nextMarker(text: string, from: number): Marker | undefined {
  let dashes = text.indexOf(DASHES, from);
  while (dashes !== -1) {
    // In a longer run of dashes, the last five belong to the marker.
    let word = dashes + DASHES.length;
    while (text.charCodeAt(word) === DASH) word++;
    const opens = text.startsWith('BEGIN ', word);
    if (opens || text.startsWith('END ', word)) {
      const labelStart = word + (opens ? 6 : 4);
      const labelEnd = endOfLabel(text, labelStart);
      const start = word - DASHES.length;
      if (labelEnd > labelStart && text.startsWith(DASHES, labelEnd) && !isCommentedOut(text, start)) {
        return { opens, label: text.slice(labelStart, labelEnd), start, end: labelEnd + DASHES.length };
      }
    }
    dashes = text.indexOf(DASHES, word);
  }
  return undefined;
}

/** `before` is the text since the last marker. */
function opensBlock(text: string, { label, end }: Marker, before: string): boolean {
  const window = text.slice(end, end + DATA_WINDOW);
  const next = window.indexOf(DASHES);
  const between = next === -1 ? window : window.slice(0, next);
  if (STARTS_LINE.test(lastLine(before))) {
    // Dashes all along a heading, unless they belong to another marker.
    if (between === '' ? !MARKER.test(window) && !isKnownLabel(label) : between === '-' && !isKnownLabel(label))
      return false;
    // "-----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- have to stay": words, and all in one line.
    return next === -1 || !WORDS.test(between) || hasData(between);
  }
  return DATA_BESIDE.test(between) || hasData(firstLines(between));
}

function closesBlock(before: string): boolean {
  const line = lastLine(before);
  return STARTS_LINE.test(line) || DATA_BEFORE.test(line) || hasData(line);
}

const DATA_WINDOW = 400;
/** Text that may precede a marker in its line without making it part of a comment: blanks, the number of the line. */
const STARTS_LINE = /^\s*(?:\d{1,6}[\s:|.)]*)?$/;
const MARKER = /^-*(?:BEGIN|END) /;
const WORDS = /^[ \t]+[^\n]*\S[^\n]*$/;
const DATA_BESIDE = /^[A-Za-z0-9+/=]/;
const DATA_BEFORE = /[A-Za-z0-9+/=]$/;

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** The rest of a line and the one after it. */
function firstLines(text: string): string {
  const second = text.indexOf('\n', text.indexOf('\n') + 1);
  return second === -1 ? text : text.slice(0, second);
}

/** True where a "#" is before this on its line, and otherwise only blanks. */
function isCommentedOut(text: string, start: number): boolean {
  let at = start - 1;
  while (isBlank(text.charCodeAt(at))) at--;
  if (text[at] !== '#') return false;
  do at--;
  while (isBlank(text.charCodeAt(at)));
  return at < 0 || text[at] === '\n';
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** End of a label of printable ASCII; `from` where there is no label: it is too long, or has a blank at either side. */
function endOfLabel(text: string, from: number): number {
  let end = from;
  for (let code = text.charCodeAt(end); code >= 0x20 && code < 0x7f && code !== DASH; code = text.charCodeAt(end)) {
    end++;
    if (end - from > MAX_LABEL) return from;
  }
  return text[from] === ' ' || text[end - 1] === ' ' ? from : end;
}
