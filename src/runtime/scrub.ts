const REDACTED = '[redacted]';

/**
 * What may never reach a log, and what stays of it. Works on lines of JSON: nothing here removes a quote or half
 * of an escape, nor relies on word boundaries (`\nBearer` has none).
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // A JSON Web Token: two base64url objects and a signature.
  [/eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g, REDACTED],
  [/([Bb]earer)\s+[\w.~+/-]{16,}=*/g, `$1 ${REDACTED}`],
  // To its end, or, if it was cut, to the end of the string it is in.
  [
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:(?!-----END)(?:\\.|[^"\\]))*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?/g,
    `${REDACTED} private key`,
  ],
  // The same as base64, the way kubeconfigs carry it ("-----BEGIN " and the next letters).
  [
    /LS0tLS1CRUdJTi[A-Za-z0-9+/]*(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)[A-Za-z0-9+/]*=*/g,
    `${REDACTED} private key`,
  ],
  // ARM's operation URLs carry a signature in their query; nobody misses the others' queries.
  [/(https?:\/\/[^\s"'\\?#]+)\?[^\s"'\\]*/g, `$1?${REDACTED}`],
];

/** Replaces what looks like a secret in a line of a log. */
export function scrub(line: string): string {
  return RULES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
