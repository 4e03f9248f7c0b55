import type { JournalEntry, SimulatedCluster } from '../../simulator/index.ts';
import { takeOutList } from '../simulation/aks-text.ts';
import { fingerprintsIn, nameOf } from '../simulation/certificates.ts';
import { OURS } from './foreign-things.ts';
import type { History } from './history.ts';

/** A write that ARM took, whether or not anybody heard of it. */
export interface Write {
  readonly seq: number;
  readonly clientId: string;
  readonly list: readonly string[];
  readonly come: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

interface Shown {
  readonly eTag?: string;
  readonly properties: {
    readonly provisioningState?: string;
    readonly agentPoolProfiles?: readonly { readonly provisioningState?: string }[];
  };
}

export interface Judged {
  readonly writes: readonly Write[];
  /** Writes of the list that was there, after an operation had failed. */
  readonly resumed: number;
  readonly faults: readonly string[];
}

const ours = new Set(OURS.map(({ fingerprint }) => fingerprint));

/**
 * Holds everything that was sent about one cluster against the rules of the API. Nobody but controllers writes to it.
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
    for (const what of faultsOfRequest(entry, read)) fault(what);
    if (entry.status === 0 && entry.lost) continue;
    if (entry.status !== 200) {
      fault(`ARM answers ${entry.status}: ${entry.responseText ?? 'nothing yet'}`);
      continue;
    }
    const { list } = takeOutList(entry.requestText ?? '');
    const write = { seq: entry.seq, clientId: entry.clientId, list, ...difference(before, list) };
    writes.push(write);
    for (const what of faultsOfList(seeded, list)) fault(what);
    if (write.come.size + write.gone.size === 0) {
      resumed++;
      if (stateIn(read?.responseText ?? '') !== 'Failed') fault('it has no difference, and nothing had failed');
    } else {
      const seen = history.asked.findIndex((asked, index) => index > view && isFor(list, asked));
      if (seen < 0) fault(`nobody asked for ${describe(list)} any more: ${told(history, view)}`);
      else view = seen;
    }
    before = list;
  }
  return { writes, resumed, faults };
}

/** A write goes over a fresh look at a cluster that can take it, and changes nothing else. */
function faultsOfRequest(entry: JournalEntry, read: JournalEntry | undefined): string[] {
  const text = read?.responseText;
  if (text === undefined) return ['nobody looked before'];
  const { eTag, properties } = JSON.parse(text) as Shown;
  const faults: string[] = [];
  const states = [properties, ...(properties.agentPoolProfiles ?? [])].map((one) => one.provisioningState);
  if (!states.every((state) => /^(Succeeded|Failed|Canceled)$/.test(state ?? '')))
    faults.push(`it is made over a read of a cluster at work: ${states.join(', ')}`);
  if (eTag === undefined || entry.ifMatch?.replaceAll('"', '') !== eTag)
    faults.push(`If-Match is ${entry.ifMatch}, and ${eTag} was read`);
  if (takeOutList(entry.requestText ?? '').rest !== takeOutList(text).rest)
    faults.push('it changes more than the list');
  return faults;
}

/** What others put in is all there, byte for byte, in its order, before what is ours; and what is ours is in it once. */
function faultsOfList(seeded: readonly string[], list: readonly string[]): string[] {
  const faults = seeded.flatMap((element, index) =>
    list[index] === element ? [] : [`foreign element ${index} is lost`],
  );
  const rest = list.slice(seeded.length);
  if (rest.some((element) => !OURS.some((one) => one.element === element)))
    faults.push('an element that nobody asked for');
  if (new Set(rest).size < rest.length) faults.push('a certificate is in it twice');
  return faults;
}

/** Whether a list is what a moment's objects ask for. */
export function isFor(list: readonly string[], { wanted, mayStay }: History['latest']): boolean {
  const listed = fingerprintsIn(list);
  return [...ours].every((one) => (wanted.has(one) ? listed.has(one) : !listed.has(one) || mayStay.has(one)));
}

function difference(before: readonly string[], after: readonly string[]): Pick<Write, 'come' | 'gone'> {
  const was = fingerprintsIn(before);
  const shall = fingerprintsIn(after);
  return { come: without(shall, was), gone: without(was, shall) };
}

function without(some: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...some].filter((one) => !others.has(one)));
}

function stateIn(text: string): string | undefined {
  return (JSON.parse(text) as Shown).properties.provisioningState;
}

export function describe(list: readonly string[]): string {
  return `[${[...fingerprintsIn(list)]
    .filter((one) => ours.has(one))
    .map(nameOf)
    .join(' ')}]`;
}

function told(history: History, from: number): string {
  const said = history.asked.slice(from, from + 12).map(({ deed, wanted, mayStay }) => {
    const staying = [...mayStay].filter((one) => !wanted.has(one)).map(nameOf);
    return `${deed}: ${[...wanted].map(nameOf).join(' ')}${staying.length > 0 ? ` (${staying.join(' ')})` : ''}`;
  });
  return said.join('; ');
}
