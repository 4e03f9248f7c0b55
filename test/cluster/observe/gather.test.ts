import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import type { Budgets } from '../../../src/azure/budgets.ts';
import { createManagedClusters } from '../../../src/azure/managed-clusters.ts';
import type { ArmTransport } from '../../../src/azure/transport.ts';
import { createGather } from '../../../src/cluster/observe/gather.ts';
import type { NodeReader } from '../../../src/cluster/node-access/node-reader.ts';
import type { Observation } from '../../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import type { Records } from '../../../src/cluster/model/records.ts';
import type { ListedCluster } from '../../../src/cluster/model/listed-cluster.ts';
import {
  at,
  CLUSTER_ID,
  HOUR,
  element,
  model,
  operation,
  reader,
  recordObject,
  START,
  trust,
  type TrustOptions,
} from '../../harness/build.ts';

type Answer = readonly [status: number, body: unknown];

const cluster = (provisioningState: string): Answer => [
  200,
  {
    name: 'prod',
    properties: {
      provisioningState,
      agentPoolProfiles: [],
      securityProfile: { customCATrustCertificates: [element(0, 1), element()] },
    },
  },
];
const ABSENT: Answer = [404, { error: { code: 'ResourceNotFound', message: 'm' } }];
const REFUSAL: NonNullable<RecordStatus['refusal']> = {
  reason: 'WaitingForMaintenanceWindow',
  code: 'OperationOutsideNodeDisruptionWindow',
  message: 'm.',
  at: at(START),
  until: at(START + HOUR),
  stalled: false,
  count: 1,
};
const GROUP = /\/resourcegroups\/rg$/;

/** Gathers once more each time it is called, with an ARM that gives these answers. */
function gathering(
  answer: (target: string) => Answer,
  objects: readonly TrustOptions[],
  status: RecordStatus = {},
  present?: readonly CustomCATrust[],
  budgets: Partial<Budgets> = {},
  sighting?: ListedCluster,
  opensAt?: number,
) {
  const calls: string[] = [];
  let time = START;
  const transport: Pick<ArmTransport, 'send'> = {
    send: async ({ target, method }) => {
      calls.push(`${method} ${GROUP.test(target) ? 'group' : 'cluster'}`);
      time += 1000;
      const [code, body] = answer(target);
      return { status: code, text: JSON.stringify(body), header: () => undefined };
    },
  };
  const nodes: Pick<NodeReader, 'read'> = {
    read: async (_source, depth) => {
      calls.push(`nodes ${depth}`);
      return { kind: 'Read', nodes: [] };
    },
  };
  const now = () => time;
  const gather = createGather({
    records: { read: () => recordObject(status), conflict: () => undefined } as unknown as Records,
    intentsOf: () => objects.map((options, index) => trust(`o${objects.length - index}`, [0], options)),
    objectNow: async ({ name }) => {
      calls.push(`object ${name}`);
      return present?.find(({ metadata }) => `team/${metadata.name}` === name);
    },
    arm: createManagedClusters({
      transport: transport as ArmTransport,
      now,
      budgets: { take: () => 0, wait: () => 0, buckets: 0, ...budgets },
    }),
    nodes: nodes,
    maintenance: {
      nextOpening: async () => {
        calls.push('window');
        return opensAt;
      },
      read: async (_, name) => {
        calls.push(`configuration ${name}`);
        return { kind: 'Missing' };
      },
    },
    reader,
    now,
    listedCluster: () => sighting,
  });
  const { signal } = new AbortController();
  return {
    calls,
    gather: () => gather.read(gather.known(CLUSTER_ID), signal),
    count: (observation: Observation) => gather.count(observation, signal),
  };
}

