import { describe, expect, it } from '@jest/globals';
import { readSource } from '../../src/certificates/read-source.ts';
import { armour } from './fixtures/craft.ts';
import { ROOT_A, ROOT_B, bodyOf, derOf } from './roots.ts';

/** One text an item: `ok @line`, or `<kind> @line[:column] <message>`. */
function read(text: string): string[] {
  return readSource(text).items.map((item) => {
    if (item.kind === 'certificate') return `ok @${item.line}${item.warnings.map((one) => ` ${one}`).join('')}`;
    const { kind, line, column, message } = item.problem;
    return `${kind} @${line}${column === undefined ? '' : `:${column}`} ${message}`;
  });
}

const each = (text: string, prefix: string) => text.replace(/^(?=.)/gm, prefix);
const relabelled = (label: string) => armour(derOf(ROOT_A), label);
const A = ROOT_A.split('\n').length;
const hex = derOf(ROOT_A).toString('hex');

describe('a certificate as people paste it', () => {
  it.each<[string, string, string[]]>([
    ['out of a shell script', `export CA='${ROOT_A.trimEnd()}'\n`, ['ok @1']],
    ['out of Markdown', `\`\`\`pem\n${ROOT_A}\`\`\`\n`, ['ok @2']],
    ['out of CDATA', `<![CDATA[${ROOT_A}]]>`, ['ok @1']],
    ['between quotation marks of Word', `\u201c${ROOT_A.trimEnd()}\u201d`, ['ok @1']],
    ['indented with tabs', each(ROOT_A, '\t'), ['ok @1']],
    ['with form feeds between', `${ROOT_A}\f${ROOT_B}`, ['ok @1', `ok @${A}`]],
    ['with LF and CR the wrong way round', ROOT_A.replaceAll('\n', '\n\r'), ['ok @1']],
    ['with doubled CR', ROOT_A.replaceAll('\n', '\r\r\n'), ['ok @1']],
    ['with a NUL at the end', `${ROOT_A}\0`, ['ok @1']],
    [
      'out of a chain of openssl s_client',
      `CONNECTED(00000003)\n---\n 0 s:CN = x\n   i:CN = y\n${ROOT_A}---\nServer certificate\n`,
      ['ok @5'],
    ],
    ['twice, spelt in two ways', ROOT_A + each(ROOT_A.replaceAll('\n', '\r\n'), '  '), ['ok @1', `ok @${A}`]],
    ['as base64 with a byte order mark', btoa(`\u00ef\u00bb\u00bf${ROOT_A}`), ['ok @1 Base64EncodedPem']],
    ['as base64url of the PEM', btoa(ROOT_A).replaceAll('+', '-').replaceAll('/', '_'), ['ok @1 Base64EncodedPem']],
  ])('%s reads', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['quoted as in a mail', each(ROOT_A, '> '), 'BadBase64 @1 every line begins with ">": copy'],
    ['commented out with slashes', each(ROOT_A, '// '), 'BadBase64 @1 every line begins with "//": copy'],
    ['commented out with slashes alone', each(ROOT_A, '//'), 'BadBase64 @1 every line begins with "//": copy'],
    ['out of a comparison', each(ROOT_A, '+'), 'BadBase64 @1 every line begins with "+": copy'],
    ['between pipes', each(ROOT_A, '| '), 'BadBase64 @1 every line begins with "|": copy'],
    [
      'with the ends of lines printed',
      ROOT_A.replaceAll('\n', '$\n'),
      'BadBase64 @1:28 "$" is not a base64 character: the ends of the lines were printed',
    ],
    [
      'with carriage returns printed',
      ROOT_A.replaceAll('\n', '^M\n'),
      'BadBase64 @1:28 "^" is not a base64 character: the ends of the lines were printed',
    ],
    [
      'as JSON in JSON',
      JSON.stringify(JSON.stringify(ROOT_A)),
      'BadBase64 @1:31 "\\" is not a base64 character: write real line breaks',
    ],
    [
      'as quoted-printable',
      ROOT_A.replaceAll('=', '=3D').replace(/(.{60})(?=.)/g, '$1=\n'),
      'the text is quoted-printable',
    ],
    [
      'with two blanks in BEGIN',
      ROOT_A.replace('BEGIN ', 'BEGIN  '),
      'BadArmour @1:12 the line should read -----BEGIN CERTIFICATE----- and has a space here',
    ],
    [
      'without a blank in BEGIN',
      ROOT_A.replace('BEGIN ', 'BEGIN'),
      'BadArmour @1:11 the line should read -----BEGIN CERTIFICATE-----',
    ],
    [
      'with a Cyrillic letter in BEGIN',
      ROOT_A.replace('CERT', '\u0421ERT'),
      'BadArmour @1:12 the line should read -----BEGIN CERTIFICATE----- and has U+0421 (Cyrillic letter)',
    ],
    [
      'with a Greek letter in BEGIN',
      ROOT_A.replace('BEGIN', 'B\u0395GIN'),
      'BadArmour @1:7 the line should read -----BEGIN CERTIFICATE----- and has U+0395 (Greek letter)',
    ],
    [
      'in full-width letters',
      ROOT_A.replace('BEGIN', '\uff22\uff25\uff27\uff29\uff2e'),
      'BadArmour @1:6 the line should read -----BEGIN CERTIFICATE----- and has U+FF22 (full-width character)',
    ],
    [
      'labelled as several',
      relabelled('CERTIFICATES'),
      'NotACertificate @1 its BEGIN and END lines have the label "CERTIFICATES": write CERTIFICATE instead',
    ],
    [
      'labelled otherwise',
      relabelled('CA CERT'),
      'NotACertificate @1 its BEGIN and END lines have the label "CA CERT": write CERTIFICATE instead',
    ],
    [
      'out of SAML metadata in one line',
      `<ds:X509Certificate>${bodyOf(ROOT_A)}</ds:X509Certificate>`,
      'Ambiguous @1 a certificate in base64 without BEGIN and END lines: put',
    ],
    [
      'in hexadecimal digits',
      hex,
      'NotACertificate @1 the text is in hexadecimal digits: convert it with "xxd -r -p FILE',
    ],
    [
      'in hexadecimal digits with colons',
      hex.replace(/..(?=.)/g, '$&:'),
      'NotACertificate @1 the text is in hexadecimal digits',
    ],
  ])('%s is named, and how it is put right', (_, text, expected) => {
    const [first = ''] = read(text);
    expect(first.startsWith(expected) || first.includes(expected)).toBe(true);
    // Nothing else is lost: what follows it is read.
    expect(read(`${text}\n${ROOT_B}`).filter((one) => one.startsWith('ok'))).toHaveLength(1);
  });

  it.each([
    ['${CA_CERT}', 'a placeholder was not filled in'],
    ['$CA', 'a placeholder was not filled in'],
    ['$(cat ca.pem)', 'a placeholder was not filled in'],
    ['{{ .Values.ca }}', 'a placeholder was not filled in'],
    ['%CA%', 'a placeholder was not filled in'],
    ['<your certificate here>', 'a placeholder was not filled in'],
    ['/etc/ssl/certs/ca.pem', 'this is a file name or an address, which is not read'],
    ['C:\\certs\\ca.cer', 'this is a file name or an address, which is not read'],
    ['@ca.pem', 'this is a file name or an address, which is not read'],
    ['https://pki.example/ca.crt', 'this is a file name or an address, which is not read'],
    ['AB:CD:EF:01:23:45:67:89', 'no certificate in PEM found'],
    ['null', 'no certificate in PEM found'],
  ])('%s is no certificate, and stands for one', (text, words) => {
    expect(read(text)).toEqual([expect.stringMatching(/^NotACertificate @1 /)]);
    expect(read(text)[0]).toContain(words);
  });
});

