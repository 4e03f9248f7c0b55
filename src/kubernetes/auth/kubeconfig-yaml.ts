import { LineCounter, parseAllDocuments } from 'yaml';

export type Mapping = Readonly<Record<string, unknown>>;

export type YamlResult =
  { readonly ok: true; readonly value: Mapping } | { readonly ok: false; readonly message: string };

/** Far larger than any kubeconfig with one context; a Secret holds at most 1 MiB. */
const MAX_LENGTH = 256 * 1024;
/**
 * Most line ends and punctuation characters of YAML. One context needs about a hundred. The parser's time grows with the square
 * of the nodes, errors and tags that they can create: 256 KiB of `}` stop the whole process for most of a minute.
 */
const STRUCTURE = /[\n\r[\]{},:?&*!"'#%|>@`]|-\s/g;
const MAX_STRUCTURE = 3000;

/**
 * Reads untrusted YAML: limited in size and structure, without aliases, and with messages that quote nothing of the text (the
 * parser's do).
 */
export function readYaml(text: string): YamlResult {
  if (text.length > MAX_LENGTH)
    return { ok: false, message: `it is longer than ${MAX_LENGTH} characters: keep one context` };
  if (text.trim() === '') return { ok: false, message: 'it is empty' };
  if ((text.match(STRUCTURE) ?? []).length > MAX_STRUCTURE) {
    return { ok: false, message: 'it has far more entries than one context needs: keep one context' };
  }
  try {
    const lineCounter = new LineCounter();
    // Pretty errors quote the text, and cost more the longer its lines are.
    const documents = parseAllDocuments(text, {
      lineCounter,
      prettyErrors: false,
      stringKeys: true,
      logLevel: 'silent',
    });
    const [document] = documents;
    if (document === undefined) return { ok: false, message: 'it is empty' };
    if (documents.length > 1) return { ok: false, message: 'it holds several YAML documents: keep one' };
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      return { ok: false, message: `it is not valid YAML at line ${line}, column ${col}` };
    }
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    return isMapping(value) ? { ok: true, value } : { ok: false, message: 'it is not a kubeconfig: no mapping' };
  } catch {
    // An alias, with maxAliasCount 0. Its message may quote.
    return { ok: false, message: 'it uses YAML aliases or is otherwise not plain: write it out' };
  }
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
