import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { START_LIMIT } from '../simulator/workload-target.ts';
import { condition, eventually, isReady, roots } from './rig.ts';
import { startTargetRig, warningsOf, type Followed, type TargetRig } from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);

let rig: TargetRig;
beforeAll(async () => {
  rig = await startTargetRig();
}, START_LIMIT);
afterAll(() => rig.stop(), 60_000);

/** What it is at when it is killed. */
const moments: readonly (readonly [what: string, is: (object: CustomCATrust) => boolean])[] = [
  ['none replaced', ({ status }) => status?.nodes?.summary === '0/4'],
  ['one being replaced', ({ status }) => (status?.nodes?.reimaging ?? 0) > 0],
  ['one replaced', ({ status }) => (status?.nodes?.reimaged ?? 0) >= 1],
  ['failed after two', (object) => condition(object, 'NodesReimaged')?.reason === 'ReimageFailed'],
  ['resumed', (object) => condition(object, 'NodesReimaged')?.reason === 'ReimageInProgress'],
  ['three replaced', ({ status }) => (status?.nodes?.reimaged ?? 0) >= 3],
  ['all replaced', isReady],
];

describe('a controller that is killed again and again', () => {
  it('counts on from where the last was, sends nothing twice and says nothing twice', async () => {
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'system', count: 4, maxSurge: 1 }] });
    cluster.failNextOperation({ code: 'InternalOperationError', message: 'Something went wrong.', afterNodes: 2 });
    const timing = { resume: [3000, 3000] } as const;
    await rig.trust('killed', cluster, PEM);
    const parts: Followed[] = [];
    const baselines = new Set<string | undefined>();
    for (const [what, is] of moments) {
      const controller = await rig.startController({ timing });
      parts.push(await rig.follow('killed', cluster, is, what));
      const operation = (await rig.record(cluster))?.status?.operation;
      if (operation) baselines.add(operation.baseline);
      // What it has to say of an object goes with it.
      if (what === 'failed after two') await eventually(async () => (await warningsOf(rig, 'killed')).length > 0);
      controller.kill();
    }
    expect(parts.flatMap(({ lies }) => lies)).toEqual([]);
    const counts = parts.flatMap(({ seen }) => seen.flatMap(({ nodes }) => nodes ?? []));
    expect(new Set(counts.map(({ total }) => total))).toEqual(new Set([4]));
    const reimaged = counts.map((count) => count.reimaged);
    expect(reimaged).toEqual(reimaged.toSorted((a, b) => a - b));
    expect(counts.at(-1)?.summary).toBe('4/4');
    expect(baselines.size).toBe(1);
    expect(rig.puts(cluster)).toHaveLength(2);
    const said = (await warningsOf(rig, 'killed')).map(({ reason, count }) => [reason, count]);
    expect(said).toEqual([['UpdateFailed', 1]]);
  });
});
