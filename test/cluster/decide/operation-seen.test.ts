import { describe, expect, it } from '@jest/globals';
import { seeOperation } from '../../../src/cluster/decide/operation-seen.ts';
import { KINDS } from '../../../src/cluster/kinds/index.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { at, intent, mark, MINUTE, node, observe, operation, START } from '../../harness/build.ts';

const OLD_NODE = { kind: 'Read', nodes: [node('n1', START - 60 * MINUTE)] } as const;
const COUNTED = {
  total: 1,
  reimaged: 1,
  reimaging: 0,
  waiting: 0,
  excluded: 0,
  summary: '1/1',
  source: 'Nodes',
} as const;

/** The count of one namespace's own way after this operation has ended, with a node that is older than it. */
function ownCountAfter(recorded: ReturnType<typeof operation>) {
  const before: RecordStatus = {
    operation: recorded,
    namespaceCounts: [{ namespace: 'team', done: true, nodes: COUNTED }],
  };
  const now = START + 10 * MINUTE;
  const intents = [
    intent('a', [0], { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } } }),
    intent('b', [0], { namespace: 'ops' }),
  ];
  const clusterCA = { ok: true, fingerprint: mark(41), createdAt: START, notAfter: now, readAt: now } as const;
  const observation = { ...observe({ record: before, intents, own: new Map([['team', OLD_NODE]]) }), clusterCA };
  const { arm } = observation;
  if (!arm.ok) throw new Error('the cluster was read');
  const { assessment, own } = seeOperation(observation, arm, before, now, DEFAULT_TIMING, KINDS);
  return { assessment: assessment?.kind, count: own.counts.find(({ namespace }) => namespace === 'team') };
}

describe("the count of a namespace's own way", () => {
  const ended = { rolling: { succeededSince: at(START) } };
  const baselines = { otherBaselines: [{ countedBy: 'Namespace/team', baseline: at(START), countedAt: at(START) }] };

  it('goes on with the nodes that are older than a change of the list', () => {
    const { count } = ownCountAfter(operation({ ...ended, ...baselines }));
    expect(count).toMatchObject({ done: false, nodes: { reimaged: 0, total: 2 } });
  });

  it('stays as it is after a rotation: a node that it leaves old has the list all the same', () => {
    const { updateTrust: _, ...rest } = operation({ ...ended, ...baselines });
    const rotation = {
      ...rest,
      kind: 'RotateCertificates',
      rotateCertificates: { oldCA: mark(40), reason: 'Requested' },
    };
    expect(ownCountAfter(rotation as ReturnType<typeof operation>)).toEqual({
      assessment: 'Done',
      count: { namespace: 'team', done: true, nodes: COUNTED },
    });
  });
});
