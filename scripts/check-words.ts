/**
 * Refuses words that this project does not use: riddles and private terms for which the field has a word of its own.
 * docs/vocabulary.md says which words it does use. Names are read as their parts, so `holdUp` counts like "hold-up".
 */
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';

interface Banned {
  readonly words: RegExp;
  readonly instead: string;
}

const BANNED: readonly Banned[] = [
  { words: /\b(?:un)?mend(?:s|ed|ing)?\b/i, instead: 'fix, resolve' },
  { words: /\btold\b/i, instead: 'said, reported, known' },
  {
    words: /\b(?:somebody|someone|nobody|no one|whoever|whomever|anybody|anyone|everybody)\b/i,
    instead: 'the actor: another client, a person, no object',
  },
  { words: /\bhold[- ]?ups?\b/i, instead: 'blocker' },
  { words: /\b(?:weigh|weighs|weighed|weighing)\b/i, instead: 'compute, compare, propose' },
  { words: /\b(?:lag|lags|lagging|lagged)\b/i, instead: 'be stale, be behind' },
  { words: /\blook(?:s|ed|ing)?\b(?![- ]?(?:up|ups|like|alikes?)\b)/i, instead: 'read, check' },
  { words: /\b(?:rouse|rouses|roused|tour|tours|reckon|reckons|reckoned)\b/i, instead: 'wake, round, compute' },
  { words: /\b(?:strike|strikes|struck|stricken)\b/i, instead: 'drop, remove' },
  { words: /\blinger(?:s|ed|ing)?\b/i, instead: 'stay' },
];

/** Names that others gave (Node's metrics), or that stored records have. */
const KEPT = /nodejs_eventloop_lag_\w+/g;

const ROOMS = ['src', 'simulator', 'crds', 'deploy', 'docs', 'README.md', 'CONTRIBUTING.md'];
/** Real words of AKS, and this page's own list of words. */
const EXEMPT = new Set(['simulator/corpus.json', 'docs/vocabulary.md']);

/** The title of a test, or of a group of tests. */
const TITLE =
  /(?:\b(?:it|describe)(?:\.(?:only|skip))?\(|\.each(?:<[^>]*>)?\((?:[^()]|\([^()]*\))*\)\(|\]\)\()\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs;

function filesIn(...folders: readonly string[]): string[] {
  return execFileSync('git', ['ls-files', ...folders], { encoding: 'utf8' })
    .split('\n')
    .filter(
      (file) => /\.(?:ts|mjs|md|ya?ml|json|tpl)$/.test(file) && !EXEMPT.has(file) && !lstatSync(file).isSymbolicLink(),
    );
}

let found = 0;

function check(text: string, file: string, line: number): void {
  const parts = text
    .replace(KEPT, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ');
  for (const { words, instead } of BANNED) {
    const [word] = words.exec(parts) ?? [];
    if (word === undefined) continue;
    found += 1;
    console.error(`${file}:${line}: "${word}": say ${instead}`);
  }
}

for (const file of filesIn(...ROOMS))
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) check(line, file, index + 1);
for (const file of filesIn('test').filter((name) => name.endsWith('.test.ts'))) {
  const text = readFileSync(file, 'utf8');
  for (const { index, 2: title = '' } of text.matchAll(TITLE))
    check(title, file, text.slice(0, index).split('\n').length);
}
if (found > 0) {
  console.error(`${found} words that docs/vocabulary.md does without`);
  process.exitCode = 1;
}
