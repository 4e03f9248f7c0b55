import { expect, it, jest } from '@jest/globals';
import { createCredentialVault } from '../../../src/cluster/prove-rotation/vault.ts';
import { connect } from '../../../src/kubernetes/client/connection.ts';
import { eventually } from '../../eventually.ts';
import { kubeconfigOf, useRotatingTarget } from './rotating-target.ts';
import { CLUSTER_ID, START } from '../../harness/build.ts';

jest.setTimeout(60_000);
const CALM = new AbortController().signal;
const MINUTE = 60_000;

const rotating = useRotatingTarget();

it('proves by five rejections over a minute what was accepted before the rotation', async () => {
  let now = START;
  let opened = 0;
  const vault = createCredentialVault({
    open(credentials) {
      opened++;
      return connect(credentials);
    },
    now: () => now,
  });
  expect(await vault.prove(CLUSTER_ID, rotating.before.caPem, CALM)).toBeUndefined();

  const answers = await vault.capture(CLUSTER_ID, kubeconfigOf(rotating.before), rotating.before.caPem, CALM);
  expect(answers).toMatchObject({ clientCertificate: { kind: 'Accepted' }, token: { kind: 'None' } });
  await vault.capture(CLUSTER_ID, kubeconfigOf(rotating.before), rotating.before.caPem, CALM);
  expect(opened).toBe(1);
  expect(await vault.prove(CLUSTER_ID, rotating.before.caPem, CALM)).toMatchObject({
    clientCertificate: { kind: 'Accepted' },
  });

  await rotating.target.rotate();
  const { caPem } = await rotating.target.access();
  const proof = async () => (await vault.prove(CLUSTER_ID, caPem, CALM))?.clientCertificate;
  await eventually(async () => (await proof())?.kind === 'Rejected');
  now += MINUTE;
  const later = await proof();
  expect(later).toMatchObject({ kind: 'Rejected', overMs: MINUTE });
  const { times } = later as { times: number };

  // A server that cannot be reached, or shows another certificate, takes nothing back.
  expect((await vault.prove(CLUSTER_ID, rotating.before.caPem, CALM))?.clientCertificate.kind).toBe('Unknown');
  expect(await proof()).toMatchObject({ times: times + 1, overMs: MINUTE });

  vault.forget(CLUSTER_ID);
  expect(await vault.prove(CLUSTER_ID, caPem, CALM)).toBeUndefined();
});

it('shows nothing by rejecting what was rejected rotating.before, and keeps nothing for longer than a day', async () => {
  let now = START;
  const vault = createCredentialVault({ open: (credentials) => connect(credentials), now: () => now });
  const { caPem } = await rotating.target.access();
  const dead = { ...rotating.before, caPem };
  expect(await vault.capture(CLUSTER_ID, kubeconfigOf(dead), caPem, CALM)).toMatchObject({
    clientCertificate: { kind: 'Rejected' },
  });
  expect((await vault.prove(CLUSTER_ID, caPem, CALM))?.clientCertificate).toMatchObject({
    kind: 'Unknown',
    why: expect.stringContaining('before the rotation already'),
  });
  now += 25 * 60 * MINUTE;
  await vault.capture({ ...CLUSTER_ID, key: 'another' }, kubeconfigOf(dead), caPem, CALM);
  expect(vault.before(CLUSTER_ID)).toBeUndefined();
});
