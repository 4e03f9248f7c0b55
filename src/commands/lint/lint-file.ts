import { FORM_NAMES, hasNamedList, type FileForm } from '../../certificates/formats/file-form.ts';
import { readFile } from '../../certificates/formats/read-file.ts';
import { decodeText } from '../../certificates/pem/decode-text.ts';
import { judgeDuplicates, judgeItems, judgeList, type Placed } from './certificate-findings.ts';
import { readManifest } from './documents.ts';
import type { Found } from './finding.ts';
import { judgeObject, type Share } from './manifest.ts';

/** What was found in one file. */
export interface FileLint {
  readonly form: FileForm;
  readonly findings: readonly Found[];
  /** Certificates of a file that is no manifest. */
  readonly placed: readonly Placed[];
  /** Of each object, for what only all objects of a cluster show. */
  readonly shares: readonly Share[];
  /** Certificates and objects that were checked; 0 for a file that is about something else. */
  readonly checked: number;
}

export interface LintOptions {
  /** Of a PKCS#12 file. */
  readonly password?: string | undefined;
  /** In ms since 1970. */
  readonly now: number;
}

/** Checks the content of one file, in any form. Never throws. */
export function lintFile(bytes: Buffer, { password, now }: LintOptions): FileLint {
  const { form, items } = readFile(bytes, password);
  if (form === 'Manifest') return lintManifest(decodeText(bytes), now);
  const position = (line: number, column?: number) => ({ line, ...(column === undefined ? {} : { column }) });
  const { placed, findings } = judgeItems(items, position, '', now);
  const list = judgeList(placed, 'Warning').map(({ found }) => found);
  const notes = placed.length > 0 ? notesOn(form, bytes) : [];
  const all = [...notes, ...findings, ...judgeDuplicates(placed), ...list];
  const isOurs = placed.length > 0 || (form === 'JsonList' ? hasNamedList(decodeText(bytes)) : form !== 'Text');
  return { form, findings: all.toSorted(byLine), placed, shares: [], checked: isOurs ? items.length : 0 };
}

function lintManifest(text: string, now: number): FileLint {
  const { objects, findings } = readManifest(text);
  const readings = objects.map((object) => judgeObject(object, now));
  const all = [...findings, ...readings.flatMap((reading) => reading.findings)];
  return {
    form: 'Manifest',
    findings: all.toSorted(byLine),
    placed: [],
    shares: readings.flatMap(({ share }) => share ?? []),
    checked: readings.filter(({ isOurs }) => isOurs).length + findings.length,
  };
}

/** Forms that are read as well as PEM. */
function notesOn(form: FileForm, bytes: Buffer): Found[] {
  const isText = form === 'Pem';
  if (isText && bytes.includes('-----\r'))
    return [
      { severity: 'Note', code: 'LineEnds', line: 1, message: 'The lines end in CR or CRLF, which is read as well.' },
    ];
  if (isText || form === 'Text') return [];
  const message = `The file is ${FORM_NAMES[form]}. An entry of a CustomCATrust has PEM.`;
  return [
    { severity: 'Note', code: 'OtherForm', line: 1, message, fix: 'Convert it: aks-ca-trust convert --to pem FILE' },
  ];
}

export function byLine(a: Pick<Found, 'line' | 'column'>, b: Pick<Found, 'line' | 'column'>): number {
  return a.line - b.line || (a.column ?? 0) - (b.column ?? 0);
}
