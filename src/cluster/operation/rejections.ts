import { byAge, type TrustIntent } from '../model/intent.ts';
import { timestamp, type NamedCertificate, type RecordStatus } from '../model/record.ts';
import { namespaceOf } from '../model/way.ts';

export type Rejection = NonNullable<RecordStatus['rejections']>[number];

/** The most objects that are held one by one for certificates that ARM refused. With more, the write as a whole is held. */
const REJECTED_LIMIT = 1000;
/** The most objects for which the record keeps ARM's message. */
const SPELLED_OUT = 32;
/** The most objects that are tried one by one. More are tried namespace by namespace first. */
const TRIED_ALONE = 16;

/**
 * The rejections after ARM refused the certificates of a write; undefined where there are too many objects to note. Where several
 * objects had certificates in the write, one object alone may have caused the refusal: each is then sent once without the others.
 */
export function rejectionsAfter(
  { rejections = [], operation }: RecordStatus,
  intents: readonly TrustIntent[],
  armMessage: string,
  code: string,
  now: number,
): Rejection[] | undefined {
  const adds = operation?.updateTrust?.adds ?? [];
  // ARM accepted the list of a resumed write before, so no object caused this refusal.
  const blamed = operation?.attempts === 1 ? blamedFor(adds, intents) : [];
  const names = new Set(blamed.map(({ name }) => name));
  const others = rejections.filter(({ object }) => !names.has(object));
  if (blamed.length === 0 || blamed.length + others.length > REJECTED_LIMIT) return undefined;
  const suspected = suspicion(
    blamed,
    rejections.filter(({ object }) => names.has(object)),
  );
  const added = new Set(adds.map(({ fingerprintSHA256 }) => fingerprintSHA256));
  const noted = blamed.map((intent, index): Rejection => {
    const { name, token } = intent;
    const rejection = { object: name, heldFor: token, at: timestamp(now), ...(suspected ? { suspected } : {}) };
    const next = suspected ? TRIED_NEXT : '';
    // Thousands of objects may be involved, and the record has to stay small.
    if (others.length + index >= SPELLED_OUT)
      return { ...rejection, message: `ARM refused certificates of this object (${code}).${next}` };
    const fingerprints = fingerprintsOf(intent).filter((fingerprint) => added.has(fingerprint));
    const message = `ARM refused the certificates that were sent (${fingerprints.join(', ')}): ${code}: ${armMessage}${next}`;
    return { ...rejection, fingerprints, message };
  });
  return [...others, ...noted];
}

const TRIED_NEXT =
  ' The same write had certificates of other objects, and those may be the cause. The certificates of this object are sent without them next.';

/**
 * The unit that is tried alone next, object or namespace; undefined where each object is known to cause the refusal. Each refusal
 * leaves fewer suspects.
 */
function suspicion(blamed: readonly TrustIntent[], before: readonly Rejection[]): Rejection['suspected'] {
  const few = blamed.length <= TRIED_ALONE;
  if (blamed.length === 1 || before.some(({ suspected }) => suspected === 'Object')) return undefined;
  if (before.some(({ suspected }) => suspected === 'Namespace')) return few ? 'Object' : undefined;
  if (few) return 'Object';
  return new Set(blamed.map(namespaceOf)).size > 1 ? 'Namespace' : undefined;
}

/** The rejections that still count: their objects were not edited since, and ARM has not accepted their certificates meanwhile. */
export function rejectionsNow(
  { rejections = [] }: RecordStatus,
  intents: readonly TrustIntent[],
  present: ReadonlySet<string>,
): Rejection[] {
  return rejections.filter(({ object, heldFor, suspected }) => {
    const intent = intents.find(({ name }) => name === object);
    if (intent?.token !== heldFor) return false;
    return !suspected || fingerprintsOf(intent).some((fingerprint) => !present.has(fingerprint));
  });
}

/** The suspected objects whose certificates are sent next, without those of any other object; empty where there are none. */
export function triedNext(rejections: readonly Rejection[], intents: readonly TrustIntent[]): ReadonlySet<string> {
  const suspected = new Map(rejections.flatMap((one) => (one.suspected ? [[one.object, one.suspected] as const] : [])));
  const candidates = intents.filter(({ name, deletion, frozen }) => suspected.has(name) && !deletion && !frozen);
  const [first] = candidates.toSorted(byAge);
  if (!first) return new Set();
  const alone = suspected.get(first.name) === 'Object';
  const tried = alone ? [first] : candidates.filter((one) => namespaceOf(one) === namespaceOf(first));
  return new Set(tried.map(({ name }) => name));
}

/** The objects whose certificates the write added. */
function blamedFor(adds: readonly NamedCertificate[], intents: readonly TrustIntent[]): TrustIntent[] {
  const added = new Set(adds.map(({ fingerprintSHA256 }) => fingerprintSHA256));
  return intents.filter(
    (intent) =>
      !intent.deletion && !intent.frozen && fingerprintsOf(intent).some((fingerprint) => added.has(fingerprint)),
  );
}

function fingerprintsOf({ rows }: TrustIntent): string[] {
  return [...new Set(rows.flatMap(({ certificate }) => (certificate ? [certificate.fingerprint] : [])))];
}
