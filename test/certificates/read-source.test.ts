import { describe, expect, it } from '@jest/globals';
import type { SourceItem } from '../../src/certificates/certificate.ts';
import { readSource } from '../../src/certificates/read-source.ts';
import { armour, pkcs7 } from './fixtures/craft.ts';
import { fixture } from './fixtures/fixture.ts';
import { ROOTS, ROOT_A, ROOT_B, ROOT_C, base64, bodyOf, derOf, fingerprintOf } from './roots.ts';

/** One line an item: `certificate <root> @line [warnings]`, or `<kind> @line[:column]`. */
function summary(text: string): string[] {
  return readSource(text).items.map(describeItem);
}

function describeItem(item: SourceItem): string {
  if (item.kind === 'problem') {
    const { kind, line, column } = item.problem;
    return column === undefined ? `${kind} @${line}` : `${kind} @${line}:${column}`;
  }
  return [rootName(item.certificate.fingerprint), `@${item.line}`, ...item.warnings].join(' ');
}

const NAMES = new Map([ROOT_A, ROOT_B, ROOT_C].map((pem, index) => [fingerprintOf(pem), 'ABC'.charAt(index)]));

function rootName(fingerprint: string): string {
  return NAMES.get(fingerprint) ?? fingerprint;
}

function message(text: string): string {
  const [item] = readSource(text).items;
  return item?.kind === 'problem' ? item.problem.message : 'no problem';
}

const numbered = (mark: (index: number) => string): string =>
  ROOT_A.trimEnd()
    .split('\n')
    .map((line, index) => mark(index + 1) + line)
    .join('\n');
const linesOf = (pem: string): number => pem.split('\n').length - 1;
const AFTER_A = linesOf(ROOT_A) + 1;
const BUNDLE = armour(pkcs7(derOf(ROOT_B), derOf(ROOT_C)), 'PKCS7');
const lines = ROOT_A.split('\n');
const lastData = lines.at(-3) ?? '';
const withoutBegin = lines.slice(1).join('\n');
const withoutEnd = lines.slice(0, -2).join('\n');

