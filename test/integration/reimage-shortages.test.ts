import { describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { condition, eventually, isReady, roots } from './rig.ts';
import { nodeNames, provisioningError, says, targetRigOfFile, warningsOf, type TargetRig } from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);

let rig: TargetRig;
targetRigOfFile((started) => (rig = started));

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

describe('a shortage', () => {
  it.each([
    ['QuotaExceeded', 'raise the quota of the subscription, or lower maxSurge of the pool'],
    ['SubnetIsFull', 'make room in the subnet of the pool'],
    [
      'AllocationFailed',
      'wait until Azure has machines of the size of the pool again, or let the pool do without extra ones (maxSurge 0 and maxUnavailable)',
    ],
  ] as const)(
    '(%s) is reported for the pool, with the remaining nodes and the fix, until it is over',
    async (code, mend) => {
      const cluster = await rig.addTargetCluster({
        pools: [
          { name: 'system', count: 2 },
          { name: 'work', count: 2 },
        ],
      });
      const name = code.toLowerCase();
      const [system, work] = [nodeNames(cluster, 'system'), nodeNames(cluster, 'work')];
      cluster.beginShortage({ code, pool: 'work' });
      await rig.startController({ timing: { resume: [2500, 2500] } });
      const began = Date.now();
      await rig.trust(name, cluster, PEM);
      const isFailed = (object: CustomCATrust) => condition(object, 'NodesReimaged')?.reason === 'ReimageFailed';
      const { object, lies } = await rig.follow(name, cluster, isFailed, 'short of machines');

      const by = `AKS gave up: ${code}`;
      expect(object.status?.nodes).toEqual({
        total: 4,
        reimaged: 2,
        reimaging: 0,
        waiting: 2,
        excluded: 0,
        summary: '2/4',
        source: 'Nodes',
      });
      const pool = { osType: 'Linux', nodes: 2, reimaging: 0 };
      const blockedSince = object.status?.nodePools?.[1]?.blockedSince ?? '';
      expect(object.status?.nodePools).toEqual([
        { ...pool, name: 'system', reimaged: 2, waiting: 0, phase: 'Done' },
        {
          ...{ ...pool, name: 'work', reimaged: 0, waiting: 2, phase: 'Failed' },
          ...{ blockedBy: by, blockedReason: 'GivenUp', blockedSince },
        },
      ]);
      expect(Date.parse(blockedSince)).toBeGreaterThan(began);
      expect(Date.parse(blockedSince)).toBeLessThanOrEqual(Date.now());
      expect(says(object, 'NodesReimaged')).toEqual({
        status: 'False',
        reason: 'ReimageFailed',
        message:
          `2 of 4 nodes were replaced since the change; without the new certificates: ${work.join(', ')}; with them: ${system.join(', ')}. ` +
          `Node pool work: ${by}. ${mend.charAt(0).toUpperCase()}${mend.slice(1)}`,
      });
      const due = /Attempt 2 at (\S+Z)\.$/.exec(says(object, 'Applied').message ?? '')?.[1] ?? '';
      // Both are whole seconds; the wait is 2.5 s.
      expect(Math.abs(Date.parse(due) - Date.parse(blockedSince) - 2500)).toBeLessThan(2000);
      const applied = {
        status: 'False',
        reason: 'UpdateFailed',
        message:
          `AKS could not finish replacing the nodes, 2 of 4 nodes replaced: ${code}: ${provisioningError(cluster).message} ` +
          `${capital(mend)}. Attempt 2 at ${due}.`,
      };
      expect(says(object, 'Applied')).toEqual(applied);
      expect(says(object, 'Ready')).toEqual(applied);
      expect(says(object, 'Reconciling')).toEqual({ ...applied, status: 'True' });
      expect(condition(object, 'Stalled')).toBeUndefined();
      const warning = { reason: 'UpdateFailed', note: applied.message, count: 1 };
      await eventually(async () => (await warningsOf(rig, name)).length > 0);
      expect(await warningsOf(rig, name)).toEqual([warning]);

      cluster.endShortage();
      const going = await rig.follow(name, cluster, (one) => says(one, 'Applied').reason === 'Updating', 'resumed');
      expect(going.object.status?.nodePools?.[1]).not.toHaveProperty('blockedBy');
      expect(says(going.object, 'NodesReimaged')).toEqual({
        status: 'False',
        reason: 'ReimageInProgress',
        message: '2 of 4 nodes were replaced since the change',
      });
      const ready = await rig.follow(name, cluster, isReady, 'Ready');
      expect([...lies, ...going.lies, ...ready.lies]).toEqual([]);
      expect(ready.object.status?.nodes?.summary).toBe('4/4');
      expect(rig.puts(cluster)).toHaveLength(2);
      expect(await warningsOf(rig, name)).toEqual([warning]);
    },
  );
});
