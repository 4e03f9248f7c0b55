import type { Intent } from '../model/intent.ts';
import { timestamp, type NamedCertificate, type RecordStatus } from '../model/record.ts';

export type Rejection = NonNullable<RecordStatus['rejections']>[number];

/** Objects that are held one by one for certificates that ARM refused; of more than these the write as a whole is held. */
const REJECTED_LIMIT = 1000;
/** Objects among them that the record has ARM's words for. */
const SPELLED_OUT = 32;
/** Objects that are tried one by one; more are tried namespace by namespace first. */
const TRIED_ALONE = 16;

/**
 * The rejections after ARM refused the certificates of a write; undefined where there are too many objects to note. Where several
 * objects had certificates in it, those of one may be to blame: each is then sent once without the others.
 */
export function rejectionsAfter(
  { rejections = [], operation }: RecordStatus,
  intents: readonly Intent[],
  armMessage: string,
  code: string,
  now: number,
): Rejection[] | undefined {
  const adds = operation?.adds ?? [];
  // A list that is in ARM already is nobody's fault.
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
    // Thousands of objects may be to blame, and the record has to stay small.
    if (others.length + index >= SPELLED_OUT)
      return { ...rejection, message: `ARM refused certificates of this object (${code}).${next}` };
    const fingerprints = fingerprintsOf(intent).filter((fingerprint) => added.has(fingerprint));
    const message = `ARM refused the certificates that were sent (${fingerprints.join(', ')}): ${code}: ${armMessage}${next}`;
    return { ...rejection, fingerprints, message };
  });
  return [...others, ...noted];
}

const TRIED_NEXT =
  ' Certificates of other objects were in the same write, and ARM may have refused it for them: those of this object are sent without them next.';

/** How the objects are to be told apart; undefined where each of them was to blame. With each refusal there are fewer to tell apart. */
function suspicion(blamed: readonly Intent[], before: readonly Rejection[]): Rejection['suspected'] {
  const few = blamed.length <= TRIED_ALONE;
  if (blamed.length === 1 || before.some(({ suspected }) => suspected === 'Object')) return undefined;
  if (before.some(({ suspected }) => suspected === 'Namespace')) return few ? 'Object' : undefined;
  if (few) return 'Object';
  return new Set(blamed.map(namespaceOf)).size > 1 ? 'Namespace' : undefined;
}

/** What still holds of the rejections: of objects that were not touched since, and that were not proven right. */
export function rejectionsNow(
  { rejections = [] }: RecordStatus,
  intents: readonly Intent[],
  present: ReadonlySet<string>,
): Rejection[] {
  return rejections.filter(({ object, heldFor, suspected }) => {
    const intent = intents.find(({ name }) => name === object);
    if (intent?.token !== heldFor) return false;
    return !suspected || fingerprintsOf(intent).some((fingerprint) => !present.has(fingerprint));
  });
}

/** The suspected objects whose certificates are sent next, without those of any other object; empty where there are none. */
export function triedNext(rejections: readonly Rejection[], intents: readonly Intent[]): ReadonlySet<string> {
  const suspected = new Map(rejections.flatMap((one) => (one.suspected ? [[one.object, one.suspected] as const] : [])));
  const candidates = intents.filter(({ name, deletion, frozen }) => suspected.has(name) && !deletion && !frozen);
  const [first] = candidates.toSorted((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
  if (!first) return new Set();
  const alone = suspected.get(first.name) === 'Object';
  const tried = alone ? [first] : candidates.filter((one) => namespaceOf(one) === namespaceOf(first));
  return new Set(tried.map(({ name }) => name));
}

/** The objects whose certificates came with a new list. */
function blamedFor(adds: readonly NamedCertificate[], intents: readonly Intent[]): Intent[] {
  const added = new Set(adds.map(({ fingerprintSHA256 }) => fingerprintSHA256));
  return intents.filter(
    (intent) =>
      !intent.deletion && !intent.frozen && fingerprintsOf(intent).some((fingerprint) => added.has(fingerprint)),
  );
}

function fingerprintsOf({ rows }: Intent): string[] {
  return [...new Set(rows.flatMap(({ certificate }) => (certificate ? [certificate.fingerprint] : [])))];
}

function namespaceOf({ object }: Intent): string {
  return object.metadata.namespace ?? '';
}