describe('a source that is read without complaint', () => {
  const cases: Record<string, [string, string[]]> = {
    'one certificate': [ROOT_A, ['A @1']],
    'no final newline': [ROOT_A.trimEnd(), ['A @1']],
    'CRLF line ends': [(ROOT_A + ROOT_B).replaceAll('\n', '\r\n'), ['A @1', `B @${AFTER_A}`]],
    'CR line ends': [(ROOT_A + ROOT_B).replaceAll('\n', '\r'), ['A @1', `B @${AFTER_A}`]],
    'several certificates in one entry': [ROOT_A + ROOT_B, ['A @1', `B @${AFTER_A}`]],
    'certificates apart by a blank line, as the Azure CLI takes them': [
      `${ROOT_A}\n${ROOT_B}`,
      ['A @1', `B @${AFTER_A + 1}`],
    ],
    'blanks before and after every line': [ROOT_A.replace(/^|$/gm, ' \t '), ['A @1']],
    'blank lines before and after': [`\n \n${ROOT_A}\n\n`, ['A @3']],
    'files joined without a newline between END and BEGIN': [ROOT_A.trimEnd() + ROOT_B, ['A @1', `B @${AFTER_A - 1}`]],
    'everything on one line, as folded YAML has it': [(ROOT_A + ROOT_B).replaceAll('\n', ' '), ['A @1', 'B @1']],
    'data in a single line': [armour(derOf(ROOT_A)).replace(/(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])/g, ''), ['A @1']],
    'text between certificates': [
      `# roots of Example\nsubject=CN = a\n${ROOT_A}issuer=/C=US\n\n${ROOT_B}the end`,
      ['A @3', `B @${AFTER_A + 4}`],
    ],
    'the dump of openssl x509 -text': [
      `Certificate:\n    Data:\n        Version: 3 (0x2)\n    Signature Value:\n        d0:cf:5d\n${ROOT_A}`,
      ['A @6'],
    ],
    'the fingerprint of a certificate in its comment': [`${fingerprintOf(ROOT_A)}\n${ROOT_A}`, ['A @2']],
    'a certificate that is commented out': [
      `${ROOT_A.replace(/^(?=.)/gm, '# ')}${ROOT_B}  #${ROOT_C.trimEnd().replaceAll('\n', '\n\t# ')}`,
      [`B @${AFTER_A}`],
    ],
    'a byte order mark at the beginning': [`\ufeff${ROOT_A}`, ['A @1']],
    'a byte order mark between joined files': [`${ROOT_A}\ufeff${ROOT_B}`, ['A @1', `B @${AFTER_A}`]],
    'the old label X509 CERTIFICATE': [ROOT_A.replaceAll(' CERT', ' X509 CERT'), ['A @1']],
    'a comment that speaks of BEGIN and END': [
      `# paste from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----\n${ROOT_A}`,
      ['A @2'],
    ],
    'prose that speaks of BEGIN and END': [
      `Keep the -----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- lines when you paste:\n${ROOT_A}`,
      ['A @2'],
    ],
    'prose that begins with BEGIN': [
      `-----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- have to stay\n${ROOT_A}`,
      ['A @2'],
    ],
    'a comment that speaks of BEGIN alone': [`// up to the next -----BEGIN CERTIFICATE-----:\n\n${ROOT_A}`, ['A @3']],
    'a comment that speaks of END alone': [`${ROOT_A}# after -----END CERTIFICATE----- nothing counts\n`, ['A @1']],
    'a heading between dashes': [`----------BEGIN CERTIFICATE IN THE NEXT LINE----------\n${ROOT_A}`, ['A @2']],
    'a heading with the very words': [`----------BEGIN CERTIFICATE----------\n${ROOT_A}`, ['A @2']],
    'a list with a heading and an end': [`-----BEGIN ROOTS-----\nof Example\n${ROOT_A}-----END ROOTS-----\n`, ['A @3']],
    'BEGIN twice': [`-----BEGIN CERTIFICATE-----\n${ROOT_A}`, ['A @2']],
    'a comment that speaks of a private key': [
      `# the matching BEGIN PRIVATE KEY block is kept in the HSM\n${ROOT_A}`,
      ['A @2'],
    ],
    'a comment with the lines of a private key': [
      `# not the file with -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----\n${ROOT_A}`,
      ['A @2'],
    ],
    'a comment after it that speaks of a private key': [`${ROOT_A}# END PRIVATE KEY is not here\n`, ['A @1']],
    'a private key of which nothing is left': [
      `-----BEGIN RSA PRIVATE KEY-----\n(kept elsewhere)\n-----END RSA PRIVATE KEY-----\n${ROOT_A}`,
      ['A @4'],
    ],
    'a comment in Latin-1 that was read as UTF-8': [`# Gr\ufffdne \ufffdrzte\n${ROOT_A}`, ['A @2']],
    'a comment in colour': [`\u001b[1;32m# root\u001b[0m\n${ROOT_A}\u001b[31m# end\u001b[0m`, ['A @2']],
    'a PKCS#7 bundle, between certificates': [
      ROOT_A + BUNDLE + ROOT_A,
      ['A @1', `B @${AFTER_A}`, `C @${AFTER_A}`, `A @${AFTER_A + linesOf(BUNDLE)}`],
    ],
    'the same certificate twice': [ROOT_A + ROOT_A, ['A @1', `A @${AFTER_A}`]],
  };
  it.each(Object.entries(cases))('%s', (_, [text, expected]) => {
    expect(summary(text)).toEqual(expected);
  });
});

