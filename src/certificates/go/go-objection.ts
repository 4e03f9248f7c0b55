import { INTEGER, OCTET_STRING, SEQUENCE } from '../der.ts';
import { DerCursor } from './der-cursor.ts';
import { handleExtension } from './extensions.ts';
import { checkName } from './names.ts';
import { checkPublicKey } from './public-key.ts';
import { Refusal, refuse } from './refusal.ts';
import { checkValidity } from './times.ts';

const VERSION = 0xa0;
const ISSUER_ID = 0x81;
const SUBJECT_ID = 0x82;
const EXTENSIONS = 0xa3;

/**
 * Why a program in Go (containerd, the kubelet) does not use a certificate of its trust store; undefined where it does. Go drops
 * from its pool what its parser refuses, silently, and verifies nothing with keys and extensions that it does not know.
 * The steps are those of crypto/x509 in go1.26: parseCertificate in parser.go, isValid and Verify in verify.go.
 */
export function goObjection(der: Buffer): string | undefined {
  try {
    return readCertificate(new DerCursor(der, 0, der.length));
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Throws where Go's parser fails. Returns why Go verifies nothing with the parsed certificate; undefined where it does. */
function readCertificate(input: DerCursor): string | undefined {
  const certificate = input.enter(SEQUENCE, 'it');
  if (!input.isEmpty) refuse('something follows the certificate');
  const tbs = certificate.enter(SEQUENCE, 'it');
  const version = readVersion(tbs);
  checkSerial(tbs);
  const inner = tbs.take(SEQUENCE, 'its signature algorithm');
  const outer = certificate.take(SEQUENCE, 'its signature algorithm');
  const { der } = tbs;
  if (der.compare(der, inner.content, inner.end, outer.content, outer.end) !== 0)
    refuse('its inner and outer signature algorithms differ');
  checkAlgorithm(tbs.inside(inner));
  const issuer = tbs.take(SEQUENCE, 'its issuer');
  checkValidity(tbs);
  const subject = tbs.take(SEQUENCE, 'its subject');
  checkName(tbs.inside(subject), 'its subject');
  // A root has the same subject and issuer; people know that name as its subject.
  if (der.compare(der, issuer.start, issuer.end, subject.start, subject.end) !== 0)
    checkName(tbs.inside(issuer), 'its issuer');
  const keyObjection = checkPublicKey(tbs);
  const objections = version > 1 ? readOptional(tbs, version) : [];
  certificate.takeBits('its signature');
  return keyObjection ?? objections[0];
}

function readVersion(tbs: DerCursor): number {
  if (!tbs.isAt(VERSION)) return 1;
  const field = tbs.enter(VERSION, 'its version');
  const { content, end } = field.takeInteger('its version');
  const version = (tbs.der[content] ?? 0) + 1;
  if (!field.isEmpty || end - content > 1 || version > 3) refuse('its version is not 1, 2 or 3');
  return version;
}

function checkSerial(tbs: DerCursor): void {
  const { content } = tbs.takeInteger('its serial number', INTEGER);
  if ((tbs.der[content] ?? 0) >= 0x80) refuse('its serial number is negative');
}

function checkAlgorithm(algorithm: DerCursor): void {
  algorithm.takeObjectIdentifier('its signature algorithm');
  if (!algorithm.isEmpty) algorithm.takeAny('its signature algorithm');
}

function readOptional(tbs: DerCursor, version: number): string[] {
  for (const id of [ISSUER_ID, SUBJECT_ID]) if (tbs.isAt(id)) tbs.take(id, 'its unique identifier');
  return version === 3 && tbs.isAt(EXTENSIONS) ? readExtensions(tbs) : [];
}

function readExtensions(tbs: DerCursor): string[] {
  const list = tbs.enter(EXTENSIONS, 'its list of extensions').enter(SEQUENCE, 'its list of extensions');
  const extensions = new Map<string, { readonly value: DerCursor; readonly critical: boolean }>();
  while (!list.isEmpty) {
    const extension = list.enter(SEQUENCE, 'an extension');
    const oid = extension.takeObjectIdentifier('an extension');
    const critical = extension.isAt(0x01) && extension.takeBoolean('an extension');
    const value = extension.enter(OCTET_STRING, 'an extension');
    if (extensions.has(oid)) refuse(`it has the extension ${dotted(oid)} twice`);
    extensions.set(oid, { value, critical });
  }
  return [...extensions].flatMap(([oid, { value, critical }]) => {
    const handling = handleExtension(oid, value, critical);
    if (handling === 'no-servers')
      return ['its extended key usage is not for servers; Azure Linux leaves it out of its bundle as well'];
    return handling === 'unknown' && critical ? [criticalObjection(oid)] : [];
  });
}

function criticalObjection(oid: string): string {
  if (oid === '551d1e')
    return 'its critical name constraints are of a kind that Go cannot check, such as directory names';
  return `its extension ${dotted(oid)} is critical and Go does not know it`;
}

/** `1.2.840…` of an object identifier's content in hexadecimal. */
function dotted(oid: string): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of Buffer.from(oid, 'hex')) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [joint = 0, ...others] = arcs;
  const first = Math.min(Math.floor(joint / 40), 2);
  return [first, joint - first * 40, ...others].join('.');
}
