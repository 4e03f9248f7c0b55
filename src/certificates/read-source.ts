import type { CertificateProblem, CertificateProblemKind, SourceItem } from './certificate.ts';
import { detach } from '../api/detach.ts';
import type { Finding, ProblemFinding } from './finding.ts';
import { MAX_SOURCE_BYTES, MAX_SOURCE_CERTIFICATES, isTooLarge } from './limits.ts';
import { nothingFound } from './nothing-found.ts';
import { readText } from './pem/read-text.ts';

/** The content of a source: every certificate and every problem, in order; never empty. */
export interface SourceReading {
  readonly items: readonly SourceItem[];
}

/**
 * Reads certificates in PEM, as people paste them. Never throws. A bad certificate does not hide the others. A private key does,
 * and so does a source beyond the limits: then the result has problems only.
 */
export function readSource(text: string): SourceReading {
  if (isTooLarge(text)) {
    const message = `the source is larger than ${MAX_SOURCE_BYTES / 1024} KiB and is not read: keep only the certificates that the nodes need`;
    return onlyProblem('TooLarge', message);
  }
  const items = limitedItems(readText(text));
  if (items.length > 0) return { items };
  if (text.trim() === '') return onlyProblem('Empty', 'the source is empty: paste at least one certificate in PEM');
  return onlyProblem('NotACertificate', nothingFound(text));
}

/** The items of findings, with the limits of a source; `empty` is the message where there are none. */
export function collectItems(findings: Iterable<Finding>, empty: string): readonly SourceItem[] {
  const items = limitedItems(findings);
  return items.length > 0 ? items : onlyProblem('Empty', empty).items;
}

function limitedItems(findings: Iterable<Finding>): readonly SourceItem[] {
  const items: SourceItem[] = [];
  for (const finding of findings) {
    if (items.length === MAX_SOURCE_CERTIFICATES) return beyondCount(items, finding.line);
    items.push(itemOf(finding, items.length));
  }
  return withoutCertificatesBesideKeys(items);
}

function itemOf(finding: Finding, index: number): SourceItem {
  if (finding.kind === 'problem') return { kind: 'problem', problem: problemOf(finding, index) };
  const { kind, line, certificate, warnings } = finding;
  return { kind, index, line, certificate, warnings };
}

function problemOf({ line, column, problem, message }: ProblemFinding, index: number): CertificateProblem {
  return { index, line, ...(column === undefined ? {} : { column }), kind: problem, message: detach(message) };
}

function beyondCount(items: readonly SourceItem[], line: number): readonly SourceItem[] {
  if (items.some(isPrivateKey)) return items.filter(isPrivateKey);
  const index = items.length;
  const message = `more than ${MAX_SOURCE_CERTIFICATES} certificates in one source, so none of them is used: keep only those that the nodes need`;
  return [{ kind: 'problem', problem: { index, line, kind: 'TooManyCertificates', message } }];
}

/** A source with a private key is probably the wrong file, so its certificates are not used either. */
function withoutCertificatesBesideKeys(items: readonly SourceItem[]): readonly SourceItem[] {
  return items.some(isPrivateKey) ? items.filter(isPrivateKey) : items;
}

function isPrivateKey(item: SourceItem): boolean {
  return item.kind === 'problem' && item.problem.kind === 'PrivateKey';
}

function onlyProblem(kind: CertificateProblemKind, message: string): SourceReading {
  return { items: [{ kind: 'problem', problem: { index: 0, line: 1, kind, message } }] };
}
