import { describe, expect, it } from '@jest/globals';
import type { ManagedClusters } from '../../../src/azure/managed-clusters.ts';
import { failure, HOUR, MINUTE, rootsIn, SECOND, trust } from '../../harness/build.ts';
import { memoryRig, type MemoryRig } from '../../harness/memory-rig.ts';

const REJECTED: Awaited<ReturnType<ManagedClusters['put']>> = {
  ok: false,
  failure: failure(400, 'BadRequest', { message: 'cannot decode SecurityProfile.CustomCATrustCertificates' }),
};

/** ARM refuses every list that has one of these roots in it, and does not say for which. */
function pickyRig(...bad: number[]): MemoryRig {
  return memoryRig({}, (rig) => ({
    put: () =>
      rig.puts
        .at(-1)!
        .flat()
        .some((root) => bad.includes(root))
        ? REJECTED
        : undefined,
  }));
}

async function follow(rig: MemoryRig, ms: number): Promise<void> {
  const end = rig.now + ms;
  while (rig.now < end) rig.now += Math.max((await rig.pass()).afterMs, SECOND);
}

const reason = (rig: MemoryRig, object: string) => rig.condition(object, 'Applied')?.reason;

describe('a write that ARM refuses for the certificates of one of several objects', () => {
  it('leaves the certificates of that object out within minutes, and of no other', async () => {
    const rig = pickyRig(1);
    rig.add(trust('a', [0]), trust('b', [1]), trust('c', [2], { namespace: 'platform', uid: 'c' }));
    await follow(rig, 3 * MINUTE);
    expect(rootsIn(rig.arm.elements).flat().sort()).toEqual([0, 2]);
    expect(['team/a', 'team/b', 'platform/c'].map((name) => reason(rig, name))).toEqual([
      'Applied',
      'CertificateRejected',
      'Applied',
    ]);
    const { length } = rig.puts;
    await follow(rig, 24 * HOUR);
    expect(rig.puts).toHaveLength(length);
  });

  it('says to each object which of its own certificates were refused, and that it is sent alone next', async () => {
    const rig = pickyRig(1);
    rig.add(trust('a', [0], { namespace: 'platform', uid: 'a' }), trust('b', [1], { namespace: 'evil' }));
    await rig.pass();
    const [a, b] = rig.record?.rejections ?? [];
    expect([a?.object, a?.suspected, a?.fingerprints?.length]).toEqual(['evil/b', 'Object', 1]);
    expect([b?.object, b?.suspected, b?.fingerprints?.length]).toEqual(['platform/a', 'Object', 1]);
    expect(b?.message).toContain('sent without them next');
    expect(b?.message).not.toContain(a!.fingerprints![0]);
  });

  it('ends where two objects want the same one', async () => {
    const rig = pickyRig(1);
    rig.add(trust('a', [0]), trust('b', [1]), trust('c', [1]));
    await follow(rig, HOUR);
    expect(['team/a', 'team/b', 'team/c'].map((name) => reason(rig, name))).toEqual([
      'Applied',
      'CertificateRejected',
      'CertificateRejected',
    ]);
    expect(rig.puts.length).toBeLessThan(6);
  });

  it('takes few writes to find one namespace with hundreds of objects', async () => {
    const rig = pickyRig(1);
    rig.add(trust('a', [0], { namespace: 'platform', uid: 'a' }));
    rig.add(...Array.from({ length: 300 }, (_, n) => trust(`b${n}`, [1], { namespace: 'evil', uid: `b${n}` })));
    await follow(rig, 5 * MINUTE);
    expect(reason(rig, 'platform/a')).toBe('Applied');
    expect(reason(rig, 'evil/b0')).toBe('CertificateRejected');
    expect(rig.puts.length).toBeLessThan(6);
  });

  it('is tried again with an object that was edited', async () => {
    const rig = pickyRig(1);
    rig.add(trust('a', [0]), trust('b', [1]));
    await follow(rig, HOUR);
    const { status } = rig.objects.get('team/b')!;
    rig.add({ ...trust('b', [2], { generation: 2 }), status: status! });
    await follow(rig, HOUR);
    expect(rootsIn(rig.arm.elements).flat().sort()).toEqual([0, 2]);
    expect(rig.record?.rejections).toBeUndefined();
  });
});
