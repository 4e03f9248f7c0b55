import { SEQUENCE } from '../der.ts';
import type { DerElement } from '../der.ts';
import type { DerCursor } from './der-cursor.ts';
import { isDomain, isMailbox } from './domains.ts';
import { isIpAddress } from './ip-address.ts';
import { isAscii } from './names.ts';
import { refuse } from './refusal.ts';

const WHAT = 'its name constraints';
const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;
const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const IP = 0x87;

/** Reads name constraints (RFC 5280, section 4.2.1.10) as Go does. True when all of them are of kinds that it can check. */
export function checkNameConstraints(value: DerCursor): boolean {
  const constraints = value.enter(SEQUENCE, WHAT);
  const subtrees = [PERMITTED, EXCLUDED].flatMap((tag) =>
    constraints.isAt(tag) ? [constraints.enter(tag, WHAT)] : [],
  );
  if (!value.isEmpty || !constraints.isEmpty) refuse(`${WHAT} are followed by something else`);
  if (subtrees.every((subtree) => subtree.isEmpty)) refuse(`${WHAT} are empty`);
  let known = true;
  for (const subtree of subtrees) {
    while (!subtree.isEmpty) known = checkConstraint(subtree.der, subtree.enter(SEQUENCE, WHAT).takeAny(WHAT)) && known;
  }
  return known;
}

function checkConstraint(der: Buffer, { tag, content, end }: DerElement): boolean {
  const bytes = der.subarray(content, end);
  const text = bytes.toString('latin1');
  const isValid = (): boolean => {
    switch (tag) {
      case DNS:
        return isAscii(bytes) && isDomain(text, true);
      case EMAIL:
        return isAscii(bytes) && (text.includes('@') ? isMailbox(text) : isDomain(text, true));
      case URI:
        return isAscii(bytes) && !isIpAddress(text) && isDomain(text, true);
      default:
        return (bytes.length === 8 || bytes.length === 32) && isMask(bytes.subarray(bytes.length / 2));
    }
  };
  if (![DNS, EMAIL, URI, IP].includes(tag)) return false;
  if (!isValid()) refuse(`${WHAT} have a malformed ${tag === IP ? 'address' : 'name'}`);
  return true;
}

/** True for a network mask: ones and then zeros. */
function isMask(mask: Buffer): boolean {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return !bits.includes('01');
}