describe('a read of a cluster', () => {
  it('has the objects by name, and what each element of the list holds', async () => {
    const { gather } = gathering(() => cluster('Succeeded'), [{}, {}]);
    const { intents, arm } = await gather();
    expect(intents.map(({ name }) => name)).toEqual(['team/o1', 'team/o2']);
    expect(arm.ok && arm.list.map(({ kind }) => kind)).toEqual(['several', 'unreadable']);
  });

  it.each<[string, boolean, RecordStatus | undefined, string]>([
    ['are not read when there is no way to read them', false, undefined, 'NoAccess'],
    ['are not read where nothing is under way', true, {}, 'NotRead'],
    ['are read while an operation is recorded', true, { operation: operation() }, 'Read'],
  ])('nodes %s', async (_what, nodeAccess, status, kind) => {
    const { gather } = gathering(() => cluster('Succeeded'), [{ nodeAccess }], status);
    expect((await gather()).nodes.kind).toBe(kind);
  });

  it.each<[string, RecordStatus, string[]]>([
    ['Updating', { operation: operation() }, ['nodes Progress']],
    ['Succeeded', { operation: operation() }, ['nodes Outcome']],
    ['Failed', { operation: operation() }, ['nodes Outcome']],
    ['Canceled', { operation: operation() }, ['nodes Outcome']],
    ['Updating', {}, []],
    ['Succeeded', {}, []],
  ])(
    'over a cluster in state %s takes moments-old nodes only where nothing is decided by them (%#)',
    async (state, status, asked) => {
      const { gather, calls } = gathering(() => cluster(state), [{ nodeAccess: true }], status);
      await gather();
      expect(calls.filter((call) => call.startsWith('nodes'))).toEqual(asked);
    },
  );

  it.each([
    ['Failed', { operation: operation() }, true],
    ['Canceled', { operation: operation() }, true],
    ['Updating', { operation: operation() }, false],
    ['Failed', {}, false],
  ])(
    'over a cluster in state %s asks how our operation ended only when there may be an answer (%#)',
    async (state, status, asked) => {
      const { arm } = await gathering(() => cluster(state), [{}], status).gather();
      expect(arm.ok && arm.operation !== undefined).toBe(asked);
    },
  );

  it.each<[string, RecordStatus, string[]]>([
    ['is enough for a cluster at rest', {}, []],
    ['is not enough while an operation is recorded', { operation: operation() }, ['GET cluster']],
    ['is not enough while a maintenance window has to be read', { refusal: REFUSAL }, ['GET cluster']],
    [
      'is not enough while a namespace counts its nodes',
      { namespaceCounts: [{ namespace: 'team', done: false }] },
      ['GET cluster'],
    ],
    [
      'is not enough while nodes are older than the list',
      { outside: { virtualNodes: 0, autoProvisionedNodes: 1, autoProvisionedLeft: 1, otherNodes: 0 } },
      ['GET cluster'],
    ],
  ])('what a LIST has just seen %s', async (_what, status, asked) => {
    const seen = { model: model(), readAt: START };
    const { gather, calls } = gathering(() => cluster('Succeeded'), [{}], status, undefined, {}, seen);
    const { arm } = await gather();
    expect(arm.ok && arm.listed === true).toBe(asked.length === 0);
    expect(calls.filter((call) => call === 'GET cluster')).toEqual(asked);
  });

  it.each<[string, RecordStatus, number | undefined, Observation['window']]>([
    ['is read after a write was refused for it', { refusal: REFUSAL }, START + HOUR, { opensAt: START + HOUR }],
    ['is read although it names no opening', { refusal: REFUSAL }, undefined, { opensAt: undefined }],
    ['is not read twice for one refusal', { refusal: { ...REFUSAL, atOpening: false } }, START + HOUR, undefined],
    ['is not read where ARM takes writes', {}, START + HOUR, undefined],
  ])('the maintenance window %s', async (_what, status, opensAt, expected) => {
    const { gather, calls } = gathering(() => cluster('Succeeded'), [{}], status, undefined, {}, undefined, opensAt);
    expect((await gather()).window).toEqual(expected);
    expect(calls.filter((call) => call === 'window')).toHaveLength(expected ? 1 : 0);
  });

  it('the maintenance window is not read of a cluster that cannot be read', async () => {
    const { gather, calls } = gathering(() => [500, {}], [{}], { refusal: REFUSAL });
    await gather();
    expect(calls).toEqual(['GET cluster']);
  });

  it('has the time until the client-side limit allows a write, as the last reads leave it', async () => {
    let wait = 40_000;
    const made = gathering(() => cluster('Succeeded'), [{}], {}, undefined, { wait: () => wait });
    const observation = await made.gather();
    expect(observation.writeWaitMs).toBe(40_000);
    wait = 30_000;
    expect((await made.count(observation)).writeWaitMs).toBe(30_000);
    wait = 0;
    expect(await made.count(observation)).not.toHaveProperty('writeWaitMs');
  });

  it('counts how many in a row failed, and knows when one last did not', async () => {
    let answer = cluster('Succeeded');
    const { gather } = gathering(() => answer, [{}]);
    await gather();
    answer = [500, {}];
    await gather();
    const { arm } = await gather();
    expect(arm).toMatchObject({ ok: false, failedInARow: 2, lastReadAt: START + 1000 });
    answer = cluster('Succeeded');
    await gather();
    answer = [500, {}];
    expect((await gather()).arm).toMatchObject({ failedInARow: 1 });
  });

  it('takes an answer that makes no sense for none', async () => {
    const { gather } = gathering(() => [200, { name: 'prod' }], [{}]);
    expect((await gather()).arm).toMatchObject({
      ok: false,
      failure: { reason: 'Unreachable', code: 'InvalidAnswer' },
    });
  });
});

