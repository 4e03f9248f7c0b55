import { expect, it } from '@jest/globals';
import type { FollowUp } from '../../src/cluster/model/follow-up.ts';
import { trust } from '../harness/build.ts';
import { memoryRig } from '../harness/memory-rig.ts';

const broken: FollowUp = {
  name: 'verification',
  isDue: () => false,
  step: () => Promise.reject(new Error('a bug')),
};

it('a follow-up that fails keeps no status from being written, and the pass is repeated', async () => {
  const rig = memoryRig({}, () => ({ followUps: [broken] }));
  rig.add(trust('a', [0], { settleSeconds: 30 }), trust('b', [1], { settleSeconds: 30 }));
  await expect(rig.pass()).rejects.toThrow('a bug');
  for (const name of ['team/a', 'team/b']) expect(rig.condition(name, 'Ready')?.reason).toBe('Settling');
  rig.now += 60_000;
  await rig.pass();
  expect(rig.puts).toHaveLength(1);
});
