import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { NodeView } from '../../../src/cluster/model/observation.ts';
import { AT_A_TIME, planCleanUp, planVerification, type VerificationInput } from '../../../src/cluster/verify/plan.ts';
import { taskOf } from '../../../src/cluster/verify/pod-spec.ts';
import type { NodeResult, PodView } from '../../../src/cluster/verify/types.ts';
import { HOUR, MINUTE, node, pool, SECOND, START } from '../../harness/build.ts';
import { OBJECT, pod, PULLED, UNKNOWN_SIGNER, wantedVerification } from './build.ts';

const every = wantedVerification({ spec: { image: 'images.example.com/app:1', nodes: 'Every' } });
const named = (name: string, options: Partial<NodeView> = {}) => node(name, START, options);

function step(options: Partial<VerificationInput> = {}) {
  return planVerification({
    wanted: wantedVerification(),
    object: OBJECT,
    startedAt: START,
    now: START + SECOND,
    serverNow: START + SECOND,
    pools: [pool()],
    nodes: [],
    pods: [],
    results: new Map(),
    tries: new Map(),
    drifting: false,
    ...options,
  });
}

const created = (plan: ReturnType<typeof step>) => plan.create.map(({ name }) => name);
const removed = (plan: ReturnType<typeof step>) => plan.remove.map(({ name }) => name);

describe('one node of each pool', () => {
  it('is a ready one, and one that is not cordoned, where there is one', () => {
    const nodes = [named('a', { ready: false }), named('b', { schedulable: false }), named('c'), named('d')];
    expect(created(step({ nodes }))).toEqual(['c']);
    expect(created(step({ nodes: nodes.slice(0, 2) }))).toEqual(['b']);
  });

  it('stays the same one while it is there, and another one is asked when it is gone', () => {
    const first = step({ nodes: [named('b')], pods: [pod('b')] });
    expect(first.answers).toBeUndefined();
    const joined = step({ nodes: [named('a'), named('b')], pods: [pod('b')] });
    expect([created(joined), removed(joined)]).toEqual([[], []]);
    const gone = step({ nodes: [named('a')], pods: [pod('b')] });
    expect([created(gone), removed(gone)]).toEqual([['a'], ['verify-b']]);
  });

  it('is another one when it was replaced under its name', () => {
    const replaced = step({ nodes: [named('a', { uid: 'new' })], pods: [pod('a', PULLED)] });
    expect([created(replaced), removed(replaced), replaced.answers]).toEqual([['a'], ['verify-a'], undefined]);
  });

  it('leaves out nodes of no pool that takes part', () => {
    const nodes = [named('virtual', { kind: 'Virtual' }), named('windows', { pool: 'win' }), named('a')];
    expect(created(step({ nodes, wanted: every }))).toEqual(['a']);
  });
});