describe('a private key that is not in PEM', () => {
  it.each([
    [
      'a JSON Web Key',
      '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","d" : "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}',
    ],
    ['an RSAKeyValue of .NET', '<RSAKeyValue><Modulus>x1</Modulus><D>Pb9Vd8iRr3zA2vX1T0kq5w==</D></RSAKeyValue>'],
    ['an identity of age', `AGE-SECRET-KEY-1${'Q'.repeat(58)}`],
  ])('is refused with everything beside it: %s', (_, key) => {
    expect(read(`${ROOT_A}${key}\n`)).toEqual([expect.stringMatching(/^PrivateKey /)]);
    expect(read(`${ROOT_A}${key}\n`)[0]).not.toContain(key.slice(20, 40));
  });

  it.each([
    ['a public JSON Web Key', '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}'],
    ['a public RSAKeyValue', '<RSAKeyValue><Modulus>x1</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>'],
    ['a comment that speaks of one', '# the "kty" and the "d" of the key are in the vault'],
  ])('is not seen in %s', (_, text) => {
    expect(read(`${text}\n${ROOT_A}`)).toEqual(['ok @2']);
  });
});

describe('texts that are meant to keep us busy', () => {
  it.each([
    '30 82 ',
    '$',
    '> -----BEGIN X-----\n',
    '"kty" "d":',
    '<RSAKeyValue<D> ',
    '=\n',
    '\\\\',
    '//MII\n',
    '\u0421',
  ])('are read in no time: %j again and again', (piece) => {
    const text = piece.repeat(Math.floor(900_000 / Buffer.byteLength(piece)));
    const before = process.cpuUsage();
    readSource(text);
    expect(process.cpuUsage(before).user).toBeLessThan(3_000_000);
  });
});
