import { judgeList, type Placed } from './certificate-findings.ts';
import type { LintFinding } from './finding.ts';
import type { Share } from './manifest.ts';

/** A share with its file. */
export interface FileShare extends Share {
  readonly file: string;
}

/** What only all objects of one cluster show: its list is one. Objects that name no cluster are judged alone. */
export function judgeClusters(shares: readonly FileShare[]): LintFinding[] {
  const lists = new Map<string, (Placed & { readonly file: string })[]>();
  for (const [index, { cluster, placed, file }] of shares.entries()) {
    const key = cluster ?? `object ${index}`;
    const list = lists.get(key) ?? [];
    for (const one of placed) list.push({ ...one, file });
    lists.set(key, list);
  }
  return [...lists.values()].flatMap((list) =>
    judgeList(list, 'Error').map(({ member, found }) => ({ file: member.file, ...found })),
  );
}