describe('base64 of a PEM text is read with a warning', () => {
  const A = base64(ROOT_A);
  const B = base64(ROOT_B);
  /** So long that its base64 fills lines of 76 and ends in one "=". */
  const paddedTo76 = (text: string): string => text.padEnd(Math.ceil((text.length + 1) / 57) * 57 - 1);
  const wrapped = (text: string, width: number): string => text.replace(new RegExp(`.{${width}}`, 'g'), '$&\n');
  const cases: Record<string, [string, string[]]> = {
    "one element of ARM's list": [A, ['A @1 Base64EncodedPem']],
    'an element a line': [`${A}\n${B}\n`, ['A @1 Base64EncodedPem', 'B @2 Base64EncodedPem']],
    'the list as JSON': [JSON.stringify([A, B], undefined, 2), ['A @2 Base64EncodedPem', 'B @3 Base64EncodedPem']],
    'the list as JSON in one line': [JSON.stringify([A, B]), ['A @1 Base64EncodedPem', 'B @1 Base64EncodedPem']],
    'the list as YAML': [`certs:\n  - ${A}\n  - ${B}`, ['A @2 Base64EncodedPem', 'B @3 Base64EncodedPem']],
    'the data of a Secret': [`data:\n  ca.crt: ${A}`, ['A @2 Base64EncodedPem']],
    'wrapped at 76 columns': [wrapped(base64(ROOT_A + ROOT_B), 76), ['A @1 Base64EncodedPem', 'B @1 Base64EncodedPem']],
    'wrapped at 64 columns': [wrapped(A, 64), ['A @1 Base64EncodedPem']],
    'a text that begins with a comment': [base64(`# Example\n${ROOT_A}`), ['A @1 Base64EncodedPem']],
    'encoded twice': [base64(A), ['A @1 Base64EncodedPem']],
    'beside a certificate in PEM': [`${ROOT_B}${A}`, ['B @1', `A @${linesOf(ROOT_B) + 1} Base64EncodedPem`]],
    'two texts with comments, the first with padding at the end of a full line': [
      `${wrapped(base64(paddedTo76(`# A\n${ROOT_A}`)), 76)}${wrapped(base64(paddedTo76(`# B\n${ROOT_B}`)), 76)}`,
      ['A @1 Base64EncodedPem', `B @${base64(paddedTo76(`# A\n${ROOT_A}`)).length / 76 + 1} Base64EncodedPem`],
    ],
    'a word after an element is text': [
      `${base64(ROOT_A.padEnd(3000))}\nsecond\n${B}`,
      ['A @1 Base64EncodedPem', 'B @3 Base64EncodedPem'],
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [text, expected]) => {
    expect(summary(text)).toEqual(expected);
  });
});

describe('a source that is refused', () => {
  const second = lines[1] ?? '';
  const cases: Record<string, [string, string[]]> = {
    nothing: ['', ['Empty @1']],
    blanks: [' \n\t\r\n', ['Empty @1']],
    'text without a certificate': ['see the wiki', ['NotACertificate @1']],
    'only a certificate that is commented out': [ROOT_A.replace(/^(?=.)/gm, '# '), ['NotACertificate @1']],
    'base64 of DER without BEGIN and END': [bodyOf(ROOT_A), ['Ambiguous @1']],
    'base64 of DER without BEGIN and END, wrapped': [lines.slice(1, -2).join('\n'), ['Ambiguous @1']],
    'base64 of a PEM text inside BEGIN and END': [armour(Buffer.from(ROOT_A)), ['Ambiguous @1']],
    'BEGIN without END': [withoutEnd, ['Truncated @1']],
    'BEGIN inside a block': [`${withoutEnd}\n${ROOT_B}`, ['Truncated @1', `B @${AFTER_A - 1}`]],
    'END without BEGIN': [withoutBegin, [`Truncated @${linesOf(ROOT_A) - 1}`]],
    'END of another label': [ROOT_A.replace('END CERT', 'END X509 CERT') + ROOT_B, ['Truncated @1', `B @${AFTER_A}`]],
    'nothing between BEGIN and END': [armour(Buffer.alloc(0)), ['Truncated @1']],
    'a bad character': [ROOT_A.replace(second, `${second.slice(0, 9)}!${second.slice(10)}`), ['BadBase64 @2:10']],
    'a no-break space': [ROOT_A.replace(second, `${second.slice(0, 9)}\u00a0${second.slice(9)}`), ['BadBase64 @2:10']],
    'a zero-width space': [ROOT_A.replace(second, `\u200b${second}`), ['BadBase64 @2:1']],
    'a byte order mark inside': [ROOT_A.replace(second, `${second}\ufeff`), ['BadBase64 @2:65']],
    'a PEM header': [ROOT_A.replace(second, `Proc-Type: 4,ENCRYPTED\n\n${second}`), ['BadBase64 @2:5']],
    'the characters \\n for line breaks': [ROOT_A.replaceAll('\n', '\\n'), ['BadBase64 @1:28']],
    'padding missing': [
      armour(derOf(ROOT_A)).replaceAll('=', ''),
      [`BadBase64 @${linesOf(ROOT_A) - 1}:${lastData.indexOf('=')}`],
    ],
    'padding in the middle': [ROOT_A.replace(second, `${second.slice(0, 8)}=${second.slice(9)}`), ['BadBase64 @2:9']],
    'DER that is cut short': [armour(derOf(ROOT_A).subarray(0, 300)), ['Truncated @1']],
    'DER with bytes after it': [armour(Buffer.concat([derOf(ROOT_A), Buffer.from([0])])), ['TrailingBytes @1']],
    'two certificates in one block': [armour(Buffer.concat([derOf(ROOT_A), derOf(ROOT_B)])), ['TrailingBytes @1']],
    'DER that is no certificate': [armour(Buffer.from('30050203010001', 'hex')), ['BadCertificate @1']],
    'data that is no DER': [armour(Buffer.from('hello, world')), ['BadCertificate @1']],
    'dates that cannot be read': [fixture('unreadable-dates'), ['BadCertificate @1']],
    "a certificate with another one's PEM in its name": [fixture('embedded-pem'), ['BadCertificate @1']],
    'a certificate request': [fixture('request'), ['NotACertificate @1']],
    'a certificate request labelled as certificate': [
      fixture('request').replaceAll(' REQUEST', ''),
      ['NotACertificate @1'],
    ],
    'a public key': [fixture('public-key'), ['NotACertificate @1']],
    'a revocation list': [fixture('revocation-list'), ['NotACertificate @1']],
    "OpenSSL's trusted certificate": [ROOT_A.replaceAll(' CERT', ' TRUSTED CERT'), ['NotACertificate @1']],
    'a PKCS#7 bundle without certificates': [armour(pkcs7(), 'PKCS7'), ['NotACertificate @1']],
    'a PKCS#7 bundle with a bad character': [fixture('pkcs7').replace('MII', 'M!I'), ['BadBase64 @2:2']],
    'a PKCS#7 bundle of 65 certificates': [
      armour(pkcs7(...Array.from({ length: 65 }, () => derOf(ROOT_A))), 'PKCS7'),
      ['TooManyCertificates @1'],
    ],
    'base64 of a PKCS#7 bundle': [pkcs7(derOf(ROOT_A)).toString('base64'), ['NotACertificate @1']],
    'an unknown label': [ROOT_A.replaceAll(' CERT', ' \u001b[31m CERT'.replace('\u001b', 'X')), ['NotACertificate @1']],
    'UTF-16': [ROOT_A.split('').join('\0'), ['BadArmour @1:2']],
    'numbered lines': [numbered((index) => `${String(index).padStart(6)}\t`), ['BadBase64 @1']],
    'numbered lines, as grep numbers them': [numbered((index) => `${index}:`), ['BadBase64 @1']],
    'numbered lines, as an editor shows them': [numbered((index) => ` ${index} | `), ['BadBase64 @1']],
    'a text encoded for a URL': [encodeURIComponent(`# root\n${ROOT_A}`), ['BadArmour @1']],
    'a text encoded for a form': [encodeURIComponent(ROOT_A).replaceAll('%20', '+'), ['BadArmour @1']],
    'UTF-16 that was read as UTF-8': [
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(ROOT_A, 'utf16le')]).toString('utf8'),
      ['BadArmour @1:4'],
    ],
    'DER after a certificate in PEM': [ROOT_A + derOf(ROOT_B).toString('utf8'), ['A @1', `Ambiguous @${AFTER_A}`]],
    'DER alone': [derOf(ROOT_A).toString('utf8'), ['Ambiguous @1']],
    'dates without seconds': [fixture('field/utc-no-seconds'), ['BadCertificate @1']],
    'a block of more than 128 KiB': [armour(Buffer.alloc(128 * 1024)), ['TooLarge @1']],
    'a source of more than 1 MiB': ['x'.repeat(1024 * 1024 + 1), ['TooLarge @1']],
    'more than 1 MiB only in UTF-8': ['€'.repeat(400_000), ['TooLarge @1']],
    '65 certificates': [ROOT_A.repeat(65), [`TooManyCertificates @${64 * linesOf(ROOT_A) + 1}`]],
    'an element with a bad character': [base64(ROOT_A).replace(/.{99}/, '$&*'), ['BadBase64 @1:100']],
  };
  it.each(Object.entries(cases))('%s', (_, [text, expected]) => {
    expect(summary(text)).toEqual(expected);
  });
});

