import { describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { readClusterModel, type ClusterModel } from '../../src/azure/cluster-model.ts';
import { InvalidAnswerError } from '../../src/azure/invalid-answer.ts';
import type { NodesObservation } from '../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../src/cluster/model/record.ts';
import { createNodeReader } from '../../src/cluster/node-access/node-reader.ts';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import { GOOD_CLUSTER } from '../azure/good-cluster.ts';
import { oddTextsIn, spoilt, spoiltOfType, type Spoilt } from '../hostile-values.ts';
import { at, CLUSTER_ID, element, HOUR, MINUTE, START, trust } from '../harness/build.ts';
import { memoryRig, type MemoryRig } from '../harness/memory-rig.ts';

jest.setTimeout(120_000);

const OWN = { azure: {} };

/** What is wrong with what the passes have said. */
function oddIn(rig: MemoryRig): readonly string[] {
  const statuses = [...rig.objects].map(([name, { status }]) => [name, status] as const);
  const said = [...oddTextsIn(Object.fromEntries(statuses)), ...oddTextsIn(rig.record), ...oddTextsIn(rig.events)];
  const sizes = statuses.filter(([, status]) => JSON.stringify(status ?? {}).length > 500_000);
  return [...said, ...sizes.map(([name]) => `the status of ${name} is too long`)];
}

async function passes(rig: MemoryRig, count: number, what: string): Promise<void> {
  await ends(rig, count, what);
  expect({ what, odd: oddIn(rig) }).toEqual({ what, odd: [] });
}

/** None throws, and each says when to look again. */
async function ends(rig: MemoryRig, count: number, what: string): Promise<void> {
  for (let pass = 0; pass < count; pass++) {
    const outcome = await rig.pass().then(
      ({ afterMs }) => (afterMs > 0 || afterMs === 0 ? 'passed' : `again after ${afterMs}`),
      (error: Error) => `threw ${error.name}: ${error.message}`,
    );
    expect({ what, outcome }).toEqual({ what, outcome: 'passed' });
    rig.now += 2 * MINUTE;
  }
}

/** Models that differ from the good one, once each. */
function modelsOf(all: Iterable<Spoilt>): Map<string, { readonly what: string; readonly model: ClusterModel }> {
  const models = new Map<string, { readonly what: string; readonly model: ClusterModel }>();
  for (const { what, json } of all) {
    try {
      const model = readClusterModel(json);
      models.set(JSON.stringify(model), { what, model });
    } catch (error) {
      if (!(error instanceof InvalidAnswerError)) throw error;
    }
  }
  return models;
}

describe('passes over a cluster', () => {
  it('of which ARM reports one odd thing say so in safe words, and end', async () => {
    const elements = [element(1)];
    const good = {
      ...GOOD_CLUSTER,
      properties: { ...GOOD_CLUSTER.properties, securityProfile: { customCATrustCertificates: elements } },
    };
    for (const { what, model } of modelsOf(spoilt(good)).values()) {
      const rig = memoryRig(model);
      rig.add(trust('a', [0]));
      await passes(rig, 2, what);
    }
  });

  it('whose nodes are odd say so in safe words, and end', async () => {
    const before = at(START - HOUR);
    const metadata = (name: string) => ({
      ...{ name, uid: `uid-${name}`, creationTimestamp: before },
      labels: {
        'kubernetes.azure.com/agentpool': 'system',
        'kubernetes.azure.com/cluster': 'MC_rg',
        'kubernetes.azure.com/os-sku': 'Ubuntu',
      },
    });
    const nodes = {
      metadata: { resourceVersion: '1', continue: '' },
      columnDefinitions: [{ name: 'Name' }, { name: 'Status' }],
      rows: ['n-0', 'n-1'].map((name) => ({ cells: [name, 'Ready'], object: { metadata: metadata(name) } })),
    };
    const event = (name: string, message: string) => ({
      metadata: { name, creationTimestamp: at(START) },
      involvedObject: { kind: 'Node', name: 'n-0' },
      ...{
        type: 'Warning',
        reason: 'Drain',
        message,
        lastTimestamp: at(START),
        series: { lastObservedTime: at(START) },
      },
    });
    const events = {
      metadata: { resourceVersion: '1' },
      items: [
        event('e', 'Eviction blocked by Too many Requests (usually a pdb): team/web-1'),
        event('f', 'Draining node'),
      ],
    };
    const pods = { metadata: { name: 'web-1', namespace: 'team', labels: { app: 'web' } } };
    const budgets = {
      items: [
        {
          metadata: { name: 'web', namespace: 'team' },
          spec: {
            selector: {
              matchLabels: { app: 'web' },
              matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }],
            },
          },
          status: { disruptionsAllowed: 0 },
        },
      ],
    };
    const good = { nodes, events, pods, budgets };
    const answerTo = (path: string, all: Partial<typeof good>) => {
      if (path.endsWith('/nodes')) return all.nodes;
      if (path.endsWith('/events')) return all.events;
      return path.includes('poddisruptionbudgets') ? all.budgets : all.pods;
    };
    const seen = new Set<string>();
    for (const { what, json } of spoilt(good)) {
      const all = JSON.parse(json) as typeof good;
      const asked: string[] = [];
      const connection = {
        server: 'https://target',
        request: async ({ path }: { path: string }) => {
          asked.push(path);
          return answerTo(path, all);
        },
        stream: () => Promise.reject(new Error('no watches')),
      } as unknown as Connection;
      const read = createNodeReader(
        { connectionFor: async () => ({ kind: 'Open', connection }), retain: async () => {}, close: async () => {} },
        { now: () => START, setTimeout: () => () => {} },
      );
      const source = { cluster: CLUSTER_ID, reconcile: {}, group: 'Operator', ways: [{ kind: 'Azure' }] as const };
      const observation: NodesObservation = await read.read(source, 'Outcome', new AbortController().signal);
      expect({ what, kind: ['Read', 'Unreadable'].includes(observation.kind) }).toEqual({ what, kind: true });
      for (const path of asked) expect(path).toMatch(/^(?:\/[a-z0-9][a-z0-9.-]*)+$/);
      const key = JSON.stringify(observation, (_, value: unknown) => (value instanceof Map ? [...value] : value));
      expect({ what, size: key.length < 10_000 }).toEqual({ what, size: true });
      if (seen.has(key)) continue;
      seen.add(key);
      const rig = memoryRig({ elements: [element(1)], provisioningState: 'Updating' }, () => ({
        nodes: { read: async () => observation },
      }));
      rig.add(trust('a', [0], { nodeAccess: OWN }));
      rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
      await passes(rig, 1, what);
      rig.arm = { ...rig.arm, provisioningState: 'Updating' };
      await passes(rig, 2, what);
      rig.arm = { ...rig.arm, provisioningState: 'Failed' };
      await passes(rig, 1, what);
    }
    expect(seen.size).toBeGreaterThan(20);
  });

  it('end whatever texts an object has', async () => {
    const good: CustomCATrust = {
      ...trust('a', [0], { nodeAccess: true, requestedAt: 'now', verify: { image: 'images.example.com/app:1' } }),
      status: {
        observedGeneration: 1,
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'Updating',
            message: 'm',
            lastTransitionTime: at(START),
            observedGeneration: 1,
          },
        ],
        verification: {
          key: 'k',
          observedAt: at(START),
          nodes: 1,
          proven: 'x',
          running: { key: 'k', namespace: 'n', startedAt: at(START) },
        },
      },
    };
    const { metadata, spec, status } = good;
    const { annotations, labels = { a: 'b' } } = metadata;
    for (const { what, json } of spoiltOfType({ spec, status, annotations, labels })) {
      // The API server bounds it.
      if (what.startsWith('spec.settleSeconds')) continue;
      const changed = JSON.parse(json) as CustomCATrust & {
        annotations: Record<string, string>;
        labels: Record<string, string>;
      };
      const rig = memoryRig({ elements: [element(1)] });
      const { annotations, labels, ...rest } = changed;
      // The index by which objects are found is that of the cluster.
      const target = { ...rest.spec.target, resourceId: CLUSTER_ID.resourceId };
      rig.add({ ...good, ...rest, spec: { ...rest.spec, target }, metadata: { ...metadata, annotations, labels } });
      await ends(rig, 2, what);
    }
  });

  it('end whatever texts and numbers the record has', async () => {
    const first = memoryRig({ elements: [element(1)] });
    first.add(trust('a', [0]));
    await passes(first, 1, 'first');
    first.arm = { ...first.arm, provisioningState: 'Updating' };
    await passes(first, 2, 'second');
    const good = first.record!;
    expect(good.operation).toBeDefined();
    for (const { what, json } of spoiltOfType(good)) {
      if (isTimeThatIsNone(what, good)) continue;
      const rig = memoryRig({ elements: [element(1), element(0)], provisioningState: 'Updating' });
      rig.now = first.now;
      rig.add(trust('a', [0]));
      rig.record = JSON.parse(json) as RecordStatus;
      await ends(rig, 2, what);
    }
  });
});

/** The API server takes no text for a time that is none. */
function isTimeThatIsNone(what: string, good: RecordStatus): boolean {
  const [path = '', value = ''] = what.split(': ');
  const before = path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], good);
  const isTime = typeof before === 'string' && /^\d{4}-\d\d-\d\dT/.test(before);
  return isTime && !['the first year', 'the last year of four digits'].includes(value);
}
