import type { JournalEntry, SimulatedCluster } from '../../simulator/index.ts';
import { fingerprintsIn, nameOf } from '../rules/certificates.ts';
import { takeOutList } from '../rules/list-text.ts';
import { differenceOf, faultsOfList, faultsOfRepeat, faultsOfText, type Difference } from '../rules/put-rules.ts';
import { OURS } from './foreign-things.ts';
import type { History } from './history.ts';

/** A write that ARM took, whether or not its answer arrived. */
export interface Write extends Difference {
  readonly seq: number;
  readonly clientId: string;
  readonly list: readonly string[];
}

export interface Judged {
  readonly writes: readonly Write[];
  /** Writes of the list that was there, after an operation had failed. */
  readonly resumed: number;
  readonly faults: readonly string[];
}

const ours = new Set(OURS.map(({ fingerprint }) => fingerprint));

/**
 * Holds everything that was sent about one cluster against the rules of the API. Only controllers write to it.
 *
 * @param seeded the list as it was at the beginning
 */
export function judgeJournal(
  journal: readonly JournalEntry[],
  cluster: SimulatedCluster,
  seeded: readonly string[],
  history: History,
): Judged {
  const faults: string[] = [];
  const writes: Write[] = [];
  let resumed = 0;
  let before = seeded;
  let read: JournalEntry | undefined;
  let view = 0;
  for (const entry of journal) {
    if (entry.resourceId?.toLowerCase() !== cluster.resourceId.toLowerCase()) continue;
    if (entry.operation === 'GetManagedCluster' && entry.status === 200) read = entry;
    if (entry.operation !== 'PutManagedCluster') continue;
    const fault = (what: string) => void faults.push(`write ${entry.seq} to ${cluster.resourceId}: ${what}`);
    const base = read?.responseText;
    if (base === undefined) fault('it was not read before');
    else
      for (const what of faultsOfText({ read: base, sent: entry.requestText ?? '', ifMatch: entry.ifMatch }))
        fault(what);
    if (entry.status === 0 && entry.lost) continue;
    if (entry.status !== 200) {
      fault(`ARM answers ${entry.status}: ${entry.responseText ?? 'nothing yet'}`);
      continue;
    }
    const { list } = takeOutList(entry.requestText ?? '');
    const write = { seq: entry.seq, clientId: entry.clientId, list, ...differenceOf(before, list) };
    writes.push(write);
    for (const what of [...faultsOfList(before, list), ...faultsOfForeign(seeded, list)]) fault(what);
    if (base !== undefined) for (const what of faultsOfRepeat(write, base)) fault(what);
    if (write.come.size + write.gone.size === 0) resumed++;
    else {
      const seen = history.asked.findIndex((asked, index) => index > view && isFor(list, asked));
      if (seen < 0) fault(`no object asks for ${describe(list)} any more: ${askedSince(history, view)}`);
      else view = seen;
    }
    before = list;
  }
  return { writes, resumed, faults };
}

/** Nobody but us takes anything out: the elements of others come first, and after them only certificates that objects ask for. */
function faultsOfForeign(seeded: readonly string[], list: readonly string[]): string[] {
  const faults = seeded.flatMap((element, index) =>
    list[index] === element ? [] : [`foreign element ${index} is lost`],
  );
  if (list.slice(seeded.length).some((element) => !OURS.some((one) => one.element === element)))
    faults.push('an element that no object asked for');
  return faults;
}

/** Whether a list is what a moment's objects ask for. */
export function isFor(list: readonly string[], { wanted, mayStay }: History['latest']): boolean {
  const listed = fingerprintsIn(list);
  return [...ours].every((one) => (wanted.has(one) ? listed.has(one) : !listed.has(one) || mayStay.has(one)));
}

export function describe(list: readonly string[]): string {
  return `[${[...fingerprintsIn(list)]
    .filter((one) => ours.has(one))
    .map(nameOf)
    .join(' ')}]`;
}

function askedSince(history: History, from: number): string {
  const deeds = history.asked.slice(from, from + 12).map(({ deed, wanted, mayStay }) => {
    const staying = [...mayStay].filter((one) => !wanted.has(one)).map(nameOf);
    return `${deed}: ${[...wanted].map(nameOf).join(' ')}${staying.length > 0 ? ` (${staying.join(' ')})` : ''}`;
  });
  return deeds.join('; ');
}