describe('a BEGIN or END line that is misspelt', () => {
  const last = linesOf(ROOT_A);
  const cases: Record<string, [string, string[]]> = {
    'en dashes everywhere': [ROOT_A.replaceAll('-----', '–––––') + ROOT_B, ['BadArmour @1:1', `B @${AFTER_A}`]],
    'em dashes at BEGIN': [ROOT_A.replace('-----BEGIN', '—BEGIN'), ['BadArmour @1:1']],
    'en dashes at END': [ROOT_A.replace('-----END', '–––––END') + ROOT_B, [`BadArmour @${last}:1`, `B @${AFTER_A}`]],
    'four dashes at BEGIN': [ROOT_A.replace('-----BEGIN', '----BEGIN') + ROOT_B, ['BadArmour @1:5', `B @${AFTER_A}`]],
    'four dashes at END': [ROOT_A.replace('-----END', '----END') + ROOT_B, [`BadArmour @${last}:5`, `B @${AFTER_A}`]],
    'six dashes at END': [ROOT_A.replace('-----END', '------END') + ROOT_B, [`BadArmour @${last}:6`, `B @${AFTER_A}`]],
    'a no-break space in BEGIN': [ROOT_A.replace('BEGIN ', 'BEGIN\u00a0'), ['BadArmour @1:11']],
    'a zero-width space in BEGIN': [ROOT_A.replace('BEGIN', 'BE\u200bGIN'), ['BadArmour @1:8']],
    'small letters': [ROOT_A.replace('BEGIN', 'begin').replace('END', 'end'), ['BadArmour @1:6']],
    'dashes missing at the end of the line': [ROOT_A.replace('CERTIFICATE-----', 'CERTIFICATE'), ['BadArmour @1:23']],
    'BEGIN misspelt of two certificates': [
      (ROOT_A + ROOT_B).replaceAll('-----BEGIN', '-- BEGIN'),
      ['BadArmour @1:3', `BadArmour @${AFTER_A}:3`],
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [text, expected]) => {
    expect(summary(text)).toEqual(expected);
  });
});

