import { describe, expect, it } from '@jest/globals';
import type { JournalEntry, SimulatedCluster } from '../../simulator/index.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { POOL } from '../rules/certificates.ts';
import { OURS } from './foreign-things.ts';
import { History } from './history.ts';
import { judgeJournal, type Write } from './journal-rules.ts';
import { faultsOfVersions, faultsOfWrites } from './record-rules.ts';

const cluster = { resourceId: '/Clusters/c' } as SimulatedCluster;
const foreign = [POOL[10]!.element, btoa('left by another team')];
const [a, b, c] = OURS.map(({ fingerprint }) => fingerprint) as [string, string, string];

/** A cluster's text: as a read shows it, and as a write sends it. */
function text(
  elements: readonly string[],
  { state = 'Succeeded', pool = 'Succeeded', eTag = 'e1', extra = '1.50' } = {},
): string {
  return `{"eTag":"${eTag}","properties":{"provisioningState":"${state}","agentPoolProfiles":[{"provisioningState":"${pool}"}],"odd":${extra},"securityProfile":{"customCATrustCertificates":${JSON.stringify(elements)}}}}`;
}

function journalOf(...entries: Partial<JournalEntry>[]): JournalEntry[] {
  const about = {
    at: '',
    arrivedAt: 0,
    path: '',
    query: '',
    apiVersion: '',
    clientId: 'x',
    method: '',
    resourceId: '/clusters/C',
  };
  return entries.map((entry, index) => ({
    ...about,
    operation: 'GetManagedCluster',
    status: 200,
    seq: index + 1,
    ...entry,
  }));
}

const read = (responseText: string): Partial<JournalEntry> => ({ responseText });
const write = (requestText: string, more: Partial<JournalEntry> = {}): Partial<JournalEntry> => ({
  operation: 'PutManagedCluster',
  requestText,
  ifMatch: '"e1"',
  ...more,
});
const withOurs = (...places: number[]) => [...foreign, ...places.map((place) => OURS[place]!.element)];

function historyOf(...asked: string[][]): History {
  const history = new History();
  for (const named of asked) history.names('t', named);
  return history;
}

const faultsOf = (history: History, ...entries: Partial<JournalEntry>[]) =>
  judgeJournal(journalOf(...entries), cluster, foreign, history).faults;

