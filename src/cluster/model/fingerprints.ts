import { createHash } from 'node:crypto';
import type { Certificate } from '../../certificates/certificate.ts';
import type { ElementReading } from '../../certificates/element.ts';

/** The certificates in an element; none for one that cannot be read. */
export function certificatesOf(element: ElementReading): readonly Certificate[] {
  switch (element.kind) {
    case 'single':
      return [element.certificate];
    case 'several':
      return element.certificates;
    case 'unreadable':
      return [];
  }
}

export function fingerprintsOf(element: ElementReading): readonly string[] {
  return certificatesOf(element).map(({ fingerprint }) => fingerprint);
}

/** The parts that identify a list: fingerprints, and digests of content that cannot be read. Order, repetition and spelling do not count. */
export function partsOf(list: readonly ElementReading[]): ReadonlySet<string> {
  return new Set(list.flatMap((element) => [...fingerprintsOf(element), ...opaquePartsOf(element)]));
}

/** Digests of content without a fingerprint: an element that cannot be read, or content beside an element's certificates. */
export function opaquePartsOf(element: ElementReading): readonly string[] {
  switch (element.kind) {
    case 'single':
      return [];
    case 'several':
      return element.rest === undefined ? [] : [`opaque:${element.rest.digest}`];
    case 'unreadable':
      return [`opaque:${element.digest}`];
  }
}

/** A digest that is equal for equal lists. */
export function digestOf(parts: Iterable<string>): string {
  return createHash('sha256')
    .update([...new Set(parts)].sort().join('\n'))
    .digest('hex');
}
