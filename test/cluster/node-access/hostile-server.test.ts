import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { NodesObservation } from '../../../src/cluster/model/observation.ts';
import type { TargetAccess } from '../../../src/cluster/node-access/target-way.ts';
import { connectToTarget } from '../../../src/cluster/node-access/connect-target.ts';
import { createNodeReader, type Depth } from '../../../src/cluster/node-access/node-reader.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { eventually } from '../../eventually.ts';
import { CLUSTER_ID } from '../../harness/build.ts';
import { startHostileServer, WRONG_ANSWERS, type Hostility } from './hostile-server.ts';

jest.setTimeout(60_000);

const MIB = 2 ** 20;

/** All that a reading may take here, in ms. */
const READING_MS = 20_000;

/** Of a server that does not answer. */
const SILENT_MS = 1000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** One tenant's server that is hostile and one that is not, read by the same reader. */
async function twoTargets(hostility: Hostility, readingMs = READING_MS) {
  const [hostile, honest] = [await startHostileServer(hostility), await startHostileServer()];
  const connections = new Map([
    ['hostile', connectToTarget(hostile.credentials, { allowLocal: true })],
    ['honest', connectToTarget(honest.credentials, { allowLocal: true })],
  ]);
  const access: TargetAccess = {
    connectionFor: async ({ name }) => ({ kind: 'Open', connection: connections.get(name)! }),
    retain: async () => {},
    close: async () => {},
  };
  const nodes = createNodeReader(access, systemClock, { readingMs });
  closing.push(
    () => nodes.close(),
    () => Promise.all([...connections.values()].map((connection) => connection.close())),
    () => Promise.all([hostile.stop(), honest.stop()]),
  );
  const read = (name: 'hostile' | 'honest', depth: Depth) => {
    const cluster = { ...CLUSTER_ID, name, key: name };
    const ways = [{ kind: 'InCluster' }] as const;
    return nodes.read({ cluster, reconcile: {}, group: 'judge', ways }, depth, new AbortController().signal);
  };
  return { hostile, read };
}

/** What is said of a reading: the message, or how many nodes were read. */
function said(seen: NodesObservation): string {
  if (seen.kind === 'Unreadable') return seen.message;
  return seen.kind === 'Read' ? `${seen.nodes.length} nodes, ${seen.events?.length ?? 'no'} events` : seen.kind;
}

describe('a hostile server in place of a target', () => {
  it.each<[Hostility, RegExp]>([
    ['None', /^2 nodes, 1 events$/],
    ['EndlessNodes', /^The nodes cannot be listed: GET \/api\/v1\/nodes: the list has more than 10000 nodes$/],
    ['SameContinue', /the list does not end: page 2 continues as an earlier page did$/],
    ['EmptyPages', /the list does not end: 60 pages had arrived$/],
    ['EndlessEvents', /^2 nodes, no events$/],
    ['EndlessWatch', /^2 nodes, 1 events$/],
    ['EndlessChanges', /^2 nodes, 1 events$/],
    ['LongEvents', /^2 nodes, 1 events$/],
    ['HugeAnswer', /^The nodes cannot be listed: .*exceeds \d+ bytes/],
    ['DeepAnswer', /^The nodes cannot be listed: .*the answer is refused: it has more than 500000 values$/],
    ['Silent', /^The nodes could not be read within 1 s: listing the nodes took too long/],
    ['Drip', /^The nodes could not be read within 1 s: listing the nodes took too long/],
    [
      'Year9999',
      /^The times of the nodes are implausible: node odd has the creationTimestamp 9999-12-31T23:59:59\.000Z/,
    ],
    ['NoTimes', /^The nodes cannot be listed: node odd has the creationTimestamp /],
    [
      'WrongDate',
      /^The times of the nodes are implausible: the clock of the API server is \d{7} days ahead of the clock of the controller/,
    ],
    ['Escapes', /^The nodes cannot be listed: a node has the name "[ -~]*", which is not a DNS name$/],
    ['LongNames', /^The nodes cannot be listed: a node has the name "a{99}…", which is not a DNS name$/],
    ['OddPods', /^2 nodes, 7 events$/],
    ['RudeRefusal', /^The nodes cannot be listed: GET \/api\/v1\/nodes: 403 Forbidden: [ -~]*evil x{900,1100}$/],
  ])('that is %s is named, costs little, and delays no other cluster', async (hostility, message) => {
    const readingMs = hostility === 'Silent' || hostility === 'Drip' ? SILENT_MS : READING_MS;
    const { hostile, read } = await twoTargets(hostility, readingMs);
    await read('honest', 'Progress');
    collect();
    const heap = process.memoryUsage().heapUsed;
    let peak = 0;
    const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().heapUsed)), 5);
    const slowest: number[] = [];
    for (const depth of ['Outcome', 'Progress', 'Progress', 'Nodes'] as const) {
      const reading = read('hostile', depth);
      const began = performance.now();
      expect(said(await read('honest', 'Outcome'))).toBe('2 nodes, 1 events');
      slowest.push(performance.now() - began);
      const seen = await reading;
      expect(performance.now() - began).toBeLessThan(readingMs + 5000);
      if (depth === 'Nodes' && seen.kind === 'Read') expect(seen.nodes).toHaveLength(2);
      else expect(said(seen)).toMatch(message);
    }
    const watched = hostility === 'EndlessWatch' || hostility === 'EndlessChanges';
    if (watched) await eventually(async () => hostile.ended > 0, 20_000);
    clearInterval(sampling);
    collect();
    expect(Math.max(...slowest)).toBeLessThan(5000);
    expect((peak - heap) / MIB).toBeLessThan(200);
    expect((process.memoryUsage().heapUsed - heap) / MIB).toBeLessThan(20);
    expect(hostile.asked.filter((line) => line.includes('€') || line.includes('..') || line.includes('%20'))).toEqual(
      [],
    );
  });

  it('that answers in types of its own is named', async () => {
    const { read } = await twoTargets('WrongTypes');
    for (let time = 0; time < 2 * WRONG_ANSWERS.length; time++) {
      const seen = await read('hostile', (['Outcome', 'Progress'] as const)[time % 2]!);
      expect(said(seen)).toMatch(/^The nodes cannot be listed: [ -~]{1,300}$/);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is read as any other once it is honest', async () => {
    const { hostile, read } = await twoTargets('Year9999');
    expect((await read('hostile', 'Progress')).kind).toBe('Unreadable');
    hostile.hostility = 'None';
    expect(said(await read('hostile', 'Outcome'))).toBe('2 nodes, 1 events');
  });
});
