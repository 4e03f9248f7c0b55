import { judgeList, type Placed } from './certificate-findings.ts';
import type { LintFinding, Severity } from './finding.ts';
import type { Share } from './manifest.ts';

/** A share with its file. */
export interface FileShare extends Share {
  readonly file: string;
}

/** A certificate with its file. */
export interface FilePlaced extends Placed {
  readonly file: string;
}

/** What only all objects of one cluster show: its list is one. Objects that name no cluster are judged alone. */
export function judgeClusters(shares: readonly FileShare[]): LintFinding[] {
  const lists = new Map<string, FilePlaced[]>();
  for (const [index, { cluster, placed, file }] of shares.entries()) {
    const key = cluster ?? `object ${index}`;
    const list = lists.get(key) ?? [];
    for (const one of placed) list.push({ ...one, file });
    lists.set(key, list);
  }
  return [...lists.values()].flatMap((list) => judgeFilesList(list, 'Error'));
}

/** As {@link judgeList}, with the file of each finding. */
export function judgeFilesList(list: readonly FilePlaced[], severity: Severity): LintFinding[] {
  return judgeList(list, severity).map(({ member, found }) => ({ file: member.file, ...found }));
}
