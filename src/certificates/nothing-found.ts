/** Texts longer than this are neither a file name nor a placeholder. */
const LONGEST_NAME = 1024;
const PLACEHOLDER = /^(?:\$\{?[\w.-]+\}?|\$\([^\n)]*\)|\{\{[^\n]*\}\}|%[\w.]+%|<[^\n<>]+>|\[[A-Z _-]+\])$/;
const PLACE = /^(?:@|file:|https?:\/\/|\.{0,2}\/|~\/|[A-Za-z]:\\)\S+$/;
/** Hexadecimal digits of DER: the header of a SEQUENCE of some hundred bytes, and more bytes. */
const HEXADECIMAL = /(?:^|[^0-9a-f])30[ :]?8[12](?:[ :\n]{0,2}[0-9a-f]{2}){64}/i;

/** Why a text has no certificate, and what to do: it may refer to one that is elsewhere. */
export function nothingFound(text: string): string {
  const short = text.length <= LONGEST_NAME ? text.trim() : '';
  if (PLACEHOLDER.test(short)) return 'a placeholder was not filled in: replace it by the certificate in PEM';
  if (PLACE.test(short))
    return 'this is a file name or an address, which is not read: paste the certificate itself, in PEM';
  if (HEXADECIMAL.test(text))
    return 'the text is in hexadecimal digits: convert it with "xxd -r -p FILE | openssl x509 -inform DER" and paste the PEM';
  return 'no certificate in PEM found: paste it with its BEGIN and END lines';
}
