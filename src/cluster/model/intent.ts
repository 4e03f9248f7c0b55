import { createHash } from 'node:crypto';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { ClusterObject } from '../../api/cluster-object.ts';
import { RECONCILE_REQUESTED_AT } from '../../api/names.ts';
import type { WriteRefusal } from './write-refusal.ts';
import { OPEN_GRANTS, type Grants } from '../../policy/policy.ts';
import type {
  Certificate,
  CertificateProblem,
  CertificateWarning,
  SourceItem,
} from '../../certificates/certificate.ts';
import type { EntryText } from '../../sources/resolve.ts';
import type { SourceProblem } from '../../sources/source.ts';

/** The kind of objects that names without a kind are of. */
export const DEFAULT_KIND = 'CustomCATrust';

/** The wishes of one object, of any kind, for its cluster. */
export interface Intent {
  /** namespace/name. Of another kind than CustomCATrust: namespace/kind:name, so that no two objects of a cluster have one name. */
  readonly name: string;
  readonly object: ClusterObject;
  /** Changes with every edit, every reconcile request, and every change of what its sources hold. A hold for an old token is evaluated again. */
  readonly token: string;
  /** ms. */
  readonly createdAt: number;
  /** Why nothing that this object wants is changed. */
  readonly frozen:
    'NotAllowed' | 'Suspended' | 'SourceUnreadable' | 'Held' | 'Emptied' | 'LeftOut' | 'Restless' | undefined;
  /** Set when the API server refuses our finalizer, so that the object could be deleted unnoticed. */
  readonly leftOut?: WriteRefusal;
  /** For a restless object: the time, in ms, when it counts again if the object (or its whole namespace) does not change before. */
  readonly rest?: { readonly untilMs: number; readonly wholeNamespace: boolean };
  /** Set while the object is being deleted: whether its certificates stay or are removed. */
  readonly deletion: 'Retain' | 'Remove' | undefined;
  readonly settleMs: number;
  /** The rights of its namespace on its cluster. */
  readonly grants: Grants;
  /** Set where a deletion leaves nothing to be done, so that the object needs no finalizer. */
  readonly unguarded?: true;
}

/** The wishes of one CustomCATrust object. While it is frozen, its share of the list stays as it is. */
export interface TrustIntent extends Intent {
  readonly object: CustomCATrust;
  readonly rows: readonly IntentRow[];
}

/** The CustomCATrust objects among the intents of a cluster. */
export function trustsOf(intents: readonly Intent[]): readonly TrustIntent[] {
  return intents.filter((intent): intent is TrustIntent => intent.object.kind === DEFAULT_KIND);
}

/** {@link Intent.name} of an object. */
export function intentName(kind: string, namespace: string, name: string): string {
  return kind === DEFAULT_KIND ? `${namespace}/${name}` : `${namespace}/${kind}:${name}`;
}

/** One certificate of an object, or the problem found in its place; in the order of the object. */
export type IntentRow = {
  readonly entry: string;
  readonly index: number;
  readonly warnings: readonly CertificateWarning[];
} & (
  | { readonly line: number; readonly certificate: Certificate; readonly problem?: undefined }
  | { readonly line: number; readonly certificate?: undefined; readonly problem: CertificateProblem }
  // The source of the entry cannot be read, so its certificates are not known.
  | { readonly line?: undefined; readonly certificate?: undefined; readonly problem: SourceProblem }
);

/**
 * Reads an object. `texts` are what the sources of its entries have now, `readSource` parses PEM text, and `grants` are the object's
 * rights by the policy.
 */
export function readTrustIntent(
  stored: CustomCATrust,
  texts: readonly EntryText[],
  readSource: ReadSource,
  grants: Grants = OPEN_GRANTS,
): TrustIntent {
  const object = withoutDefaultStatus(stored);
  const { metadata, spec } = object;
  const rows = texts.flatMap((text) => rowsOf(text, readSource));
  const bad = rows.some((row) => row.problem);
  const deleting = metadata.deletionTimestamp !== undefined;
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    object,
    token: [tokenOf(object), ...digestOf(texts)].join('/'),
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    rows,
    frozen: !grants.target
      ? 'NotAllowed'
      : spec.suspend
        ? 'Suspended'
        : texts.some(({ problem }) => problem)
          ? 'SourceUnreadable'
          : bad && spec.invalidCertificates !== 'Skip'
            ? 'Held'
            : undefined,
    // A suspended object must not cause a change, and one that is not allowed cannot: their certificates stay.
    deletion: deleting ? (spec.suspend || !grants.target ? 'Retain' : (spec.deletionPolicy ?? 'Retain')) : undefined,
    settleMs: (spec.settleSeconds ?? 30) * 1000,
    grants,
  };
}