describe('the rules of a journal', () => {
  it('find nothing in a write of what was asked for, whether or not its answer came', () => {
    const history = historyOf([a], [a, b]);
    const judged = judgeJournal(
      journalOf(
        read(text(foreign)),
        write(text(withOurs(0)), { lost: true }),
        read(text(withOurs(0))),
        write(text(withOurs(0, 1)), { status: 0, lost: true }),
        write(text(withOurs(0, 1))),
      ),
      cluster,
      foreign,
      history,
    );
    expect(judged).toMatchObject({ faults: [], resumed: 0 });
    expect(judged.writes.map(({ come, gone }) => [[...come], [...gone]])).toEqual([
      [[a], []],
      [[b], []],
    ]);
  });

  it.each([
    ['it was not read before', []],
    ['a cluster at work: Updating', [read(text(foreign, { state: 'Updating' }))]],
    ['a cluster at work: Succeeded, Upgrading', [read(text(foreign, { pool: 'Upgrading' }))]],
    ['If-Match is "e1", and e2 was read', [read(text(foreign, { eTag: 'e2' }))]],
    ['changes more than the list', [read(text(foreign, { extra: '1.5' }))]],
  ] as const)('find a write over a wrong read: %s', (fault, reads) => {
    expect(faultsOf(historyOf([a]), ...reads, write(text(withOurs(0)))).join()).toContain(fault);
  });

  it('find a write without a difference, but for one after a failure', () => {
    const history = historyOf([a]);
    const first = [read(text(foreign)), write(text(withOurs(0)))];
    const again = write(text(withOurs(0)));
    expect(faultsOf(history, ...first, read(text(withOurs(0))), again).join()).toContain('no difference');
    const failed = text(withOurs(0), { state: 'Failed' });
    expect(faultsOf(history, ...first, read(failed), write(failed))).toEqual([]);
  });

  it.each([
    ['foreign element 0 is lost', [foreign[1]!, OURS[0]!.element]],
    ['foreign element 1 is lost', [foreign[0]!, OURS[0]!.element]],
    ['a certificate is in it twice', withOurs(0, 0)],
    ['an element that no object asked for', [...withOurs(0), POOL[12]!.element]],
    ['no object asks for', withOurs(1)],
    ['no object asks for', withOurs(0, 1)],
  ])('find a wrong list: %s', (fault, list) => {
    expect(faultsOf(historyOf([a]), read(text(foreign)), write(text(list))).join()).toContain(fault);
  });

  it('find a step back to what is no longer asked for, and the same done twice', () => {
    const history = historyOf([a], [b], [c]);
    const sent = (...places: number[]) => [read(text(foreign)), write(text(withOurs(...places)))];
    expect(faultsOf(history, ...sent(0), ...sent(2))).toEqual([]);
    expect(faultsOf(history, ...sent(1), ...sent(0)).join()).toContain('no object asks for');
    expect(faultsOf(history, ...sent(0), ...sent(1), ...sent(0)).join()).toContain('no object asks for');
  });

  it('let what an object leaves behind with Retain stay or not, and what it leaves with Remove go', () => {
    const retained = historyOf([a], [a, b]);
    retained.goes('t', 'Retain');
    retained.names('u', [c]);
    for (const staying of [[2], [0, 2], [0, 1, 2]])
      expect(faultsOf(retained, read(text(foreign)), write(text(withOurs(...staying))))).toEqual([]);
    const removed = historyOf([a]);
    removed.goes('t', 'Remove');
    removed.names('u', [c]);
    expect(faultsOf(removed, read(text(foreign)), write(text(withOurs(0, 2)))).join()).toContain('no object asks for');
  });

  it('find a write that ARM refused', () => {
    const refused = write(text(withOurs(0)), { status: 409, responseText: 'OperationNotAllowed' });
    expect(faultsOf(historyOf([a]), read(text(foreign)), refused).join()).toContain('ARM answers 409');
  });
});

describe('the rules of the writes and versions of a record', () => {
  const sent = (come: string[], gone: string[] = []): Write => ({
    seq: 1,
    clientId: 'x',
    list: [],
    come: new Set(come),
    gone: new Set(gone),
  });
  const version = (id: string, attempts: number, adds: string[]): TargetCluster =>
    ({
      status: {
        operation: {
          ...{ id, attempts },
          updateTrust: { listDigest: '', adds: adds.map((fingerprintSHA256) => ({ fingerprintSHA256 })) },
        },
      },
    }) as unknown as TargetCluster;

  it('let an attempt be sent once or never', () => {
    const versions = [version('1', 1, [a]), version('1', 1, [a]), version('2', 1, [a]), version('3', 1, [b])];
    expect(faultsOfWrites([sent([a]), sent([b])], versions)).toEqual([]);
    expect(faultsOfWrites([sent([a]), sent([b]), sent([b])], versions)).toHaveLength(1);
    expect(faultsOfWrites([sent([b]), sent([a])], versions)).toHaveLength(1);
    expect(faultsOfWrites([sent([c])], versions)).toHaveLength(1);
  });

  it('let a list be sent again only where the record counts another attempt', () => {
    const versions = [version('1', 1, [a]), version('1', 2, [a])];
    expect(faultsOfWrites([sent([a]), sent([])], versions)).toEqual([]);
    expect(faultsOfWrites([sent([a]), sent([]), sent([])], versions)).toHaveLength(1);
  });

  it('find an operation that one version of a record changed, and no other record of that cluster', () => {
    const of = (uid: string, listDigest: string) =>
      ({
        metadata: { name: 'c', uid },
        status: { operation: { id: '1', updateTrust: { listDigest } } },
      }) as TargetCluster;
    expect(faultsOfVersions([of('u', 'x'), of('u', 'x'), of('v', 'y')])).toEqual([]);
    expect(faultsOfVersions([of('u', 'x'), of('v', 'y'), of('u', 'z')])).toEqual([
      'c: an operation keeps its listDigest: x became z',
    ]);
  });
});
