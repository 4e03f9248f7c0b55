import type { ListItem } from '../../../azure/replace-list.ts';
import type { Certificate } from '../../../certificates/certificate.ts';
import type { ElementReading } from '../../../certificates/element.ts';
import { byAge, type TrustIntent } from '../../model/intent.ts';
import type { NamedCertificate } from '../../model/record.ts';
import type { Claims, Merge } from '../../model/trust.ts';
import { certificatesOf, digestOf, fingerprintsOf, partsOf } from '../../model/fingerprints.ts';

export interface MergeInput {
  readonly list: readonly ElementReading[];
  readonly claims: Claims;
  /** Fingerprints that some object names. */
  readonly wanted: ReadonlySet<string>;
  readonly intents: readonly TrustIntent[];
  /** Managed certificates that another client removed. */
  readonly missing: ReadonlySet<string>;
  /** True: changes of other clients are left as they are. */
  readonly contended: boolean;
  /** Objects whose additions ARM rejected because of their certificates. */
  readonly rejected: ReadonlySet<string>;
  /** The only objects that may add certificates in this reconcile. Absent: all may. */
  readonly alone?: ReadonlySet<string>;
  readonly limit: number;
}

/** Merges the certificates of all objects into one list. Existing elements keep their bytes and order; new ones go to the end. */
export function merge(input: MergeInput): Merge {
  const { list, claims, limit, missing } = input;
  const leaving = new Set<string>();
  const contendedFor = new Set<string>();
  const removesUnmanaged = mayRemoveUnmanaged(input.intents);
  for (const fingerprint of list.flatMap(fingerprintsOf)) {
    if (input.wanted.has(fingerprint)) continue;
    const claim = claims.get(fingerprint);
    // An adopted certificate still has a claim only when its last object may remove it.
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
  // The oldest object gets free slots first.
  for (const intent of input.intents.toSorted(byAge)) {
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

/**
 * True when every object of the cluster sets Remove, and none is held, suspended or partly unreadable: a certificate that such
 * an object wants could be among the unmanaged ones.
 */
function mayRemoveUnmanaged(intents: readonly TrustIntent[]): boolean {
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
 * The elements that stay in the list. An element stays unchanged while all of its certificates stay. An element of several
 * certificates is split only when one of them must leave; certificates that the list has elsewhere are dropped from it. When
 * there are not enough slots, its remaining certificates stay in one element. Content beside the certificates always stays.
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

/** The remaining certificates of an element that held several, as separate elements and as one. */
interface Split {
  readonly elements: readonly string[];
  readonly together: () => string;
}

function additionsOf(intent: TrustIntent, present: ReadonlySet<string>): Map<string, Certificate> {
  const additions = new Map<string, Certificate>();
  for (const { certificate } of intent.rows) {
    if (certificate && !present.has(certificate.fingerprint)) additions.set(certificate.fingerprint, certificate);
  }
  return additions;
}
