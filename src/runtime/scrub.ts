const REDACTED = '[redacted]';
const REDACTED_KEY = `${REDACTED} private key`;

/** "-----BEGIN " in base64, with the first letter that can follow. */
const KEY_START = 'LS0tLS1CRUdJTi';
/** "PRIVATE KEY" in base64, at each of the three places in a group of bytes. */
const KEY_WORDS = ['UFJJVkFURSBLRV', 'BSSVZBVEUgS0VZ', 'QUklWQVRFIEtFW'];

type Rule = readonly [RegExp, string | ((found: string) => string)];

/**
 * Texts that must never reach a log, and their replacements. They work on lines of JSON: no expression removes a quote or half of
 * an escape, or relies on word boundaries (`\nBearer` has none). Texts come from untrusted sources, so every expression takes a
 * whole run of characters at a time: one that starts again at each position would take quadratic time.
 */
const RULES: readonly Rule[] = [
  [/[A-Za-z0-9+/]{20,}={0,2}/g, withoutEncodedKey],
  [/[\w.-]{20,}/g, withoutTokens],
  [/(bearer)((?:\s|\\[nrt])+)[\w.~+/-]{16,}=*/gi, `$1 ${REDACTED}`],
  // ARM's operation URLs have a signature in their query; other queries are removed with them.
  [/(?:https?|wss?):\/\/[^\s"'\\]+/gi, withoutQuery],
  // In the body of a form, and in JSON that is part of a text.
  [
    /((?:client_secret|client_assertion|access_token|refresh_token|id_token|assertion|password)=)[^\s"'\\&]+/gi,
    `$1${REDACTED}`,
  ],
  [
    /((?:client_secret|client_assertion|access_token|refresh_token|id_token|assertion|password)\\{0,3}"\s{0,8}:\s{0,8}\\{0,3}")[^\s"'\\]+/gi,
    `$1${REDACTED}`,
  ],
];

/** Replaces texts with the form of a secret in a line of a log, and {@link escapeControls}. The time is linear. */
export function scrub(line: string): string {
  const scrubbed = RULES.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement as string),
    withoutPrivateKeys(line),
  );
  return escapeControls(scrubbed);
}

const BEGIN_KEY = /-----BEGIN [A-Z0-9 ]{0,64}PRIVATE KEY-----/g;
const END_KEY = /-----END [A-Z0-9 ]{0,64}PRIVATE KEY-----/;

/**
 * Each block to its end, or, if it was cut, to the end of the string that has it. One expression for all of it would overflow the
 * stack.
 */
function withoutPrivateKeys(line: string): string {
  const kept: string[] = [];
  let from = 0;
  BEGIN_KEY.lastIndex = 0;
  for (let begin = BEGIN_KEY.exec(line); begin !== null; begin = BEGIN_KEY.exec(line)) {
    const after = begin.index + begin[0].length;
    const body = line.slice(after, endOfString(line, after));
    const end = END_KEY.exec(body);
    kept.push(line.slice(from, begin.index), REDACTED_KEY);
    from = after + (end === null ? body.length : end.index + end[0].length);
    BEGIN_KEY.lastIndex = from;
  }
  return from === 0 ? line : kept.join('') + line.slice(from);
}

/** End of the JSON string that continues at `start`. */
function endOfString(line: string, start: number): number {
  for (let at = line.indexOf('"', start); at !== -1; at = line.indexOf('"', at + 1)) {
    let first = at;
    while (first > start && line[first - 1] === '\\') first--;
    if ((at - first) % 2 === 0) return at;
  }
  return line.length;
}

/**
 * Control characters except the line feed, formats such as bidirectional overrides, and line separators: a terminal would obey
 * them.
 */
const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Escapes controls as JSON does, so a line of JSON keeps its meaning. Texts from outside are escaped earlier; this is the second
 * protection.
 */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const first = unicodeEscape(character.charCodeAt(0));
    return character.length === 1 ? first : first + unicodeEscape(character.charCodeAt(1));
  });
}

function unicodeEscape(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, '0')}`;
}

/** A private key inside of base64, as in kubeconfigs. */
function withoutEncodedKey(run: string): string {
  const start = run.indexOf(KEY_START);
  return start !== -1 && KEY_WORDS.some((word) => run.includes(word, start)) ? run.slice(0, start) + REDACTED_KEY : run;
}

/** JSON Web Tokens, by their parts between dots: two base64url objects and a signature. */
function withoutTokens(run: string): string {
  const words = run.split('.');
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const start = word.indexOf('eyJ');
    const isToken =
      at + 2 < words.length && start !== -1 && word.length - start >= 11 && /^eyJ[\w-]{8}/.test(words[at + 1] ?? '');
    kept.push(isToken ? word.slice(0, start) + REDACTED : word);
    if (isToken) at += 2;
  }
  return kept.join('.');
}

function withoutQuery(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : `${url.slice(0, end + 1)}${REDACTED}`;
}
