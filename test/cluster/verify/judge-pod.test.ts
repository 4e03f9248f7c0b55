import { describe, expect, it } from '@jest/globals';
import { judgePod } from '../../../src/cluster/verify/judge-pod.ts';
import type { ContainerView, PodView } from '../../../src/cluster/verify/types.ts';
import { MINUTE, SECOND, START } from '../../harness/build.ts';
import { pod, PULLED, UNKNOWN_SIGNER, wantedVerification } from './build.ts';

const image = wantedVerification();
const store = wantedVerification({ spec: { trustStore: {} }, image: 'busybox' });
const waiting = (reason: string, message = ''): { container: ContainerView } => ({
  container: { kind: 'Waiting', reason, message },
});
const dns = waiting('ErrImagePull', 'failed to do request: dial tcp: no such host');

describe('a pod that pulls an image', () => {
  it.each<[string, Partial<PodView>, number, string | undefined]>([
    ['shows nothing before its node saw it', {}, SECOND, undefined],
    ['shows nothing while it pulls', waiting('ContainerCreating'), 4 * MINUTE, undefined],
    ['shows trust once its container could not start', PULLED, SECOND, 'Trusted'],
    [
      'shows trust when the image has that program after all',
      { phase: 'Running', container: { kind: 'Running' } },
      SECOND,
      'Trusted',
    ],
    [
      'shows trust when the container is refused after the pull',
      waiting('CreateContainerConfigError', 'image will run as root'),
      SECOND,
      'Trusted',
    ],
    ['shows at once that the signer is not trusted', UNKNOWN_SIGNER, SECOND, 'Untrusted'],
    ['gives a name time to resolve', dns, 59 * SECOND, undefined],
    ['does not take a name that does not resolve for anything', dns, 61 * SECOND, 'Unclear'],
    [
      'is over when the kubelet ended it, with what it said last',
      { ...UNKNOWN_SIGNER, phase: 'Failed', reason: 'DeadlineExceeded' },
      6 * MINUTE,
      'Untrusted',
    ],
    ['proves nothing when the node had no room', { phase: 'Failed', reason: 'OutOfpods' }, SECOND, 'Unclear'],
    ['proves nothing when it never started', waiting('ContainerCreating'), 5 * MINUTE, 'Unclear'],
    ['proves nothing with a name that is none', waiting('InvalidImageName', 'bad'), SECOND, 'Unclear'],
    [
      'proves nothing when the node lost sight of it',
      {
        phase: 'Failed',
        container: { kind: 'Ended', exitCode: 137, reason: 'ContainerStatusUnknown', message: '' },
      },
      SECOND,
      'Unclear',
    ],
  ])('%s', (_, options, age, outcome) => {
    expect(judgePod(pod('a', options), image, START + age)?.outcome).toBe(outcome);
  });

  it('says by an event what it hangs on', () => {
    const warning = 'MountVolume.SetUp failed: hostPath type check failed';
    const hangs = judgePod(pod('a', { ...waiting('ContainerCreating'), warning }), image, START + 5 * MINUTE);
    expect(hangs?.message).toBe(`the pod gave no result in 5 minutes (ContainerCreating); ${warning}`);
    const ended = judgePod(pod('a', { phase: 'Failed', reason: 'DeadlineExceeded', warning }), image, START);
    expect(ended?.message).toBe(`the pod ended without a result: DeadlineExceeded; ${warning}`);
  });

  it('says by an event why it failed, where its container only waits', () => {
    const backOff = waiting('ImagePullBackOff', 'Back-off pulling image "images.example.com/app:1"');
    const pullFailure = 'Failed to pull image: x509: certificate signed by unknown authority';
    expect(judgePod(pod('a', backOff), image, START + SECOND)).toBeUndefined();
    expect(judgePod(pod('a', { ...backOff, pullFailure }), image, START + SECOND)?.outcome).toBe('Untrusted');
  });
});

describe('a pod that reads the trust store', () => {
  const ended = (message: string, exitCode = 0, reason = 'Completed') =>
    pod('a', { phase: 'Succeeded', container: { kind: 'Ended', exitCode, reason, message } });

  it('shows what it wrote', () => {
    expect(judgePod(ended('trust-store/1\n'), store, START)?.outcome).toBe('Trusted');
  });

  it('proves nothing by having been pulled, or by not having been', () => {
    expect(judgePod(pod('a', { phase: 'Running', container: { kind: 'Running' } }), store, START)).toBeUndefined();
    expect(judgePod(pod('a', UNKNOWN_SIGNER), store, START + 2 * MINUTE)?.outcome).toBe('Unclear');
    expect(judgePod(pod('a', UNKNOWN_SIGNER), store, START)).toBeUndefined();
  });

  it('proves nothing when its program is not in the image', () => {
    const result = judgePod(ended('exec: "sh": not found', 127, 'StartError'), store, START);
    expect(result).toMatchObject({ outcome: 'Unclear', message: expect.stringContaining('exec: "sh": not found') });
  });

  it('proves nothing when it ended with an error after it wrote', () => {
    expect(judgePod(ended('trust-store/1\n', 1, 'Error'), store, START)?.outcome).toBe('Unclear');
  });
});