describe('an answer', () => {
  it('is noted, its pod is taken away, and when it was the last one nothing is waited for', () => {
    const plan = step({ nodes: [named('a')], pods: [pod('a', PULLED)] });
    expect(removed(plan)).toEqual(['verify-a']);
    expect(plan.answers).toEqual([{ node: 'a', outcome: 'Trusted', message: 'the image was pulled' }]);
  });

  it('is of no object while one pod of several has no result', () => {
    const plan = step({ wanted: every, nodes: [named('a'), named('b')], pods: [pod('a', UNKNOWN_SIGNER), pod('b')] });
    expect(plan.answers).toBeUndefined();
    expect(plan.results.get('uid-a')?.outcome).toBe('Untrusted');
    expect(removed(plan)).toEqual(['verify-a']);
  });

  it('is not asked for twice', () => {
    const results = new Map<string, NodeResult>([['uid-a', { outcome: 'Trusted', message: 'm' }]]);
    const plan = step({ nodes: [named('a')], pods: [pod('a')], results });
    expect([created(plan), removed(plan), plan.answers?.length]).toEqual([[], ['verify-a'], 1]);
  });

  it('is not taken from the pod of another verification or of another object', () => {
    const pods = [
      pod('a', { ...PULLED, key: 'of-before' }),
      pod('a', { ...PULLED, name: 'of-another', object: 'uid-other' }),
    ];
    const plan = step({ nodes: [named('a')], pods });
    expect(plan.results.size).toBe(0);
    expect(removed(plan)).toEqual(['verify-a']);
    expect(created(plan)).toEqual(['a']);
  });

  it('is not taken from a pod that is being deleted: another one of its name is made once it is gone', () => {
    const ends = step({ nodes: [named('a')], pods: [pod('a', { ...PULLED, terminating: true })] });
    expect([ends.results.size, created(ends), removed(ends), ends.answers]).toEqual([0, [], [], undefined]);
    expect(created(step({ nodes: [named('a')] }))).toEqual(['a']);
    const stays = step({
      nodes: [named('a')],
      pods: [pod('a', { ...PULLED, terminating: true })],
      serverNow: START + 5 * MINUTE,
    });
    expect(stays.answers).toEqual([expect.objectContaining({ node: 'a', outcome: 'Unclear' })]);
  });

  it('is given up where another client deletes each pod', () => {
    const tried = (count: number) => step({ nodes: [named('a')], tries: new Map([['uid-a', count]]) });
    expect(created(tried(2))).toEqual(['a']);
    const given = tried(3);
    expect([created(given), given.answers]).toEqual([
      [],
      [{ node: 'a', outcome: 'Unclear', message: expect.stringContaining('each of the 3 pods for this node') }],
    ]);
    // One that is there is heard.
    expect(step({ nodes: [named('a')], pods: [pod('a')], tries: new Map([['uid-a', 3]]) }).answers).toBeUndefined();
  });

  it.each<[string, Partial<PodView>, string]>([
    ['of another registry', { task: { ...pod('a').task, image: 'mirror.corp/app:1' } }, 'mirror.corp/app:1'],
    ['that need not be pulled', { task: { ...pod('a').task, pullPolicy: 'IfNotPresent' } }, 'IfNotPresent'],
    ['on another node', { node: 'b' }, 'it was sent to b'],
  ])('is none from a pod with an image %s, whatever came of it', (_, changed, named_) => {
    const plan = step({ nodes: [named('a')], pods: [pod('a', { ...PULLED, ...changed })] });
    expect(removed(plan)).toEqual(['verify-a']);
    expect(plan.answers).toEqual([{ node: 'a', outcome: 'Unclear', message: expect.stringContaining(named_) }]);
  });

  it('is one from a pod whose image was pinned by its digest', () => {
    const task = { ...pod('a').task, image: 'images.example.com/app:1@sha256:0000' };
    expect(step({ nodes: [named('a')], pods: [pod('a', { ...PULLED, task })] }).answers?.[0]?.outcome).toBe('Trusted');
  });

  it.each<[string, Partial<PodView['task']>]>([
    ['with another command', { command: ['sh', '-c', 'echo'] }],
    ['over another folder', { folder: '/etc' }],
    ['over no folder', { folder: '' }],
  ])('is none from a pod that reads the trust store %s', (_, changed) => {
    const store = wantedVerification({ spec: { trustStore: {} }, image: 'tools:1' });
    const asked = taskOf(store, '/usr/local/share/ca-certificates');
    const wrote = { kind: 'Ended', exitCode: 0, reason: 'Completed', message: 'trust-store/1\n' } as const;
    const of = (task: PodView['task']) =>
      step({ wanted: store, nodes: [named('a')], pods: [pod('a', { task, container: wrote })] }).answers?.[0]?.outcome;
    expect([of(asked), of({ ...asked, image: 'mirror.corp/tools:1' }), of({ ...asked, ...changed })]).toEqual([
      'Trusted',
      'Trusted',
      'Unclear',
    ]);
  });

  it('is waited for where a node is not ready or a pool has none yet, and not forever', () => {
    const nodes = [named('a', { ready: false })];
    const pools = [pool(), pool({ name: 'apps' }), pool({ name: 'zero', count: 0 })];
    expect(step({ nodes, pools }).answers).toBeUndefined();
    const late = step({ nodes, pools, now: START + 2 * MINUTE }).answers;
    expect(late?.map(({ node: name, outcome }) => [name, outcome])).toEqual([
      ['a', 'Unclear'],
      ['apps', 'Unclear'],
    ]);
  });

  it('is none where there is no node and there is to be none', () => {
    expect(step({ pools: [pool({ count: 0 })] }).answers).toEqual([]);
  });
});

