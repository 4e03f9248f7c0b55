import { hash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { ContentCache } from './content-cache.ts';
import { readElement } from './element.ts';
import type { ElementReading } from './element.ts';
import { isTooLarge } from './limits.ts';
import { readSource } from './read-source.ts';
import type { SourceReading } from './read-source.ts';

/** Bounds of a {@link CertificateReader}'s cache; `maxBytes` is an estimate of memory, not of input. */
export interface ReaderOptions {
  /** Default 16384. */
  readonly maxEntries?: number;
  /** Default 128 MiB: some 8000 certificates. */
  readonly maxBytes?: number;
}

/** Reads sources and list elements through a cache by content. */
export interface CertificateReader {
  /** {@link readSource}, cached. The same result may be returned again, so callers must not change it. */
  readSource(text: string): SourceReading;
  /** {@link readElement}, cached. */
  readElement(element: string): ElementReading;
  /** Since the reader was made. */
  statistics(): ReaderStatistics;
}

export interface ReaderStatistics {
  readonly hits: number;
  readonly misses: number;
}

const DEFAULT_ENTRIES = 16384;
const DEFAULT_BYTES = 128 * 1024 * 1024;
/** Estimated bytes of an entry without certificates: key, list cells, problems. */
const ENTRY_BYTES = 1024;
/** Estimated bytes of a certificate besides its texts: DER and OpenSSL's structure, some 10 KiB until the details are read. */
const CERTIFICATE_BYTES = 12 * 1024;

/** Makes a reader; the operator needs one. */
export function createCertificateReader(options: ReaderOptions = {}): CertificateReader {
  const bounds = { maxEntries: options.maxEntries ?? DEFAULT_ENTRIES, maxBytes: options.maxBytes ?? DEFAULT_BYTES };
  const cache = new ContentCache<SourceReading | ElementReading>(bounds);
  let hits = 0;
  let misses = 0;
  function remembered<Reading extends SourceReading | ElementReading>(
    kind: string,
    text: string,
    read: (text: string) => Reading,
    bytesOf: (reading: Reading) => number,
  ): Reading {
    // A text above the limit is refused in constant time; hashing it would take longer.
    if (isTooLarge(text)) return read(text);
    const key = kind + hash('sha256', text, 'base64');
    const known = cache.get(key);
    if (known !== undefined) {
      hits++;
      return known as Reading;
    }
    misses++;
    const reading = read(text);
    cache.set(key, reading, bytesOf(reading));
    return reading;
  }
  return {
    readSource: (text) => remembered('source:', text, readSource, bytesOfSource),
    readElement: (element) => remembered('element:', element, readElement, bytesOfElement),
    statistics: () => ({ hits, misses }),
  };
}

function sizeOf(certificates: readonly Certificate[]): number {
  let bytes = ENTRY_BYTES;
  for (const { pem, element } of certificates) bytes += pem.length + element.length + CERTIFICATE_BYTES;
  return bytes;
}

function bytesOfSource({ items }: SourceReading): number {
  return sizeOf(items.flatMap((item) => (item.kind === 'certificate' ? [item.certificate] : [])));
}

function bytesOfElement(reading: ElementReading): number {
  switch (reading.kind) {
    case 'single':
      return sizeOf([reading.certificate]);
    case 'several':
      return sizeOf(reading.certificates) + (reading.rest?.element.length ?? 0);
    case 'unreadable':
      return sizeOf([]);
  }
}
