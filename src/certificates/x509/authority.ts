import { BIT_STRING, BOOLEAN, OCTET_STRING, SEQUENCE, childrenOf, contentHex, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';

const BASIC_CONSTRAINTS = '551d13'; // 2.5.29.19
const KEY_USAGE = '551d0f'; // 2.5.29.15
const KEY_CERT_SIGN = 0x04; // bit 5 of the first byte

/** Most extensions that are read; more than any real certificate has. */
const MOST_EXTENSIONS = 256;

/**
 * True where the extensions make the certificate an authority: basicConstraints says so, and keyUsage, if present, allows it to
 * sign certificates (RFC 5280, section 4.2.1.9). X509Certificate's `ca` gives the same at ten times the cost, because OpenSSL
 * reads and hashes everything else first.
 */
export function hasAuthority(der: Buffer, extensions: DerElement): boolean {
  const [list] = childrenOf(der, extensions, 1) ?? [];
  let constraints: boolean | undefined;
  let usage: boolean | undefined;
  for (const extension of (list && childrenOf(der, list, MOST_EXTENSIONS)) ?? []) {
    const parts = childrenOf(der, extension, 3) ?? [];
    const [oid] = parts;
    const value = parts.at(-1);
    if (oid === undefined || value?.tag !== OCTET_STRING) return false;
    switch (contentHex(der, oid)) {
      case BASIC_CONSTRAINTS:
        // A duplicate extension is ambiguous.
        if (constraints !== undefined) return false;
        constraints = saysAuthority(der, readElementAt(der, value.content, value.end));
        break;
      case KEY_USAGE:
        if (usage !== undefined) return false;
        usage = saysCertSign(der, readElementAt(der, value.content, value.end));
        break;
    }
  }
  return constraints === true && usage !== false;
}

function saysAuthority(der: Buffer, constraints: DerElement | undefined): boolean {
  if (constraints?.tag !== SEQUENCE) return false;
  const [authority] = childrenOf(der, constraints, 1) ?? [];
  return authority?.tag === BOOLEAN && der[authority.content] !== 0 && authority.end > authority.content;
}

function saysCertSign(der: Buffer, usage: DerElement | undefined): boolean {
  // The first byte counts the unused bits.
  return (
    usage?.tag === BIT_STRING && usage.end > usage.content + 1 && ((der[usage.content + 1] ?? 0) & KEY_CERT_SIGN) !== 0
  );
}
