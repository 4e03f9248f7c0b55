import { expect, it } from '@jest/globals';
import { makeAuthority } from '../../../cluster-certificates/authority.ts';
import { MINUTE, SECOND } from '../../../harness/build.ts';
import { kubeconfigWith } from '../../../harness/memory-rig.ts';
import { begin, minutes, OLD, put, rigWith, rotated, statusOf } from './rotation-rig.ts';

const BACKDATED = 10 * MINUTE;

it.each([
  ['made while the rotation ran, which ARM lists at last, is its CA', MINUTE, 'ThisController'],
  ['made later is of another client', 60 * MINUTE, 'AnotherClient'],
])('another CA %s', async (_, later, startedBy) => {
  const listed = { pem: '' };
  const rig = rigWith({ r: { replace: OLD } }, (self) => ({
    kubeconfig: () => (self.clusterCA === OLD ? undefined : { ok: true, value: kubeconfigWith(listed.pem) }),
  }));
  await begin(rig);
  const createdAt = rig.now + 30 * SECOND;
  const [first, second] = [
    (await makeAuthority(createdAt - BACKDATED)).certificate,
    (await makeAuthority(createdAt + later - BACKDATED)).certificate,
  ];
  listed.pem = String(first);
  await rotated(rig);
  const fingerprint = first.fingerprint256.replaceAll(':', '').toLowerCase();
  expect(rig.record?.rotation?.lastRotation).toMatchObject({ startedBy: 'ThisController', newCA: fingerprint });
  rig.now += 2 * 60 * MINUTE;
  listed.pem = String(second);
  // It asks for a read of the CA.
  put(rig, 'r', { requestedAt: new Date(rig.now).toISOString(), generation: 2, status: statusOf(rig) });
  await minutes(rig, 1);
  expect(rig.record?.rotation?.lastRotation).toMatchObject({
    startedBy,
    newCA: second.fingerprint256.replaceAll(':', '').toLowerCase(),
  });
});
