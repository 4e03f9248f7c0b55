import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import type { ManagedClusters } from '../../../src/azure/managed-clusters.ts';
import { act, type Tools } from '../../../src/cluster/act/act.ts';
import type { NodesObservation, Observation } from '../../../src/cluster/model/observation.ts';
import { createObjectWrites } from '../../../src/cluster/act/object-writes.ts';
import { createMutationCache } from '../../../src/kubernetes/cache/mutation-cache.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import type { Records } from '../../../src/cluster/model/records.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';
import {
  at,
  element,
  failure,
  intent,
  node,
  observe,
  pool,
  recordObject,
  rootsIn,
  SECOND,
  slot,
  START,
} from '../../harness/build.ts';

interface Setting {
  readonly put?: Awaited<ReturnType<ManagedClusters['put']>>;
  readonly nodes?: NodesObservation & { readonly serverTime?: number };
  /** How long the nodes take to be read, and the record to be written. */
  readonly nodesMs?: number;
  readonly recordMs?: number;
  /** How long ARM takes to answer a read, and what it shows then. */
  readonly getMs?: number;
  readonly getFails?: ReturnType<typeof failure>;
  /** The objects as they are by then. */
  readonly edited?: Observation['intents'];
  readonly then?: Parameters<typeof observe>[0];
  readonly recordFails?: boolean;
}

/** What act.ts does, in order, with clients that note it. */
async function carryOut(seen: Observation, setting: Setting = {}) {
  const log: string[] = [];
  const lostTo: string[] = [];
  let time = START;
  let stored: Observation['record'] = seen.record;
  const bodies: string[] = [];
  const leaveBys: number[] = [];
  const records: Records = {
    conflict: () => undefined,
    read: () => stored,
    write: async (_id, _before, status) => {
      const { operation, refusal } = status;
      log.push(
        `record${operation ? ` ${operation.id}/${operation.attempts}` : ''}${refusal ? ` ${refusal.code}` : ''}`,
      );
      if (setting.recordFails) throw new Error('409 Conflict');
      time += setting.recordMs ?? 0;
      stored = recordObject(status)!;
      return stored;
    },
    defer: (_, status) => {
      log.push('deferred');
      stored = recordObject(status)!;
      return stored;
    },
    remove: async () => void log.push('record removed'),
    confirm: async () => void log.push('record confirmed'),
    receiveFromWatch: () => false,
    newest: (record) => record,
  };
  const arm = {
    put: async (_id: unknown, body: string, eTag: string | undefined, ...[, , leaveBy]: [string, unknown, number]) => {
      log.push(`put ${eTag}`);
      leaveBys.push(leaveBy);
      bodies.push(body);
      return setting.put ?? { ok: true, value: undefined };
    },
    get: async () => {
      log.push('get');
      const readAt = time;
      time += setting.getMs ?? 0;
      if (setting.getFails) return { ok: false, failure: setting.getFails };
      const again = reading({ ...setting.then, readAt });
      return again.arm.ok ? { ok: true, value: again.arm.reading } : again.arm;
    },
  } as unknown as ManagedClusters;
  const connection = {
    request: async ({ body, path }: { body: { metadata: { finalizers: string[] } }; path: string }) => {
      const { finalizers } = body.metadata;
      log.push(`${path.slice(path.lastIndexOf('/') + 1)} finalisers [${finalizers.join()}]`);
      return { metadata: { finalizers } };
    },
  } as unknown as Connection;
  const tools: Tools = {
    objects: createObjectWrites({ connection, overlay: createMutationCache<CustomCATrust>(), now: () => time }),
    records,
    arm,
    gather: {
      known: (id) => ({
        id,
        record: stored,
        intents: setting.edited ?? observation.intents,
        outsiders: [],
        ways: observation.ways,
      }),
      lostRace: (_, names) => void lostTo.push(...names),
      sent: () => {},
    },
    now: () => time,
    timing: DEFAULT_TIMING,
  };
  time += setting.nodesMs ?? 0;
  const nodes = setting.nodes ?? ({ kind: 'NoAccess' } as const);
  const counted = { nodes, own: new Map(), tookMs: setting.nodesMs ?? 0 };
  const observation = { ...seen, counted };
  const decision = plan(observation, START, DEFAULT_TIMING, () => 'new');
  const { signal } = new AbortController();
  const done = await act(observation, decision, tools, signal).catch((error: unknown) => {
    log.push(`threw ${(error as Error).message}`);
    return undefined;
  });
  return { log, lostTo, done, stored, bodies, leaveBys, decision };
}