describe('messages', () => {
  it.each([
    ['the look-alike character by name', ROOT_A.replace('-----BEGIN', '–––––BEGIN'), 'U+2013 (en dash)'],
    ['the bad character', ROOT_A.replace('MII', 'M!I'), '"!" is not a base64 character'],
    ['the no-break space by name', ROOT_A.replace('MII', 'M\u00a0I'), 'U+00A0 (no-break space)'],
    ['a Cyrillic letter as such', ROOT_A.replace('MII', 'M\u0410I'), 'U+0410 (Cyrillic letter)'],
    ['the mend for literal line breaks', ROOT_A.replaceAll('\n', '\\n'), 'write real line breaks'],
    ['the mend for a placeholder', ROOT_A.replace('MII', '{{ca}}'), 'placeholder'],
    ['the mend for a PEM header', ROOT_A.replace('MII', 'X-Key: a\nMII'), 'no PEM headers'],
    ['the mend for bare base64', bodyOf(ROOT_A), 'put -----BEGIN CERTIFICATE----- before it'],
    ['the mend for a damaged PKCS#7 bundle', armour(pkcs7().subarray(1), 'PKCS7'), 'openssl pkcs7 -print_certs'],
    ['the mend for base64 of PKCS#7', pkcs7(derOf(ROOT_A)).toString('base64'), 'aks-ca-trust convert --to pem'],
    ['the mend for a trusted certificate', ROOT_A.replaceAll(' CERT', ' TRUSTED CERT'), 'openssl x509'],
    ['what a block holds instead', armour(derOf(ROOT_A)).replaceAll('CERTIFICATE', 'DH PARAMETERS'), '"DH PARAMETERS"'],
    ['UTF-16', ROOT_A.split('').join('\0'), 'the whole text is UTF-16'],
    ['numbered lines', numbered((index) => `${index}\t`), 'the lines are numbered'],
    ['the encoding for a URL', encodeURIComponent(ROOT_A), 'encoded for a URL'],
    ['binary data', derOf(ROOT_A).toString('utf8'), 'openssl x509 -inform DER'],
    ['HTML line breaks', ROOT_A.replaceAll('\n', '<br>\n'), 'the line breaks are HTML (<br>)'],
    ['HTML', ROOT_A.replace('MII', 'M&#43;'), 'the text is HTML'],
    ['backslashes at the ends of lines', ROOT_A.replace(/([^-])\n/g, '$1\\\n'), 'remove the backslashes at the ends'],
    [
      'junk after the certificate',
      armour(Buffer.concat([derOf(ROOT_A), Buffer.from('\n')])),
      'they belong to no certificate, export it again',
    ],
    [
      'another certificate in the same block',
      armour(Buffer.concat([derOf(ROOT_A), derOf(ROOT_B)])),
      'its own BEGIN and END lines',
    ],
    ['dates without seconds', fixture('field/utc-no-seconds'), 'its dates have no seconds'],
    ['how many bytes are missing', armour(derOf(ROOT_A).subarray(0, 300)), 'after 300 of 653 bytes'],
    ['a character inside of an encoded text', base64(ROOT_A.replace('MII', 'M\u00a0I')), 'U+00A0 (no-break space)'],
    ['the line inside of an encoded text', base64(ROOT_A.replace('MII', 'M!I')), 'in line 2 of the PEM text'],
  ])('name %s', (_, text, part) => {
    expect(message(text)).toContain(part);
  });
});

