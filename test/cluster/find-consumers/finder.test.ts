import { beforeEach, describe, expect, it } from '@jest/globals';
import { createConsumerFinder } from '../../../src/cluster/find-consumers/finder.ts';
import type { ConsumersReport, FollowUp } from '../../../src/cluster/model/follow-up.ts';
import type { Observation } from '../../../src/cluster/model/observation.ts';
import type { RotationIntent } from '../../../src/cluster/model/rotation.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { idOf, type Way } from '../../../src/cluster/model/way.ts';
import { KubernetesError } from '../../../src/kubernetes/client/connection.ts';
import { makeAuthority } from '../../cluster-certificates/authority.ts';
import { observe, START } from '../../harness/build.ts';
import { asking, CA, rowOf } from './objects.ts';

const NEVER = new AbortController().signal;
const DECISION = { outlook: {} } as Parameters<FollowUp['step']>[1];
const EMPTY = { metadata: { resourceVersion: '7' }, items: [] };
const AZURE: Way = { kind: 'Azure' };
const OWN: Way = { kind: 'Secret', owner: 'Namespace', namespace: 'team', name: 'kc', key: 'value' };

type Answer = (path: string) => unknown;

let opened: string[];
let asked: string[];
let cluster: Answer;
let management: Answer;
let closed: string | undefined;
let finder: FollowUp;
beforeEach(() => {
  [opened, asked, closed] = [[], [], undefined];
  [cluster, management] = [() => EMPTY, () => EMPTY];
  const over = (where: string, answer: () => Answer) => ({
    request: async ({ path }: { path: string }) => {
      asked.push(`${where} ${path}`);
      return answer()(path);
    },
  });
  finder = createConsumerFinder({
    access: {
      async connectionFor(_, way) {
        opened.push(idOf(way));
        if (closed !== undefined) return { kind: 'Unreadable', message: closed };
        return { kind: 'Open', connection: over('cluster', () => cluster) as never };
      },
    },
    management: over('management', () => management),
    now: () => START,
    random: () => 1,
    timing: DEFAULT_TIMING,
  });
});

function seen(intents: readonly RotationIntent[]): Observation {
  const base = observe();
  const ways = { ...base.ways, operator: [AZURE], namespaces: new Map([['team', [OWN]]]) };
  return { ...base, intents, ways };
}

async function step(...intents: RotationIntent[]) {
  const reports = (await finder.step(seen(intents), DECISION, NEVER)) as ReadonlyMap<string, ConsumersReport>;
  return intents.map(({ name }) => reports.get(name));
}

const target = (nodeAccess?: object) => ({ resourceId: '', ...(nodeAccess ? { nodeAccess } : {}) });
const overAzure = (grants: object = {}, namespace = 'team') =>
  asking({}, { spec: { target: target({ azure: {} }) }, grants, metadata: { namespace, uid: namespace } });
const overSecret = (spec: object = {}) =>
  asking({}, { spec: { target: target({ kubeconfigSecretRef: { name: 'kc' } }), ...spec } });

describe('the access of the operator', () => {
  it('is used for a namespace that the policy allows to see what it finds, and for no other', async () => {
    const [allowed, refused] = await step(overAzure({ findConsumers: true }, 'team'), overAzure({}, 'other'));
    expect(opened).toEqual(['Azure']);
    expect(allowed?.search?.notSearched).toEqual([]);
    expect(refused?.search?.read).toBe(0);
    expect(refused?.search?.notSearched).toMatchObject([
      { where: 'Cluster', message: expect.stringContaining('does not let namespace other see') as unknown },
    ]);
  });

  it('is not opened where no namespace may', async () => {
    await step(overAzure());
    expect(opened).toEqual([]);
    expect(asked).toEqual(['management /api/v1/namespaces/team/secrets']);
  });

  it('in its own cluster has the namespace of the object as well', async () => {
    const spec = { target: target({ inCluster: {} }) };
    await step(asking({}, { spec, grants: { findConsumers: true } }));
    expect(asked.filter((one) => one.startsWith('management'))).toEqual([]);
    asked = [];
    await step(asking({}, { spec, metadata: { uid: 'another' } }));
    expect(asked).toEqual(['management /api/v1/namespaces/team/secrets']);
  });
});