describe('nodes that Karpenter made', () => {
  const ofKarpenter = (name: string, nodePool: string, options: Partial<NodeView> = {}) =>
    named(name, { kind: 'AutoProvisioned', pool: '', nodePool, ...options });
  const young = { createdAt: START + MINUTE };

  it('are asked like others: all of them, or one of each NodePool', () => {
    const nodes = [named('a'), ofKarpenter('k1', 'general'), ofKarpenter('k2', 'general'), ofKarpenter('k3', 'gpu')];
    expect(created(step({ nodes, wanted: every }))).toEqual(['a', 'k1', 'k2', 'k3']);
    expect(created(step({ nodes }))).toEqual(['a', 'k1', 'k3']);
  });

  it('are asked by the oldest of their NodePool that is ready: it is the last to have the list', () => {
    const nodes = [
      ofKarpenter('k1', 'general', young),
      ofKarpenter('k2', 'general'),
      ofKarpenter('k3', 'general', { createdAt: START - HOUR, ready: false }),
    ];
    expect(created(step({ nodes, pools: [] }))).toEqual(['k2']);
  });

  it('are distinguished in their results', () => {
    const nodes = [named('a'), ofKarpenter('k1', 'general')];
    const results = new Map<string, NodeResult>([
      ['uid-a', { outcome: 'Untrusted', message: 'm' }],
      ['uid-k1', { outcome: 'Untrusted', message: 'm' }],
    ]);
    expect(step({ nodes, results }).answers).toEqual([
      { node: 'a', outcome: 'Untrusted', message: 'm' },
      { node: 'k1', nodePool: 'general', outcome: 'Untrusted', message: 'm' },
    ]);
  });

  it('are no failure while they are older than the list, and one when they are not', () => {
    const nodes = [named('a'), ofKarpenter('old', 'general'), ofKarpenter('new', 'general', young)];
    const pods = nodes.map(({ name }) => pod(name, UNKNOWN_SIGNER));
    const { answers } = step({ nodes, pods, wanted: every, listSince: START });
    expect(answers?.map(({ node: name, outcome }) => [name, outcome])).toEqual([
      ['a', 'Untrusted'],
      ['old', 'Awaited'],
      ['new', 'Untrusted'],
    ]);
    expect(step({ nodes, pods, wanted: every }).answers?.[1]?.outcome).toBe('Untrusted');
  });

  it('trust with the list of before where that is all it takes', () => {
    const nodes = [ofKarpenter('old', 'general')];
    const { answers } = step({ nodes, pods: [pod('old', PULLED)], pools: [], listSince: START });
    expect(answers?.[0]?.outcome).toBe('Trusted');
  });

  it('are waited for without being asked again once one was found, and their successors are asked', () => {
    const old = ofKarpenter('old', 'general');
    const waits = step({ nodes: [old], pools: [], wanted: every, listSince: START, drifting: true });
    expect([created(waits), waits.answers?.[0]?.outcome]).toEqual([[], 'Awaited']);
    const nodes = [old, ofKarpenter('new', 'general', young)];
    expect(created(step({ nodes, pools: [], wanted: every, listSince: START, drifting: true }))).toEqual(['new']);
    expect(created(step({ nodes: nodes.slice(1), pools: [], listSince: START, drifting: true }))).toEqual(['new']);
  });

  it('are no node pool that lacks its nodes, under whichever name ARM counts them', () => {
    const nodes = [ofKarpenter('k1', 'general', { pool: 'aksmanagedap' })];
    const pools = [pool({ name: 'aksmanagedap', count: 1 })];
    const late = {
      now: START + 3 * MINUTE,
      results: new Map([['uid-k1', { outcome: 'Trusted', message: '' } as const]]),
    };
    expect(step({ nodes, pools, ...late }).answers).toEqual([expect.objectContaining({ node: 'k1' })]);
  });
});

describe('what is left over', () => {
  it('is deleted when it is of this object, or so old that its controller is gone', () => {
    const pods = [
      pod('a'),
      pod('b', { object: 'uid-other' }),
      pod('c', { object: 'uid-other', createdAt: START - 2 * HOUR }),
      pod('d', { terminating: true }),
    ];
    expect(planCleanUp(pods, OBJECT, START).map(({ name }) => name)).toEqual(['verify-a', 'verify-c']);
    expect(removed(step({ pods: pods.slice(2) }))).toEqual(['verify-c']);
  });
});

