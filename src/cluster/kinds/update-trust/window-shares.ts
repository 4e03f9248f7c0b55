import type { Hold } from '../../model/decision.ts';
import type { TrustIntent } from '../../model/intent.ts';
import type { Assessment } from '../../model/assessment.ts';
import type { NamedCertificate, RecordStatus } from '../../model/record.ts';
import { concerns, isCut } from '../../model/record-size.ts';
import type { Merge } from '../../model/trust.ts';
import type { ClusterView } from '../../operation/kind.ts';
import { windowHold } from '../../operation/window.ts';

/** The objects whose windows hold their shares of the list. */
export interface WindowShares {
  /** The holds of the objects that the change is for, by namespace/name. */
  readonly held: ReadonlyMap<string, Hold>;
  /**
   * Every object whose window is closed, where the change is for one of them: a change without one object may become one for
   * another, such as one that a slot was left for. None otherwise.
   */
  readonly closed: ReadonlySet<string>;
}

const NONE: WindowShares = { held: new Map(), closed: new Set() };

/** Finds the objects with closed windows for which `wanted`, the change without any hold, adds or removes a certificate. */
export function windowShares(
  intents: readonly TrustIntent[],
  { observation: { maintenance }, before, assessment, now, timing }: ClusterView,
  wanted: Merge,
): WindowShares {
  const isFor = concernedBy(wanted, awaitedOf(before, assessment));
  const holdOf = ({ object: { spec } }: TrustIntent) =>
    spec.window && windowHold(spec.window, maintenance, now, timing);
  const held = new Map(
    intents.filter(takesPart).flatMap((intent) => {
      const hold = isFor(intent) ? holdOf(intent) : undefined;
      return hold ? [[intent.name, hold] as const] : [];
    }),
  );
  if (held.size === 0) return NONE;
  const isClosed = (intent: TrustIntent) => held.has(intent.name) || holdOf(intent) !== undefined;
  return { held, closed: new Set(intents.filter((one) => takesPart(one) && isClosed(one)).map(({ name }) => name)) };
}

/** The objects, of which those with closed windows are frozen. A deletion is held as well. */
export function outsideWindows(intents: readonly TrustIntent[], { closed }: WindowShares): readonly TrustIntent[] {
  if (closed.size === 0) return intents;
  return intents.map((intent) =>
    closed.has(intent.name) ? { ...intent, frozen: intent.frozen ?? 'Held', deletion: undefined } : intent,
  );
}

/** False for an object that changes nothing anyway: its share stays as it is, and its release waits for nothing. */
function takesPart({ frozen, deletion }: TrustIntent): boolean {
  return deletion === 'Remove' || (deletion === undefined && frozen === undefined);
}

/** Whether a change is for an object. A removal without any name, or with names that were cut off, is for every object. */
function concernedBy({ adds, removes }: Merge, awaited: ReadonlySet<string>): (intent: TrustIntent) => boolean {
  const isDue = ({ fingerprintSHA256 }: NamedCertificate) => !awaited.has(fingerprintSHA256);
  const [added, removed] = [adds.filter(isDue), removes.filter(isDue)];
  const forAll = removed.some(({ namedBy }) => !namedBy?.length || isCut(namedBy));
  return (intent) => forAll || [...added, ...removed].some((row) => concerns(row, intent));
}

/** What a write of the recorded operation adds and removes, while it may still arrive: it was sent in time. */
function awaitedOf({ operation }: RecordStatus, assessment: Assessment | undefined): ReadonlySet<string> {
  if (assessment?.kind !== 'Open' || assessment.allows !== 'Nothing') return new Set();
  const { adds = [], removes = [] } = operation?.updateTrust ?? {};
  return new Set([...adds, ...removes].map(({ fingerprintSHA256 }) => fingerprintSHA256));
}