describe('a search', () => {
  it('over a kubeconfig of the namespace needs no permission of the policy', async () => {
    const [report] = await step(overSecret());
    expect(opened).toEqual([idOf(OWN)]);
    expect(report?.search).toMatchObject({ at: START, clusterCA: CA, notSearched: [] });
    expect(asked).toContain('cluster /api/v1/secrets');
  });

  it('leaves out the Secret that the controller itself keeps up to date', async () => {
    const { certificate } = await makeAuthority(START);
    const data = { value: Buffer.from(certificate.toString()).toString('base64') };
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    management = () => ({
      metadata: { resourceVersion: '7' },
      items: ['kept', 'other'].map((name) => ({ metadata: { namespace: 'team', name }, data })),
    });
    const one = asking(
      { certificates: [rowOf(fingerprint)] },
      { spec: { target: target(), kubeconfig: { secretName: 'kept' } } },
    );
    const [report] = await step(one);
    expect(report?.search?.holders.map(({ name }) => name)).toEqual(['other']);
    expect(report?.search?.counts).toEqual({ PresentCA: 1 });
  });

  it('waits for the certificates to be read', async () => {
    const [report] = await step(asking({ certificates: [] }));
    expect(report).toEqual({ afterMs: 1000 });
    expect(asked).toEqual([]);
  });

  it('is made again where the API server is away, and not where the object names no access', async () => {
    closed = 'the Secret is missing';
    const [failed] = await step(overSecret());
    expect(failed?.search?.notSearched[0]?.message).toBe('The Secret is missing.');
    finder.reported?.(seen([overSecret()]));
    expect(finder.restsMs?.(overSecret())).toBe(10 * 60_000);
    const plain = asking({}, { spec: { target: target() }, metadata: { uid: 'plain' } });
    const none = { ...seen([plain]), ways: { ...observe().ways } };
    const reports = (await finder.step(none, DECISION, NEVER)) as ReadonlyMap<string, ConsumersReport>;
    expect(reports.get(plain.name)?.search?.notSearched[0]?.message).toContain('spec.target.nodeAccess is absent');
    finder.reported?.(none);
    expect(
      finder.restsMs?.(
        asking(
          { consumers: { searchedAt: new Date(START).toISOString(), clusterCASHA256: CA, message: '' } },
          { metadata: { uid: 'plain' } },
        ),
      ),
    ).toBe(24 * 3_600_000);
  });

  it('is not made again for a right that is missing, before a day is over', async () => {
    cluster = () => {
      throw new KubernetesError(403, 'Forbidden', 'GET: 403 Forbidden: no', { hasStatus: true });
    };
    const [report] = await step(overSecret());
    expect(report?.search?.notSearched.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^They could not be listed: .* ClusterRole aks-ca-trust-consumers-secrets \(deploy/),
        expect.stringMatching(/^They could not be listed: .* ClusterRole aks-ca-trust-consumers \(deploy/),
      ]),
    );
    const searched = asking(
      { consumers: { searchedAt: new Date(START).toISOString(), clusterCASHA256: CA, message: '' } },
      { spec: { target: target({ kubeconfigSecretRef: { name: 'kc' } }) } },
    );
    finder.reported?.(seen([searched]));
    expect(finder.restsMs?.(searched)).toBe(24 * 3_600_000);
  });

  it.each<[string, unknown]>([
    ['no list', 'all of them'],
    ['an HTML page', undefined],
    ['a list that never ends', { metadata: { resourceVersion: '7', continue: 'again' }, items: [] }],
    ['objects of another form', { metadata: { resourceVersion: '7' }, items: [null, 7, { metadata: [] }] }],
  ])('of a server that answers with %s says that it was not searched, and ends', async (_, answer) => {
    cluster = () => answer;
    const [report] = await step(overSecret());
    expect(report?.search?.notSearched.length).toBeGreaterThan(5);
    expect(report?.search?.holders).toEqual([]);
  });

  it('is not made for an object that is suspended, deleted, or does not ask', async () => {
    const suspended = overSecret({ suspend: true });
    const deleted = asking({}, { metadata: { deletionTimestamp: new Date(START).toISOString() } });
    const silent = overSecret({ findConsumers: false });
    expect(await step(suspended, deleted, silent)).toEqual([undefined, undefined, undefined]);
    expect(asked).toEqual([]);
    for (const one of [suspended, deleted, silent]) expect(finder.isDue(one, seen([one]), DECISION)).toBe(false);
  });
});

it('four clusters are searched at a time, and a fifth comes back later', async () => {
  let answer: (body: unknown) => void = () => {};
  const held = new Promise((resolve) => (answer = resolve));
  cluster = () => held;
  const steps = Array.from({ length: 5 }, (_, index) =>
    step(
      asking({}, { spec: { target: target({ kubeconfigSecretRef: { name: 'kc' } }) }, metadata: { uid: `u${index}` } }),
    ),
  );
  expect(await steps[4]).toEqual([{ afterMs: 10_000 }]);
  answer(EMPTY);
  for (const made of await Promise.all(steps.slice(0, 4))) expect(made[0]?.search).toBeDefined();
});

it('the Secrets of a namespace are listed once for all its objects, and those of four namespaces at a time', async () => {
  const of = (namespace: string, name: string) =>
    asking({}, { metadata: { namespace, name, uid: `${namespace}-${name}` } });
  const intents = ['a', 'b', 'c', 'd', 'e'].flatMap((namespace) => ['1', '2', '3'].map((name) => of(namespace, name)));
  const first = await step(...intents);
  const lists = () =>
    asked.filter((one) => one.startsWith('management')).map((one) => /namespaces\/(\w+)/.exec(one)?.[1]);
  expect(lists()).toEqual(['a', 'b', 'c', 'd']);
  expect(first.map((report) => report?.search !== undefined)).toEqual([
    ...Array<boolean>(12).fill(true),
    ...Array<boolean>(3).fill(false),
  ]);
  expect(first.at(-1)).toEqual({ afterMs: 10_000 });
  finder.reported?.(seen(intents.slice(0, 12)));
  await step(...intents);
  expect(lists()).toEqual(['a', 'b', 'c', 'd', 'e']);
});
