import type { ElementReading } from '../../../certificates/element.ts';
import { fingerprintsOf } from '../../model/fingerprints.ts';
import { objectOf, type NamedCertificate, type RecordStatus } from '../../model/record.ts';
import type { TrustIntent } from '../../model/intent.ts';
import { isCut } from '../../model/record-size.ts';
import type { Claim, Claims } from '../../model/trust.ts';

/**
 * Claims from the record. The base is the list as last read. Certificates that an operation was about to add, that a discarded
 * operation may still add, or that another client removed are managed as well.
 */
export function rememberedClaims(record: RecordStatus): Claims {
  const claims = new Map<string, Claim>();
  const remember = (fingerprint: string, namedBy: readonly string[] | undefined) => {
    const before = claims.get(fingerprint);
    const names = new Set([...(before?.namedBy ?? []), ...(namedBy ?? [])]);
    // Unmanaged once every object that named it departed: it may stay, and this controller must not remove it.
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
  // Claims on listed certificates were decided at the last read, which took all of this into account.
  const listed = new Set(claims.keys());
  for (const added of [
    ...(record.discarded ?? []),
    ...(record.operation?.updateTrust?.adds ?? []),
    ...(record.missing ?? []),
  ]) {
    if (!listed.has(added.fingerprintSHA256)) remember(added.fingerprintSHA256, added.namedBy);
  }
  for (const removed of record.operation?.updateTrust?.removes ?? []) {
    // After a stale read or a removal that never arrived, the list has it again: it is still managed.
    if (removed.namedBy?.length && !listed.has(removed.fingerprintSHA256))
      remember(removed.fingerprintSHA256, removed.namedBy);
  }
  return claims;
}

/** Adds claims for listed certificates that the record does not know: unmanaged for a new record, foreign (from another client) otherwise. */
export function discoverClaims(claims: Claims, list: readonly ElementReading[], record: RecordStatus): Claims {
  const discovered = new Map(claims);
  for (const fingerprint of list.flatMap(fingerprintsOf)) {
    if (!claims.has(fingerprint))
      discovered.set(fingerprint, { managed: false, foreign: record.slots !== undefined, namedBy: [] });
  }
  return discovered;
}

/** Claims after the objects' current state was applied to them. */
export interface CurrentOwners {
  readonly claims: Claims;
  /** Fingerprints that some object names. */
  readonly wanted: ReadonlySet<string>;
  /** Adopted certificates that no object names any more and that stay, with the objects that named them last. */
  readonly retained: ReadonlyMap<string, readonly string[]>;
}

/**
 * Claims as the objects make them now. A frozen object keeps its earlier names, and so does an entry without a readable
 * certificate. A managed certificate that a frozen object names does not leave together with another object. A certificate that
 * no object names any more keeps its last names until it has left, so that they survive a crash or a suspension in between.
 */
export function currentOwners(
  claims: Claims,
  list: readonly ElementReading[],
  intents: readonly TrustIntent[],
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
    // An object that is not allowed, or that keeps changing its names, cannot keep certificates of other objects by naming them.
    if (intent.frozen === 'NotAllowed' || intent.frozen === 'Restless') continue;
    for (const { entry, certificate } of intent.rows)
      if (certificate && isHeld(claims.get(certificate.fingerprint)))
        name(certificate.fingerprint, `${intent.name}/${entry}`);
  }
  // A cut row may have lost the name of an object whose wishes are unknown in this reconcile, so the certificate stays.
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
    // A cut row has lost names, so whether all of its objects may remove the certificate is unknown.
    if (last.length > 0 && !isCut(namedBy) && last.every((object) => mayTakeOut(objects.get(object)))) continue;
    renewed.set(fingerprint, { managed: false, foreign: false, namedBy: [] });
    retained.set(fingerprint, last);
  }
  return { claims: renewed, wanted: new Set(names.keys()), retained };
}

/** True for a certificate that an object added or adopted. */
function isHeld(claim: Claim | undefined): boolean {
  return claim?.managed === true || claim?.adopted === true;
}

/** True for an object that may remove certificates that were in the cluster before any object named them. */
function mayTakeOut(intent: TrustIntent | undefined): boolean {
  return intent?.object.spec.adopt === true && intent.grants.adopt;
}

/** A row of the record with its current names, so that an outdated name does not outlive a newer one. */
export function renameRow({ fingerprintSHA256 }: NamedCertificate, claims: Claims): NamedCertificate {
  const { namedBy = [] } = claims.get(fingerprintSHA256) ?? {};
  return { fingerprintSHA256, ...(namedBy.length > 0 ? { namedBy: [...namedBy] } : {}) };
}

/** Entries without a readable certificate. Their wishes are unknown, so the certificates that they named stay. */
function unreadEntries({ name, rows }: TrustIntent): string[] {
  const read = new Set(rows.filter(({ certificate }) => certificate).map(({ entry }) => entry));
  return rows.filter(({ entry }) => !read.has(entry)).map(({ entry }) => `${name}/${entry}`);
}