/** {@link Intent.token} of an object that has no sources. */
export function tokenOf({ metadata }: Pick<ClusterObject, 'metadata'>): string {
  const requested = metadata.annotations?.[RECONCILE_REQUESTED_AT] ?? '';
  return [metadata.uid, metadata.generation, shortHash(requested)].join('/');
}

/** The API server gives a new object the status `observedGeneration: -1`, for kstatus: nothing has been reported yet. */
export function withoutDefaultStatus<T extends { status?: { observedGeneration?: number } }>(object: T): T {
  if (object.status?.observedGeneration !== -1) return object;
  const copy = { ...object };
  delete copy.status;
  return copy;
}

/** The uid of an intent's object; empty where an API server gave it none. */
export function uidOf({ object }: Pick<Intent, 'object'>): string {
  return object.metadata.uid ?? '';
}

type ReadSource = (text: string) => { items: readonly SourceItem[] };

function rowsOf({ entry, text, problem }: EntryText, readSource: ReadSource): IntentRow[] {
  if (problem) return [{ entry, index: 0, warnings: [], problem }];
  return readSource(text).items.map((item) => toRow(entry, item));
}

/** One digest of what was read outside of the object; none when the object itself has all texts, because its generation covers them. */
function digestOf(texts: readonly EntryText[]): string[] {
  const outside = texts.filter(({ inline }) => !inline).map(({ entry, text }) => [entry, text]);
  return outside.length > 0 ? [shortHash(JSON.stringify(outside))] : [];
}

function toRow(entry: string, item: SourceItem): IntentRow {
  return item.kind === 'problem'
    ? { entry, index: item.problem.index, line: item.problem.line, warnings: [], problem: item.problem }
    : { entry, index: item.index, line: item.line, warnings: item.warnings, certificate: item.certificate };
}

/** The reconcile requests of a cluster's objects, for {@link requestedSince}. */
export function requestsOf(intents: readonly Intent[]): string {
  return bounded(requests(intents)).join(' ');
}

/** True when an object has a reconcile request that `noted` does not have. An object that is gone has none. */
export function requestedSince(noted: string, intents: readonly Intent[]): boolean {
  if (noted.startsWith('all:')) return requestsOf(intents) !== noted;
  const earlier = new Set(noted.split(' '));
  return requests(intents).some((request) => !earlier.has(request));
}

function requests(intents: readonly Intent[]): string[] {
  return intents
    .filter(isHeard)
    .flatMap(({ object: { metadata } }) => {
      const requested = metadata.annotations?.[RECONCILE_REQUESTED_AT];
      return requested === undefined ? [] : [shortHash(`${metadata.uid}=${requested}`)];
    })
    .sort();
}

/** More tokens than this are stored as one digest, so that a record stays small however many objects name a cluster. */
const TOKEN_LIMIT = 500;

/** The states of a cluster's objects, for {@link stillHeld}. */
export function heldTokens(intents: readonly Intent[]): string[] {
  return bounded(intents.filter(isHeard).map(({ token }) => token));
}

/** False for an object that is not allowed or changes without a pause: it neither holds nor releases anything. */
function isHeard({ frozen }: Intent): boolean {
  return frozen !== 'NotAllowed' && frozen !== 'Restless';
}

function bounded(tokens: string[]): string[] {
  return tokens.length > TOKEN_LIMIT ? [`all:${shortHash(tokens.toSorted().join(' '))}`] : tokens;
}

/** True while no object was edited, added or asked for a fresh read since `heldFor` was noted. */
export function stillHeld(heldFor: readonly string[] | undefined, intents: readonly Intent[]): boolean {
  const held = new Set(heldFor);
  return heldTokens(intents).every((token) => held.has(token));
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** The order in which objects of one cluster come first: the oldest, and among objects of one age by name. */
export function byAge(a: Pick<Intent, 'createdAt' | 'name'>, b: Pick<Intent, 'createdAt' | 'name'>): number {
  return a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1);
}

/** Freezes the objects that could not get our finalizer, so that their share of the list stays as it is. */
export function leaveOut<I extends Intent>(
  intents: readonly I[],
  refusals: ReadonlyMap<string, WriteRefusal>,
): readonly I[] {
  if (refusals.size === 0) return intents;
  return intents.map((intent) => {
    const leftOut = refusals.get(intent.name);
    return leftOut ? { ...intent, frozen: intent.frozen ?? 'LeftOut', leftOut } : intent;
  });
}