describe('whatever nodes and pods do, and whenever the process dies', () => {
  const move = fc.record({
    kind: fc.constantFrom('answer', 'replace', 'leave', 'join', 'provision', 'sicken', 'steal', 'crash', 'nothing'),
    who: fc.nat(30),
    trusted: fc.boolean(),
  });

  it('few pods are there at a time, no node is judged by another one’s pod, and in the end there is an answer for each and no pod', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), fc.nat(20), fc.boolean(), (moves, size, all) => {
        const wanted = all ? every : wantedVerification();
        let nodes = Array.from({ length: size }, (_, index) => named(`n${index}`, { uid: `uid-${index}` }));
        let pods: PodView[] = [];
        let results: ReadonlyMap<string, NodeResult> = new Map();
        let tries = new Map<string, number>();
        const truth = new Map<string, string>();
        let now = START;
        let fresh = 1000;
        const look = () => {
          now += 5 * SECOND;
          const plan = step({
            wanted,
            nodes,
            pods,
            results,
            tries,
            now,
            serverNow: now,
            pools: [pool({ count: nodes.filter(({ kind }) => kind === 'Pool').length })],
          });
          pods = pods.filter((one) => !plan.remove.includes(one));
          for (const { name, uid } of plan.create) {
            expect(pods.some(({ nodeUid }) => nodeUid === uid)).toBe(false);
            tries.set(uid, (tries.get(uid) ?? 0) + 1);
            expect(tries.get(uid)).toBeLessThanOrEqual(3);
            pods.push(pod(name, { nodeUid: uid, uid: `pod-${uid}`, name: `verify-${uid}`, createdAt: now }));
          }
          expect(pods.length).toBeLessThanOrEqual(AT_A_TIME);
          results = plan.results;
          for (const [uid, { outcome }] of results) expect(truth.get(uid)).toBe(outcome);
          return plan;
        };
        const answer = (at: number, trusted: boolean) => {
          const one = pods[at % Math.max(1, pods.length)];
          if (!one) return;
          const first = truth.get(one.nodeUid) ?? (trusted ? 'Trusted' : 'Untrusted');
          truth.set(one.nodeUid, first);
          pods[pods.indexOf(one)] = { ...one, ...(first === 'Trusted' ? PULLED : UNKNOWN_SIGNER) };
        };
        for (const { kind, who, trusted } of moves) {
          const at = who % Math.max(1, nodes.length);
          if (kind === 'answer') answer(who, trusted);
          if (kind === 'replace')
            nodes = nodes.map((one, place) => (place === at ? { ...one, uid: `uid-${fresh++}` } : one));
          if (kind === 'leave') nodes = nodes.filter((_, place) => place !== at);
          if (kind === 'join') nodes = [...nodes, named(`n${fresh}`, { uid: `uid-${fresh++}` })];
          if (kind === 'sicken')
            nodes = nodes.map((one, place) => (place === at ? { ...one, ready: !one.ready } : one));
          if (kind === 'provision') {
            const ofKarpenter = { kind: 'AutoProvisioned', pool: '', nodePool: trusted ? 'general' : 'gpu' } as const;
            nodes = [...nodes, named(`k${fresh}`, { uid: `uid-${fresh++}`, ...ofKarpenter })];
          }
          if (kind === 'steal') pods = pods.filter((_, place) => place !== who % pods.length);
          if (kind === 'crash') results = new Map();
          if (kind === 'crash') tries = new Map();
          look();
        }
        let answers: readonly { readonly node: string }[] | undefined;
        for (let round = 0; round < 200 && answers === undefined; round++) {
          for (let place = 0; place < pods.length; place++) answer(place, true);
          ({ answers } = look());
        }
        const asked = (answers ?? []).map(({ node: name }) => nodes.find((one) => one.name === name)!);
        const poolOf = ({ kind, nodePool }: NodeView) => nodePool ?? kind;
        const wantedAnswers = all ? nodes : [...Map.groupBy(nodes, poolOf).values()].map(([one]) => one!);
        const sorted = (of: readonly NodeView[]) => of.map((one) => (all ? one.name : poolOf(one))).sort();
        expect(sorted(asked)).toEqual(sorted(wantedAnswers));
        expect(pods).toEqual([]);
      }),
    );
  });
});
