/** More certificates of one text are not read. */
const MOST = 64;
/** A bundle in JSON has its line ends as `\n`. */
const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s\\]*)-----END CERTIFICATE-----/g;
/** Base64 of a text that begins with a PEM certificate: its first 27 bytes are 36 characters. */
const ENCODED = /LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t[A-Za-z0-9+/=\s]*/g;

/**
 * The DER bytes of every certificate in a text, wherever it is: a bundle, a kubeconfig, the JSON of another tool. Both PEM text and base64
 * of it are found. Nothing is checked beyond base64.
 */
export function certificatesIn(text: string): Buffer[] {
  const decoded = [...text.matchAll(ENCODED)]
    .slice(0, MOST)
    .map(([base64]) => Buffer.from(base64, 'base64').toString('latin1'));
  return [text, ...decoded]
    .flatMap((one) => [...one.matchAll(PEM)].slice(0, MOST))
    .slice(0, MOST)
    .map(([, base64 = '']) => Buffer.from(base64.replaceAll(/\\[nr]|\\/g, ''), 'base64'));
}
