import { OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from '../der.ts';
import type { DerElement } from '../der.ts';
import type { DerCursor } from './der-cursor.ts';
import { checkNameConstraints } from './name-constraints.ts';
import { isAscii } from './names.ts';
import { refuse } from './refusal.ts';
import { isUri } from './uri.ts';

/** The effect of an extension: Go knows it, does not know it, or never verifies a server's chain because of it. */
export type Handling = 'known' | 'unknown' | 'no-servers';

/** Checks the value of one extension as Go's parser does; it throws where Go drops the certificate. */
export function handleExtension(oid: string, value: DerCursor, critical: boolean): Handling {
  return (HANDLERS.get(oid) ?? unknown)(value, critical) ?? 'known';
}

type Handler = (value: DerCursor, critical: boolean) => Handling | void;
const unknown: Handler = () => 'unknown';
const tag = (number: number, constructed = false): number => 0x80 | (constructed ? 0x20 : 0) | number;
const LONGEST_NUMBER = 8;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['551d0e', subjectKeyIdentifier], // 2.5.29.14
  ['551d0f', (value) => void value.takeBits('its key usage')], // 2.5.29.15
  ['551d11', subjectAltNames], // 2.5.29.17
  ['551d13', basicConstraints], // 2.5.29.19
  ['551d1e', (value) => (checkNameConstraints(value) ? 'known' : 'unknown')], // 2.5.29.30
  ['551d1f', distributionPoints], // 2.5.29.31
  ['551d20', policies], // 2.5.29.32
  ['551d21', policyMappings], // 2.5.29.33
  ['551d23', authorityKeyIdentifier], // 2.5.29.35
  ['551d24', policyConstraints], // 2.5.29.36
  ['551d25', extendedKeyUsage], // 2.5.29.37
  ['551d36', (value) => checkNumber(value, value.takeInteger('its inhibitAnyPolicy'), 'its inhibitAnyPolicy')], // 2.5.29.54
  ['2b06010505070101', authorityInformation], // 1.3.6.1.5.5.7.1.1
]);

function subjectKeyIdentifier(value: DerCursor, critical: boolean): void {
  if (critical) refuse('its subjectKeyIdentifier is marked critical');
  value.take(OCTET_STRING, 'its subjectKeyIdentifier');
}

function authorityKeyIdentifier(value: DerCursor, critical: boolean): void {
  if (critical) refuse('its authorityKeyIdentifier is marked critical');
  const identifier = value.enter(SEQUENCE, 'its authorityKeyIdentifier');
  if (identifier.isAt(tag(0))) identifier.take(tag(0), 'its authorityKeyIdentifier');
}

function basicConstraints(value: DerCursor): void {
  const what = 'its basicConstraints';
  const constraints = value.enter(SEQUENCE, what);
  if (constraints.isAt(0x01)) constraints.takeBoolean(what);
  if (!constraints.isAt(0x02)) return;
  const { content, end } = constraints.takeInteger(what);
  if (end - content > LONGEST_NUMBER || (value.der[content] ?? 0) >= 0x80)
    refuse(`${what} have a path length out of range`);
}

function subjectAltNames(value: DerCursor): Handling {
  const what = 'its subjectAltName';
  const names = value.enter(SEQUENCE, what);
  let handling: Handling = 'unknown';
  while (!names.isEmpty) {
    const name = names.takeAny(what);
    const bytes = value.der.subarray(name.content, name.end);
    switch (name.tag) {
      case tag(1):
      case tag(2):
        if (!isAscii(bytes)) refuse(`${what} has a name that is not ASCII`);
        break;
      case tag(6):
        if (!isAscii(bytes) || !isUri(bytes.toString('latin1'))) refuse(`${what} has a malformed URI`);
        break;
      case tag(7):
        if (bytes.length !== 4 && bytes.length !== 16) refuse(`${what} has an IP address of ${bytes.length} bytes`);
        break;
      default:
        continue;
    }
    handling = 'known';
  }
  return handling;
}

function distributionPoints(value: DerCursor): void {
  const what = 'its CRL distribution points';
  const points = value.enter(SEQUENCE, what);
  while (!points.isEmpty) {
    const point = points.enter(SEQUENCE, what);
    if (!point.isAt(tag(0, true))) continue;
    const names = point.enter(tag(0, true), what).enter(tag(0, true), what);
    while (names.isAt(tag(6))) names.take(tag(6), what);
  }
}

function policies(value: DerCursor): void {
  const what = 'its certificate policies';
  const list = value.enter(SEQUENCE, what);
  const seen = new Set<string>();
  while (!list.isEmpty) {
    const policy = list.enter(SEQUENCE, what).take(OBJECT_IDENTIFIER, what);
    const oid = value.der.toString('hex', policy.content, policy.end);
    if (seen.has(oid)) refuse(`${what} repeat a policy`);
    if (!hasWholeArcs(value.der, policy)) refuse(`${what} have a malformed object identifier`);
    seen.add(oid);
  }
}

/** True where all arcs are in minimal form; here they may have any size. */
function hasWholeArcs(der: Buffer, { content, end }: DerElement): boolean {
  if (end === content || (der[end - 1] ?? 0) >= 0x80) return false;
  for (let [at, isStart] = [content, true]; at < end; at++) {
    const byte = der[at] ?? 0;
    if (isStart && byte === 0x80) return false;
    isStart = byte < 0x80;
  }
  return true;
}

function policyMappings(value: DerCursor): void {
  const what = 'its policy mappings';
  const mappings = value.enter(SEQUENCE, what);
  while (!mappings.isEmpty) {
    const mapping = mappings.enter(SEQUENCE, what);
    mapping.take(OBJECT_IDENTIFIER, what);
    mapping.take(OBJECT_IDENTIFIER, what);
  }
}

function policyConstraints(value: DerCursor): void {
  const what = 'its policy constraints';
  const constraints = value.enter(SEQUENCE, what);
  for (const number of [tag(0), tag(1)]) {
    if (constraints.isAt(number)) checkNumber(value, constraints.takeInteger(what, number), what);
  }
}

function checkNumber(_value: DerCursor, { content, end }: DerElement, what: string): void {
  if (end - content > LONGEST_NUMBER) refuse(`${what} has a number out of range`);
}

/** serverAuth, and anyExtendedKeyUsage. */
const SERVER_USAGES: ReadonlySet<string> = new Set(['2b06010505070301', '551d2500']);

function extendedKeyUsage(value: DerCursor): Handling {
  const what = 'its extended key usage';
  const usages = value.enter(SEQUENCE, what);
  if (usages.isEmpty) return 'known';
  const oids: string[] = [];
  while (!usages.isEmpty) oids.push(usages.takeObjectIdentifier(what));
  return oids.some((oid) => SERVER_USAGES.has(oid)) ? 'known' : 'no-servers';
}

function authorityInformation(value: DerCursor, critical: boolean): void {
  const what = 'its authorityInfoAccess';
  if (critical) refuse(`${what} is marked critical`);
  const accesses = value.enter(SEQUENCE, what);
  while (!accesses.isEmpty) {
    const access = accesses.enter(SEQUENCE, what);
    access.takeObjectIdentifier(what);
    if (access.isAt(tag(6))) access.take(tag(6), what);
  }
}