describe('reads that fail', () => {
  it('are counted until one succeeds, but not where our own budget of calls was used up', async () => {
    const answers = [502, 502, 429, 502];
    let calls = 0;
    const { gather } = gathering(() => [answers[calls++] ?? 502, {}], [{}], {}, undefined, {
      take: () => (calls === 2 ? (calls++, 5000) : 0),
    });
    const counts = [];
    for (let read = 0; read < 4; read++) {
      const { arm } = await gather();
      counts.push(arm.ok ? 0 : arm.failedInARow);
    }
    expect(counts).toEqual([1, 2, 2, 3]);
  });
});

describe('a cache that may be behind the record', () => {
  const answer = () => cluster('Succeeded');
  const edited: RecordStatus = { objects: [{ name: 'team/o1', uid: 'uid-o1', generation: 2 }] };

  it('is believed without a question where it has what the record was made from', async () => {
    const { gather, calls } = gathering(answer, [{ generation: 2 }], edited);
    await gather();
    expect(calls).toEqual(['GET cluster']);
  });

  it('is not acted on where the API server has a newer object', async () => {
    const now = [trust('o1', [0], { generation: 2 })];
    const { gather, calls } = gathering(answer, [{}], edited, now);
    await expect(gather()).rejects.toThrow(
      'The cache is behind: it does not have the present version of CustomCATrust team/o1',
    );
    expect(calls).toEqual(['GET cluster', 'object team/o1']);
  });

  it('is believed without a question about objects of a kind that another version of the controller noted', async () => {
    const others = { kind: 'AnotherKind', name: 'team/r', uid: 'uid-r', generation: 1 };
    const { gather, calls } = gathering(answer, [{ generation: 2 }], { objects: [...edited.objects!, others] });
    await gather();
    expect(calls).toEqual(['GET cluster']);
  });

  it('is believed where the API server does not have the object any more either', async () => {
    const { gather } = gathering(answer, [], edited);
    expect((await gather()).intents).toEqual([]);
  });
});

describe('a cluster that is not found', () => {
  const absent = (group: number) => (target: string) =>
    GROUP.test(target) ? ([group, { name: 'rg' }] as const) : ABSENT;
  const removing: TrustOptions = { deleting: true, deletionPolicy: 'Remove' };

  it.each([
    [200, true],
    [403, false],
    [404, false],
  ])('is gone for an object that waits only where its group can be read (%i: %s)', async (code, readable) => {
    expect((await gathering(absent(code), [removing]).gather()).arm).toMatchObject({ groupIsReadable: readable });
  });

  it('is not read further while no object waits for its end', async () => {
    const { gather, calls } = gathering(absent(200), [{}, { deleting: true }]);
    expect((await gather()).arm).not.toHaveProperty('groupIsReadable');
    expect(calls).toEqual(['GET cluster']);
  });

  it('is gone also for a record that no object is left for, or it would be read without end', async () => {
    const { gather } = gathering(absent(200), [], { operation: operation() });
    expect((await gather()).arm).toMatchObject({ groupIsReadable: true });
  });
});
