import type { ListItem } from '../../../azure/replace-list.ts';
import type { Certificate } from '../../../certificates/certificate.ts';
import type { ElementReading } from '../../../certificates/element.ts';
import type { Intent } from '../../model/intent.ts';
import type { NamedCertificate } from '../../model/record.ts';
import type { Claims, Merge } from '../../model/trust.ts';
import { certificatesOf, digestOf, fingerprintsOf, partsOf } from '../../model/fingerprints.ts';

export interface MergeInput {
  readonly list: readonly ElementReading[];
  readonly claims: Claims;
  /** Fingerprints that somebody names. */
  readonly wanted: ReadonlySet<string>;
  readonly intents: readonly Intent[];
  /** Managed certificates that somebody else took out. */
  readonly missing: ReadonlySet<string>;
  /** True: what others changed is left as it is. */
  readonly contended: boolean;
  /** Objects whose additions ARM refused as such. */
  readonly rejected: ReadonlySet<string>;
  /** The only objects that may add something this time; absent: all may. */
  readonly alone?: ReadonlySet<string>;
  readonly limit: number;
}

/** Merges what all objects want into one list: what stays keeps its bytes and its order, what is new goes to the end. */
export function merge(input: MergeInput): Merge {
  const { list, claims, limit, missing } = input;
  const leaving = new Set<string>();
  const contendedFor = new Set<string>();
  const removesUnmanaged = mayRemoveUnmanaged(input.intents);
  for (const fingerprint of list.flatMap(fingerprintsOf)) {
    if (input.wanted.has(fingerprint)) continue;
    const claim = claims.get(fingerprint);
    // An adopted one still has a claim only where its last object may take it out.
    if (claim?.managed || claim?.adopted) leaving.add(fingerprint);
    else if (!removesUnmanaged) continue;
    else if (claim?.foreign && input.contended) contendedFor.add(fingerprint);
    else leaving.add(fingerprint);
  }

  const items: ListItem[] = stay(list, leaving, limit);
  const staying = items.length;
  const present = new Set(list.flatMap(fingerprintsOf).filter((fingerprint) => !leaving.has(fingerprint)));
  const overLimit = new Map<string, readonly string[]>();
  const adds: NamedCertificate[] = [];
  for (const intent of byAge(input.intents)) {
    if (intent.deletion || intent.frozen || input.rejected.has(intent.name)) continue;
    if (input.alone && !input.alone.has(intent.name)) continue;
    const needed = additionsOf(intent, present);
    if (input.contended) {
      for (const fingerprint of [...needed.keys()].filter((fingerprint) => missing.has(fingerprint))) {
        contendedFor.add(fingerprint);
        needed.delete(fingerprint);
      }
    }
    if (items.length + needed.size > limit && needed.size > 0) {
      overLimit.set(intent.name, [...needed.keys()]);
      continue;
    }
    for (const [fingerprint, certificate] of needed) {
      present.add(fingerprint);
      items.push({ add: certificate.element });
      adds.push({ fingerprintSHA256: fingerprint, namedBy: [...(claims.get(fingerprint)?.namedBy ?? [])] });
    }
  }

  const removes = [...leaving].map((fingerprint) => ({
    fingerprintSHA256: fingerprint,
    namedBy: [...(claims.get(fingerprint)?.namedBy ?? [])],
  }));
  const parts = [...partsOf(list)].filter((part) => !leaving.has(part));
  return {
    items,
    listDigest: digestOf([...parts, ...adds.map(({ fingerprintSHA256 }) => fingerprintSHA256)]),
    adds,
    removes,
    correction:
      adds.some(({ fingerprintSHA256 }) => missing.has(fingerprintSHA256)) ||
      removes.some(({ fingerprintSHA256 }) => claims.get(fingerprintSHA256)?.foreign),
    contendedFor,
    overLimit,
    staying,
  };
}

/** Every object of the cluster must say so, and none may be held, suspended or partly unreadable: its certificates could be among them. */
function mayRemoveUnmanaged(intents: readonly Intent[]): boolean {
  const present = intents.filter(({ deletion }) => !deletion);
  return (
    present.length > 0 &&
    present.every(
      ({ object, frozen, rows }) =>
        object.spec.unmanagedCertificates === 'Remove' && !frozen && rows.every(({ problem }) => !problem),
    )
  );
}

/**
 * What stays of the list. An element stays as it is while all of its certificates do. One of several is split only when one of
 * them must leave, without what the list has elsewhere; where the slots do not suffice, what is left of it stays together.
 * What an element holds beside its certificates stays in any case.
 */
function stay(list: readonly ElementReading[], leaving: ReadonlySet<string>, limit: number): ListItem[] {
  const isWhole = (element: ElementReading) => !fingerprintsOf(element).some((fingerprint) => leaving.has(fingerprint));
  const present = new Set(list.filter(isWhole).flatMap(fingerprintsOf));
  const splits = list.map((element): Split | undefined => {
    if (isWhole(element)) return undefined;
    const certificates = certificatesOf(element).filter(({ fingerprint }) => {
      if (leaving.has(fingerprint) || present.has(fingerprint)) return false;
      present.add(fingerprint);
      return true;
    });
    const rest = element.kind === 'several' ? element.rest : undefined;
    const elements = [...certificates.map(({ element: alone }) => alone), ...(rest ? [rest.element] : [])];
    return { elements, together: () => btoa(certificates.map(({ pem }) => pem).join('') + atob(rest?.element ?? '')) };
  });
  let slots = splits.filter((split) => split?.elements.length !== 0).length;
  return splits.flatMap((split, index): ListItem[] => {
    if (!split) return [{ keep: index }];
    const { elements, together } = split;
    if (elements.length === 0) return [];
    if (slots + elements.length - 1 > limit) return [{ add: together() }];
    slots += elements.length - 1;
    return elements.map((element) => ({ add: element }));
  });
}

/** What is left of an element that held several certificates, one by one and as one element. */
interface Split {
  readonly elements: readonly string[];
  readonly together: () => string;
}

function additionsOf(intent: Intent, present: ReadonlySet<string>): Map<string, Certificate> {
  const additions = new Map<string, Certificate>();
  for (const { certificate } of intent.rows) {
    if (certificate && !present.has(certificate.fingerprint)) additions.set(certificate.fingerprint, certificate);
  }
  return additions;
}

/** Whoever came first is served first. */
function byAge(intents: readonly Intent[]): readonly Intent[] {
  return [...intents].sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
}
