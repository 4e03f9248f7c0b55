import { readPkcs12 } from '../containers/pkcs12/read-pkcs12.ts';
import type { SourceItem } from '../certificate.ts';
import type { Finding } from '../finding.ts';
import { MAX_SOURCE_BYTES, MAX_SOURCE_CERTIFICATES } from '../limits.ts';
import { decodeText } from '../pem/decode-text.ts';
import { certificatesInPkcs7, findingOf } from '../pem/pkcs7-block.ts';
import { collectItems, readSource } from '../read-source.ts';
import { detectForm, isBinaryDer } from './file-form.ts';
import type { FileForm } from './file-form.ts';
import { readJsonLists, readTerraformLists } from './read-list.ts';

/** A file with certificates: the form that was found, and what it holds, in order. */
export interface FileReading {
  readonly form: FileForm;
  /** Never empty, except for a manifest, whose objects are read elsewhere. A binary file has a single line. */
  readonly items: readonly SourceItem[];
}

/** A whole binary file as base64. */
const BARE = /^[\ufeff\s]*[A-Za-z0-9+/\s]{64,}={0,2}\s*$/;

/**
 * Reads a file in any form, with the limits of a source. Never throws.
 *
 * @param password of a PKCS#12 file
 */
export function readFile(bytes: Buffer, password?: string): FileReading {
  const form = detectForm(bytes);
  // A manifest is read in parts, each with the limits of a source.
  if (form === 'Manifest') return { form, items: [] };
  if (bytes.length > MAX_SOURCE_BYTES) return { form, items: readSource('x'.repeat(MAX_SOURCE_BYTES + 1)).items };
  if (form !== 'Text') return { form, items: itemsOf(form, bytes, password) };
  const inner = innerFile(bytes);
  return inner === undefined ? { form, items: readSource(decodeText(bytes)).items } : readFile(inner, password);
}

function itemsOf(form: Exclude<FileForm, 'Manifest' | 'Text'>, bytes: Buffer, password: string | undefined) {
  switch (form) {
    case 'Pem':
      return readSource(decodeText(bytes)).items;
    case 'Der':
      return collectItems([findingOf(bytes, 1)], NO_LIST);
    case 'Pkcs7':
      return collectItems(certificatesInPkcs7(bytes, 1), NO_LIST);
    case 'Pkcs12':
      return collectItems(inPkcs12(bytes, password), NO_LIST);
    case 'JavaKeyStore':
      return collectItems([{ kind: 'problem', line: 1, problem: 'NotACertificate', message: KEYSTORE }], NO_LIST);
    case 'JsonList':
      return collectItems(readJsonLists(decodeText(bytes)), NO_LIST);
    case 'TerraformList':
      return collectItems(readTerraformLists(decodeText(bytes)), NO_LIST);
  }
}

function* inPkcs12(bytes: Buffer, password: string | undefined): Generator<Finding, void, undefined> {
  const reading = readPkcs12(bytes, password);
  if (reading.kind === 'problem') {
    yield { kind: 'problem', line: 1, problem: 'NotACertificate', message: reading.message };
    return;
  }
  for (const certificate of reading.certificates.slice(0, MAX_SOURCE_CERTIFICATES + 1)) yield findingOf(certificate, 1);
}

/** A binary file that was encoded as base64 as a whole. */
function innerFile(bytes: Buffer): Buffer | undefined {
  const text = decodeText(bytes);
  if (!BARE.test(text)) return undefined;
  const inner = Buffer.from(text, 'base64');
  return isBinaryDer(inner) ? inner : undefined;
}

const NO_LIST = 'the list has no element: put base64 of the PEM of each certificate into it';
const KEYSTORE =
  'a Java keystore: write its certificates as PEM with "keytool -list -rfc -keystore FILE", and use that output';