/** A read of a cluster, with a text that a body can be made of. */
function reading(seen: Parameters<typeof observe>[0] = {}): Observation {
  const observation = observe(seen);
  if (!observation.arm.ok) return observation;
  const text = JSON.stringify({ properties: { securityProfile: { customCATrustCertificates: seen.elements ?? [] } } });
  return { ...observation, arm: { ...observation.arm, reading: { ...observation.arm.reading, text } } };
}

const wanting = reading({ intents: [intent('a', [0])] });

describe('a decision that is carried out', () => {
  it('is in the record before ARM hears of it, and the answer waits for the next write', async () => {
    const { log, done, bodies } = await carryOut(wanting);
    expect(log).toEqual(['record new/1', 'put e1', 'deferred']);
    expect(done?.sent).toBe('Accepted');
    const body = JSON.parse(bodies[0] ?? '') as {
      properties: { securityProfile: { customCATrustCertificates: string[] } };
    };
    expect(rootsIn(body.properties.securityProfile.customCATrustCertificates)).toEqual([[0]]);
  });

  it('does not reach ARM when the record cannot be written', async () => {
    const { log } = await carryOut(wanting, { recordFails: true });
    expect(log).toEqual(['record new/1', 'threw 409 Conflict']);
  });

  it('has the baseline of the newest node, or of the API server’s time where there is none', async () => {
    const nodes = [node('x', START - 5000), node('y', START - 3000)];
    const newest = await carryOut(wanting, { nodes: { kind: 'Read', nodes } });
    expect(newest.stored?.status?.operation?.baseline).toBe(at(START - 3000));
    const empty = await carryOut(wanting, { nodes: { kind: 'Read', nodes: [], serverTime: START - 1000 } });
    expect(empty.stored?.status?.operation?.baseline).toBe(at(START - 1000));
    const coarse = await carryOut(wanting);
    expect(coarse.stored?.status?.operation).not.toHaveProperty('baseline');
  });

  it('goes without a baseline where nodes cannot be seen and its objects never asked that they be', async () => {
    const { log, stored } = await carryOut(wanting, { nodes: { kind: 'Unreadable', message: 'no route' } });
    expect(log).toEqual(['record new/1', 'put e1', 'deferred']);
    expect(stored?.status?.operation).not.toHaveProperty('baseline');
    expect(stored?.status?.nodes?.summary).toBe('0/2 (coarse)');
  });

  it.each<[string, Setting]>([
    ['the nodes take 6 s to list', { nodesMs: 6 * SECOND }],
    ['the record takes 6 s to write', { recordMs: 6 * SECOND }],
    ['everything takes 2 s', { nodesMs: 2 * SECOND, recordMs: 2 * SECOND, getMs: 2 * SECOND }],
  ])('is made of another read, right before it goes, when %s', async (_when, setting) => {
    const { log, done } = await carryOut(wanting, { ...setting, then: { eTag: 'e2' } });
    expect(log).toEqual(['record new/1', 'get', 'put e2', 'deferred']);
    expect(done?.sent).toBe('Accepted');
  });

  it('goes when an autoscaler has changed nothing but the number of nodes meanwhile', async () => {
    const { log } = await carryOut(wanting, { nodesMs: 6 * SECOND, then: { eTag: 'e2', pools: [pool({ count: 9 })] } });
    expect(log).toEqual(['record new/1', 'get', 'put e2', 'deferred']);
  });

  it.each<[string, Parameters<typeof observe>[0]]>([
    ['the list', { elements: [element(1)] }],
    ['the state', { provisioningState: 'Updating' }],
    ['a pool', { pools: [pool({ provisioningState: 'Scaling' })] }],
    ['the cluster itself', { resourceUID: 'another' }],
  ])('is decided anew when %s has changed meanwhile', async (_what, then) => {
    const { log, done, stored } = await carryOut(wanting, { nodesMs: 6 * SECOND, then });
    expect(log).toEqual(['record new/1', 'get', 'record NotSent']);
    expect(done).toMatchObject({ unsent: true, afterMs: 0 });
    expect(done?.sent).toBeUndefined();
    expect(stored?.status?.refusal).toMatchObject({ reason: 'Conflict', count: 1, unsent: true });
    expect(stored?.status?.operation).toBeUndefined();
  });

  it.each<[string, Observation['intents'], string]>([
    ['edited', [intent('a', [1], { generation: 2 })], 'team/a'],
    ['suspended', [intent('a', [0], { generation: 2, suspend: true })], 'team/a'],
    ['added', [intent('a', [0]), intent('b', [1])], 'team/b'],
    ['deleted', [], 'team/a'],
  ])('is decided anew when an object was %s while the nodes were listed', async (_what, edited, name) => {
    const { log, lostTo } = await carryOut(wanting, { nodesMs: 6 * SECOND, edited });
    expect(log).toEqual(['record new/1', 'get', 'record NotSent']);
    expect(lostTo).toEqual([name]);
  });

  it.each<[string, Observation['intents']]>([
    ['edited', [intent('a', [0], { generation: 2 })]],
    ['annotated', [intent('a', [0], { requestedAt: 'now' })]],
    ['added that wants the same', [intent('a', [0]), intent('b', [0])]],
    ['added that wants nothing', [intent('a', [0]), intent('b', [])]],
  ])('goes out when an object was %s meanwhile and the list stays as it was decided', async (_what, edited) => {
    const { log } = await carryOut(wanting, { nodesMs: 6 * SECOND, edited });
    expect(log).toEqual(['record new/1', 'get', 'put e1', 'deferred']);
  });

  it.each<[string, Setting, string[]]>([
    [
      'ARM itself takes 6 s to answer',
      { nodesMs: 3 * SECOND, getMs: 6 * SECOND },
      ['record new/1', 'get', 'record NotSent'],
    ],
    [
      'signing in took too long, as the transport says',
      { put: { ok: false, failure: failure(412, 'ReadTooOld') } },
      ['record new/1', 'put e1', 'record NotSent'],
    ],
  ])(
    'is not sent over a read that is too old when %s, which is said in our own name',
    async (_when, setting, expected) => {
      const { log, stored } = await carryOut(wanting, setting);
      expect(log).toEqual(expected);
      expect(stored?.status?.refusal).toMatchObject({ reason: 'ReadsTooSlow', stalled: false, unsent: true });
      expect(stored?.status).not.toHaveProperty('unseenWrites');
      expect(stored?.status?.operation).toBeUndefined();
    },
  );

  it.each([
    ['soon after it was read', 0, 5 * SECOND],
    ['soon after the time that the record names, also where the record took long', 7 * SECOND, 10 * SECOND],
  ])('leaves %s, or not at all', async (_when, recordMs, leaveBy) => {
    const { leaveBys } = await carryOut(wanting, { recordMs });
    expect(leaveBys).toEqual([START + leaveBy]);
  });

  it('is decided anew when the policy came not to allow its object any more meanwhile', async () => {
    const object = intent('a', [0, 1]);
    const record = { slots: [slot(0, 'team/a/ca')] };
    const refused = { ...object, frozen: 'NotAllowed', grants: { ...object.grants, target: false } } as const;
    const observation = reading({ intents: [object], record, elements: [element(0)] });
    const { log } = await carryOut(observation, {
      nodesMs: 6 * SECOND,
      edited: [refused],
      then: { elements: [element(0)] },
    });
    expect(log).toEqual(['record new/1', 'get', 'record NotSent']);
  });

  it('says how long each step took when the read is too old', async () => {
    const { stored } = await carryOut(wanting, { nodesMs: 7 * SECOND, recordMs: SECOND, getMs: 6 * SECOND });
    expect(stored?.status?.refusal?.message).toBe(
      'The change was not sent, because the cluster had been read 6.0 s before, and a write may follow a read by no more than 5.0 s: the API server of the cluster took 7.0 s to list the nodes, our own API server took 1.0 s to write the record, ARM took 6.0 s to answer the last read.',
    );
  });

  it('leaves a lost write to the next read', async () => {
    const { log, done } = await carryOut(wanting, { put: { ok: false, failure: failure(0, 'NoAnswer') } });
    expect(log).toEqual(['record new/1', 'put e1', 'record new/1']);
    expect(done).toMatchObject({ sent: 'Lost', afterMs: 0 });
  });

  it('is taken back when ARM refuses it', async () => {
    const { log, stored } = await carryOut(wanting, { put: { ok: false, failure: failure(409, 'ScopeLocked') } });
    expect(log).toEqual(['record new/1', 'put e1', 'record ScopeLocked']);
    expect(stored?.status?.operation).toBeUndefined();
  });

  it('is taken back with its own count: the report of the change before stays', async () => {
    const nodes = { total: 1, reimaged: 1, excluded: 0, summary: '1/1' };
    const nodePools = [{ name: 'system', osType: 'Linux', nodes: 1, reimaged: 1, phase: 'Done' as const }];
    const fresh = [node('x', START - 5000, { pool: 'system' })];
    for (const said of [{}, { nodes, nodePools }]) {
      const observation = reading({ intents: [intent('a', [0])], record: said });
      const seen = { nodes: { kind: 'Read', nodes: fresh } } as const;
      const accepted = await carryOut(observation, seen);
      expect(accepted.stored?.status?.nodes?.summary).toBe('0/2');
      const refused = await carryOut(observation, {
        ...seen,
        put: { ok: false, failure: failure(409, 'ScopeLocked') },
      });
      expect(refused.stored?.status).toMatchObject(said);
      expect(refused.stored?.status?.nodes).toEqual('nodes' in said ? nodes : undefined);
    }
  });
});

