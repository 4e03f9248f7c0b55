import { ROOT_A as A, ROOT_B as B, ROOT_C as C } from './roots.ts';

const lf = (pem: string, by: string) => pem.replaceAll('\n', by);
const label = (pem: string, by: string) => pem.replaceAll('CERTIFICATE', by);
const body = A.split('\n').slice(1, -2);
const marked = (line: string) => `-----BEGIN CERTIFICATE-----\n${line}-----END CERTIFICATE-----\n`;

/**
 * Ways in which an element's text may be written, one character a byte, and how many certificates Go 1.26.8, OpenSSL 3.0.19 and
 * p11-kit 0.24.1 find in each; the counts are what the programs themselves said.
 */
export const NODE_TEXTS: Readonly<Record<string, readonly [string, number, number, number]>> = {
  'one certificate': [A, 1, 1, 1],
  'two certificates': [A + B, 2, 2, 2],
  'no final line end': [A.trimEnd(), 1, 1, 1],
  CRLF: [lf(A + B, '\r\n'), 2, 2, 2],
  'CR alone': [lf(A, '\r'), 0, 0, 1],
  'everything on one line': [lf(A, ' '), 0, 0, 1],
  'comments around': [`# roots of Example\n${A}subject=CN = x\n${B}# end`, 2, 2, 2],
  'a comment on the line of BEGIN': [`root: ${A}`, 0, 0, 1],
  'a comment after BEGIN': [A.replace('-----\n', '----- # root\n'), 0, 0, 0],
  'a comment after END': [`${A.trimEnd()} # root\n`, 0, 0, 1],
  'blanks after BEGIN and END': [A.replaceAll('-----\n', '----- \t\n'), 1, 1, 1],
  'blanks before BEGIN': [` ${A}`, 0, 0, 1],
  'blanks before END': [A.replace('-----END', ' -----END'), 0, 0, 1],
  'blanks before every line of the data': [marked(body.map((line) => `  ${line}\n`).join('')), 1, 1, 1],
  'the data in one line': [marked(`${body.join('')}\n`), 1, 1, 1],
  'a blank line after BEGIN': [A.replace('-----\n', '-----\n\n'), 1, 1, 1],
  'a blank line in the data': [A.replace('\n', '\n\n').replace(/\n(?=[^\n]+\n-----END)/, '\n\n'), 1, 0, 1],
  'a blank line before END': [A.replace('-----END', '\n-----END'), 1, 0, 0],
  'a blank line between certificates': [`${A}\n${B}`, 2, 2, 2],
  'files joined without a line end': [A.trimEnd() + B, 0, 0, 2],
  'one whole file and two joined without a line end': [A + B.trimEnd() + C, 1, 1, 3],
  'a byte order mark before the first': [`\u00ef\u00bb\u00bf${A}${B}`, 1, 2, 2],
  'a byte order mark between files': [`${A}\u00ef\u00bb\u00bf${B}`, 1, 2, 2],
  'a no-break space after END': [`${A.trimEnd()}\u00c2\u00a0\n`, 0, 1, 1],
  'the label X509 CERTIFICATE': [label(A, 'X509 CERTIFICATE'), 0, 0, 0],
  'the label in small letters': [label(A, 'certificate'), 0, 0, 0],
  'a blank after the label': [label(A, 'CERTIFICATE '), 0, 0, 0],
  'BEGIN in small letters': [A.replace('BEGIN', 'begin'), 0, 0, 0],
  'four dashes before BEGIN': [A.slice(1), 0, 0, 0],
  'six dashes before BEGIN': [`-${A}`, 0, 0, 1],
  'six dashes after BEGIN': [A.replace('-----\n', '------\n'), 0, 0, 0],
  'six dashes after END': [`${A.trimEnd()}-\n`, 0, 0, 1],
  'a header': [A.replace('-----\n', '-----\nX-Note: a\n\n'), 0, 0, 1],
  'a header without a blank line': [A.replace('-----\n', '-----\nX-Note: a\n'), 0, 0, 0],
  'BEGIN twice': [`-----BEGIN CERTIFICATE-----\n${A}`, 1, 0, 0],
  'END twice': [`${A}-----END CERTIFICATE-----\n`, 1, 1, 1],
  'a bad character': [A.replace('MII', 'M!I') + B, 1, 0, 1],
  'padding left out': [A.replace(/=+\n/, '\n') + B, 1, 0, 1],
  'a comment that speaks of the markers': [
    `# from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----\n${A}`,
    1,
    1,
    1,
  ],
  'a heading that looks like a marker': [`----------BEGIN CERTIFICATE BELOW----------\n${A}`, 1, 1, 0],
  'a label that goes on in the next line': [`-----BEGIN x\ny-----\nAAAA\n-----END x\ny-----\n${A}`, 1, 1, 0],
  'a certificate that is commented out': [A.replace(/^(?=.)/gm, '# ') + B, 1, 1, 1],
  'a request beside it': [label(A, 'CERTIFICATE REQUEST') + B, 1, 1, 1],
};
