import { escapeForDisplay } from '../../api/display.ts';
import { readBase64 } from '../../certificates/pem/base64.ts';
import { decodeText } from '../../certificates/pem/decode-text.ts';
import { readSource } from '../../certificates/read-source.ts';
import { judgeItems, type Judged } from './certificate-findings.ts';
import type { ManifestObject } from './documents.ts';
import { isMapping } from './mapping.ts';

/** The preview took ten certificates. */
const MOST_KEYS = 64;

/**
 * Judges the certificates of the Secret of the retired preview: each value of `data` is base64 of PEM, and some tools encoded it
 * twice; those of `stringData` are PEM.
 */
export function judgePreviewSecret(object: ManifestObject, now: number): Judged {
  const texts = [...valuesOf(object, 'data'), ...valuesOf(object, 'stringData')].slice(0, MOST_KEYS);
  const judged = texts.map(({ member, key, value }) => {
    const text = member === 'data' ? decoded(value) : value;
    const position =
      member === 'data'
        ? () => object.at([member, key])
        : (line: number, column?: number) => object.inText([member, key], line, column);
    return judgeItems(readSource(text).items, position, `key "${escapeForDisplay(key, 64)}"`, now);
  });
  return {
    placed: judged.flatMap(({ placed }) => placed),
    findings: judged.flatMap(({ findings }) => findings),
  };
}

function valuesOf({ value }: ManifestObject, member: 'data' | 'stringData') {
  const values = value[member];
  if (!isMapping(values)) return [];
  return Object.entries(values).flatMap(([key, text]) =>
    typeof text === 'string' ? [{ member, key, value: text }] : [],
  );
}

/** A value that is not base64 is left as it is, and refused with the rest of its text. */
function decoded(value: string): string {
  const reading = readBase64(value);
  return reading.kind === 'bytes' ? decodeText(reading.bytes) : value;
}
