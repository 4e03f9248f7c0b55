import type { ElementReading } from '../../../certificates/element.ts';
import { fingerprintsOf } from '../../model/fingerprints.ts';
import { objectOf, type NamedCertificate, type RecordStatus } from '../../model/record.ts';
import type { Intent } from '../../model/intent.ts';
import { isCut } from '../../model/record-size.ts';
import type { Claim, Claims } from '../../model/trust.ts';

/**
 * What the record remembers. The list as last read is the base; what an operation was about to add, and what a discarded one
 * may still add, is ours as well, and so is what somebody else took out.
 */
export function rememberedClaims(record: RecordStatus): Claims {
  const claims = new Map<string, Claim>();
  const remember = (fingerprint: string, namedBy: readonly string[] | undefined) => {
    const before = claims.get(fingerprint);
    const names = new Set([...(before?.namedBy ?? []), ...(namedBy ?? [])]);
    // Nobody's any more once everybody who named it departed: it may stay, and is not ours to remove.
    claims.set(fingerprint, { managed: names.size > 0, foreign: false, namedBy: [...names] });
  };
  for (const slot of record.slots ?? []) {
    for (const { fingerprintSHA256, managed, adopted, foreign, namedBy } of slot.contains ?? [slot]) {
      if (fingerprintSHA256 === undefined) continue;
      claims.set(fingerprintSHA256, {
        managed: managed ?? false,
        ...(adopted ? { adopted } : {}),
        foreign: foreign ?? false,
        namedBy: namedBy ?? [],
      });
    }
  }
  // What is in the list was judged when it was last read, with all of this in view.
  const listed = new Set(claims.keys());
  for (const added of [...(record.discarded ?? []), ...(record.operation?.adds ?? []), ...(record.missing ?? [])]) {
    if (!listed.has(added.fingerprintSHA256)) remember(added.fingerprintSHA256, added.namedBy);
  }
  for (const removed of record.operation?.removes ?? []) {
    // A stale read, or a removal that never arrived, shows it again: it is still ours.
    if (removed.namedBy?.length && !listed.has(removed.fingerprintSHA256))
      remember(removed.fingerprintSHA256, removed.namedBy);
  }
  return claims;
}

/** Adds what the list holds and nobody remembers: there from the beginning for a new record, from somebody else for an old one. */
export function discoverClaims(claims: Claims, list: readonly ElementReading[], record: RecordStatus): Claims {
  const discovered = new Map(claims);
  for (const fingerprint of list.flatMap(fingerprintsOf)) {
    if (!claims.has(fingerprint))
      discovered.set(fingerprint, { managed: false, foreign: record.slots !== undefined, namedBy: [] });
  }
  return discovered;
}

/** Claims as they are now. */
export interface CurrentOwners {
  readonly claims: Claims;
  /** Fingerprints that some object names. */
  readonly wanted: ReadonlySet<string>;
  /** Adopted certificates that no object names any more and that stay, with the objects that named them last. */
  readonly retained: ReadonlyMap<string, readonly string[]>;
}

/**
 * Claims as the objects make them now. A frozen object keeps the names it had, as does an entry of which nothing reads, and
 * what of ours a frozen object names does not leave with another one. A certificate that nobody names any more keeps its last
 * names until it has left, so that a crash or a suspension in between finds them.
 */
export function currentOwners(
  claims: Claims,
  list: readonly ElementReading[],
  intents: readonly Intent[],
): CurrentOwners {
  const names = new Map<string, Set<string>>();
  const name = (fingerprint: string, naming: string) => {
    names.set(fingerprint, (names.get(fingerprint) ?? new Set()).add(naming));
  };
  const active = intents.filter(({ deletion, frozen }) => !deletion && !frozen);
  const held = intents.filter(({ deletion, frozen }) => !deletion && frozen);
  const frozen = new Set(held.map((intent) => intent.name));
  for (const intent of active) {
    for (const { entry, certificate } of intent.rows)
      if (certificate) name(certificate.fingerprint, `${intent.name}/${entry}`);
  }
  const unread = new Set(active.flatMap(unreadEntries));
  for (const [fingerprint, claim] of claims) {
    for (const naming of claim.namedBy)
      if (frozen.has(objectOf(naming)) || unread.has(naming)) name(fingerprint, naming);
  }
  for (const intent of held) {
    // An object that is not allowed, or that names other ones each time, cannot keep the certificates of others by naming them.
    if (intent.frozen === 'NotAllowed' || intent.frozen === 'Restless') continue;
    for (const { entry, certificate } of intent.rows)
      if (certificate && isHeld(claims.get(certificate.fingerprint)))
        name(certificate.fingerprint, `${intent.name}/${entry}`);
  }
  // Of a row that was cut, an object that cannot say what it wants may be among the names that are lost.
  if (held.length > 0 || unread.size > 0) {
    for (const [fingerprint, { namedBy }] of claims)
      if (isCut(namedBy) && !names.has(fingerprint)) names.set(fingerprint, new Set(namedBy));
  }
  const renewed = new Map(claims);
  const listed = new Set(list.flatMap(fingerprintsOf));
  for (const [fingerprint, namedBy] of names) {
    const claim = claims.get(fingerprint);
    const adopted = listed.has(fingerprint) && claim !== undefined && !claim.managed;
    renewed.set(fingerprint, {
      managed: !adopted,
      ...(adopted ? { adopted } : {}),
      foreign: false,
      namedBy: [...namedBy],
    });
  }
  const objects = new Map(intents.map((intent) => [intent.name, intent]));
  const retained = new Map<string, readonly string[]>();
  for (const [fingerprint, { adopted, namedBy }] of claims) {
    if (!adopted || names.has(fingerprint)) continue;
    const last = [...new Set(namedBy.map(objectOf))];
    // Of a row that was cut, not all names are known.
    if (last.length > 0 && !isCut(namedBy) && last.every((object) => mayTakeOut(objects.get(object)))) continue;
    renewed.set(fingerprint, { managed: false, foreign: false, namedBy: [] });
    retained.set(fingerprint, last);
  }
  return { claims: renewed, wanted: new Set(names.keys()), retained };
}

/** True of a certificate that an object brought or adopted. */
function isHeld(claim: Claim | undefined): boolean {
  return claim?.managed === true || claim?.adopted === true;
}

/** True for an object that may take out what was in the cluster before any object named it. */
function mayTakeOut(intent: Intent | undefined): boolean {
  return intent?.object.spec.adopt === true && intent.grants.adopt;
}

/** Rows of the record with those who name them now: what an old name still stood for must not outlive a newer one. */
export function renameRows(rows: readonly NamedCertificate[], claims: Claims): NamedCertificate[] {
  return rows.map(({ fingerprintSHA256 }) => {
    const { namedBy = [] } = claims.get(fingerprintSHA256) ?? {};
    return { fingerprintSHA256, ...(namedBy.length > 0 ? { namedBy: [...namedBy] } : {}) };
  });
}

/** Entries of which nothing reads. What they had was not taken out: nobody can tell what they want now. */
function unreadEntries({ name, rows }: Intent): string[] {
  const read = new Set(rows.filter(({ certificate }) => certificate).map(({ entry }) => entry));
  return rows.filter(({ entry }) => !read.has(entry)).map(({ entry }) => `${name}/${entry}`);
}
