/** Texts that are hard on a reader of PEM, each as a unit to be repeated between a start and an end. */
export interface HostileText {
  readonly name: string;
  readonly unit: string;
  readonly start?: string;
  readonly end?: string;
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

export const HOSTILE_TEXTS: readonly HostileText[] = [
  { name: 'dashes', unit: '-' },
  { name: 'BEGIN without label', unit: '-----BEGIN ' },
  { name: 'BEGIN', unit: `${BEGIN}\n` },
  { name: 'END', unit: `${END}\n` },
  { name: 'almost BEGIN', unit: 'BEGIN CERTIFICAT\n' },
  { name: 'almost private key', unit: 'BEGIN PRIVATE KE' },
  { name: 'lines of a private key without data', unit: '-----BEGIN PRIVATE KEY-----\n.\n-----END PRIVATE KEY-----\n' },
  { name: 'comments about BEGIN', unit: `x ${BEGIN} y ` },
  { name: 'comments about END', unit: `x ${END} y ` },
  { name: 'comments about keys', unit: '# BEGIN PRIVATE KEY\n' },
  { name: 'misspelt BEGIN without data', unit: '- begin certificate\n' },
  { name: 'binary data', unit: '\u0001\ufffd0\n' },
  { name: 'percent encoding', unit: '%2D%2D%2D%2D%2DBEGIN%20' },
  { name: 'blanks', unit: ' ' },
  { name: 'empty lines', unit: '\n' },
  { name: 'carriage returns', unit: '\r' },
  { name: 'base64 in one line', unit: 'A' },
  { name: 'base64 in lines', unit: `${'A'.repeat(64)}\n` },
  { name: 'base64 of DER', unit: 'MIIA' },
  { name: 'base64 of BEGIN', unit: 'LS0tLS1CRUdJTi' },
  { name: 'words', unit: `${'a'.repeat(39)} ` },
  { name: 'short words', unit: 'ab ' },
  { name: 'no-break spaces', unit: '\u00a0' },
  { name: 'blocks of base64', unit: `${BEGIN}${'A'.repeat(1800)}${END}\n` },
  {
    name: 'blanks after an unknown label',
    unit: ' ',
    start: `${BEGIN}${END}`.replaceAll('CERTIFICATE', 'UNKNOWN, BUT LONG'),
  },
  { name: 'blanks after a misspelt line', unit: ' ', start: '----BEGIN X509 CERTIFICATE-----\n' },
  { name: 'blanks in a block', unit: ' ', start: BEGIN, end: END },
  { name: 'base64 in a block', unit: 'A', start: BEGIN, end: END },
  { name: 'padding in a block', unit: '=', start: BEGIN, end: END },
  { name: 'block without END', unit: `${'A'.repeat(64)}\n`, start: BEGIN },
  { name: 'bad character last', unit: 'AAA\n', start: BEGIN, end: `!${END}` },
];

/** A text of about `bytes` bytes. */
export function hostileText({ unit, start = '', end = '' }: HostileText, bytes: number): string {
  return start + unit.repeat(Math.floor((bytes - start.length - end.length) / Buffer.byteLength(unit))) + end;
}
