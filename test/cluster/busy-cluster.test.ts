import { expect, it } from '@jest/globals';
import { HOUR, MINUTE, SECOND, trust } from '../harness/build.ts';
import { memoryRig } from '../harness/memory-rig.ts';

it.each([
  ['with a change that waits', [0, 1]],
  ['with no change', [0]],
])('a cluster that another client keeps busy for hours is read less and less often, %s', async (_, roots) => {
  const rig = memoryRig();
  rig.add(trust('a', [0]));
  for (let passes = 0; passes < 4; passes++) {
    await rig.pass();
    rig.now += MINUTE;
  }
  rig.add({ ...trust('a', roots, { generation: 2 }), status: rig.objects.get('team/a')!.status! });
  rig.arm = { ...rig.arm, provisioningState: 'Upgrading' };
  const waits: number[] = [];
  const end = rig.now + 5 * HOUR;
  while (rig.now < end) {
    const { afterMs } = await rig.pass();
    waits.push(afterMs);
    rig.now += Math.max(afterMs, 1);
  }
  expect(waits[0]).toBe(30 * SECOND);
  expect(waits.at(-1)).toBe(5 * MINUTE);
  expect(waits.length).toBeLessThan(5 * 12 + 10);
});