describe('order and count', () => {
  it('a bad certificate in the middle does not hide the others, and has its index', () => {
    const { items } = readSource(ROOT_A + ROOT_B.replace('MII', 'M!I') + fixture('request') + ROOT_C);
    expect(items.map((item) => (item.kind === 'problem' ? item.problem.index : item.index))).toEqual([0, 1, 2, 3]);
    expect(items.map((item) => (item.kind === 'problem' ? item.problem.kind : item.kind))).toEqual([
      'certificate',
      'BadBase64',
      'NotACertificate',
      'certificate',
    ]);
  });

  it('reads 64 certificates', () => {
    const text = Array.from({ length: 64 }, (_, index) => ROOTS[index % ROOTS.length] ?? '').join('');
    expect(readSource(text).items.filter((item) => item.kind === 'certificate')).toHaveLength(64);
  });

  it('every certificate comes back in canonical PEM, as an element, with its fingerprint', () => {
    for (const pem of ROOTS) {
      const [item] = readSource(pem.replaceAll('\n', ' ')).items;
      if (item?.kind !== 'certificate') throw new Error('a root was refused');
      const { certificate } = item;
      expect(certificate.pem).toBe(pem);
      expect(certificate.element).toBe(base64(pem));
      expect(certificate.fingerprint).toBe(fingerprintOf(pem));
    }
  });
});