describe('finalisers', () => {
  it('go after the record forgot the object, the record itself when nothing is left', async () => {
    const gone = intent('a', [0], { deleting: true });
    expect((await carryOut(reading({ intents: [gone], record: {} }))).log).toEqual([
      'record removed',
      'a finalisers []',
    ]);
    const { log } = await carryOut(reading({ intents: [gone, intent('b', [1])], elements: [element(1)] }));
    expect(log).toEqual(['record', 'a finalisers []']);
  });

  it('go only once the record is known to be the newest there is, where nothing was written to it', async () => {
    const gone = intent('a', [0], { deleting: true });
    expect((await carryOut(reading({ intents: [gone] }))).log).toEqual(['record confirmed', 'a finalisers []']);
  });

  it('stay when the record cannot be written', async () => {
    const intents = [intent('a', [0], { deleting: true }), intent('b', [1])];
    const { log } = await carryOut(reading({ intents, elements: [element(1)] }), { recordFails: true });
    expect(log).toEqual(['record', 'threw 409 Conflict']);
  });

  describe('when the send finds that the cluster is not as it was read', () => {
    const slow = { nodesMs: 6 * SECOND };
    const moved = [
      ['it is busy by then', { ...slow, then: { provisioningState: 'Updating' } }],
      ['it cannot be read once more', { ...slow, getFails: failure(500, 'InternalError') }],
      ['its objects were edited', { ...slow, edited: [intent('b', [2])] }],
      ['its eTag is another', { put: { ok: false, failure: failure(412, 'PreconditionFailed') } }],
    ] as const;

    it.each(moved)('stay on an object whose certificates were read to be gone: %s', async (_name, setting) => {
      const intents = [intent('a', [0], { deleting: true, deletionPolicy: 'Remove' }), intent('b', [1])];
      const { log, done, decision } = await carryOut(reading({ intents }), setting);
      expect(decision.releases).toMatchObject([{ why: 'Removed' }]);
      expect(log.filter((line) => line.includes('finalisers'))).toEqual([]);
      expect(done?.released).toEqual([]);
    });

    it.each(moved)('go from an object whose certificates stay: %s', async (_name, setting) => {
      const record = { slots: [slot(0, 'team/a/ca')] };
      const intents = [intent('a', [0], { deleting: true }), intent('b', [1])];
      const { log } = await carryOut(reading({ intents, record, elements: [element(0)] }), setting);
      expect(log.at(-1)).toBe('a finalisers []');
    });
  });

  it('go only after the object was dropped from the record, also when the read is too old to send', async () => {
    const record = { slots: [slot(0, 'team/a/ca')] };
    const intents = [intent('a', [0], { deleting: true }), intent('b', [1])];
    const seen = reading({ intents, record, elements: [element(0)] });
    const { log, stored } = await carryOut(seen, { nodesMs: 3 * SECOND, getMs: 6 * SECOND });
    expect(log).toEqual(['record new/1', 'get', 'record NotSent', 'a finalisers []']);
    expect(stored?.status?.slots?.[0]).toMatchObject({ managed: false });
  });
});
