import { describe, expect, it } from '@jest/globals';
import type { CustomCATrustStatus } from '../../../../src/api/generated/customcatrusts.ts';
import { eventsOf } from '../../../../src/cluster/kinds/update-trust/events.ts';
import { at, START } from '../../../harness/build.ts';

function ready(reason: string, options: { stalled?: boolean; message?: string } = {}): CustomCATrustStatus {
  const { stalled = false, message = 'm' } = options;
  const common = { reason, message, lastTransitionTime: at(START) };
  return {
    conditions: [
      { type: 'Ready', status: reason === 'Trusted' ? 'True' : 'False', ...common },
      ...(stalled ? [{ type: 'Stalled', status: 'True' as const, ...common }] : []),
    ],
  };
}

function row(fingerprintSHA256: string, warnings: string[]) {
  return {
    name: 'ca',
    index: 0,
    subject: 'CN=x',
    fingerprintSHA256,
    notAfter: at(START),
    state: 'Trusted' as const,
    warnings,
  };
}

describe('an event', () => {
  it('reports the reason of Ready, as a warning when a user must act', () => {
    expect(eventsOf(undefined, ready('Settling'))).toEqual([{ type: 'Normal', reason: 'Settling', message: 'm' }]);
    expect(eventsOf(ready('Settling'), ready('LimitExceeded', { stalled: true }))).toEqual([
      { type: 'Warning', reason: 'LimitExceeded', message: 'm' },
    ]);
  });

  it.each(['ReimageBlocked', 'ReimageFailed', 'UpdateFailed'])('is a warning when Ready says %s', (reason) => {
    expect(eventsOf(ready('Updating'), ready(reason))).toEqual([{ type: 'Warning', reason, message: 'm' }]);
  });

  it('does not repeat itself while the reason stays, whatever the message', () => {
    expect(eventsOf(ready('Updating'), ready('Updating', { message: '7 of 12 nodes' }))).toEqual([]);
  });

  it('reports each pool that is blocked after another one, and not the next pod of the same pool', () => {
    const blocked = (...by: string[]): CustomCATrustStatus => ({
      ...ready('ReimageBlocked'),
      nodePools: by.map((blockedBy, index) => ({
        ...{ name: `pool${index}`, osType: 'Linux', nodes: 3, phase: 'Reimaging' as const },
        ...(blockedBy === '' ? {} : { blockedBy, blockedSince: at(START) }),
      })),
    });
    expect(eventsOf(ready('Updating'), blocked('a', 'b')).map(({ message }) => message)).toEqual(['m']);
    expect(eventsOf(blocked('a', ''), blocked('a', 'b'))).toEqual([
      { type: 'Warning', reason: 'ReimageBlocked', message: 'Node pool pool1: b' },
    ]);
    expect(eventsOf(blocked('a', ''), blocked('another', ''))).toEqual([]);
    expect(eventsOf(blocked('a'), { ...blocked('a'), ...ready('Updating') })).toHaveLength(1);
  });

  it('is not made from an empty status', () => {
    expect(eventsOf(undefined, {})).toEqual([]);
  });

  it('reports an expired certificate once', () => {
    const before = { certificates: [row('aa', []), row('bb', ['Expired'])] };
    const after = { certificates: [row('aa', ['WeakKey', 'Expired']), row('bb', ['Expired'])] };
    expect(eventsOf(before, after)).toEqual([
      {
        type: 'Warning',
        reason: 'CertificateExpired',
        message: `Certificate 0 of entry "ca" (CN=x) expired at ${at(START)}. It stays in the cluster's list until it is removed from the object.`,
      },
    ]);
    expect(eventsOf(after, after)).toEqual([]);
  });

  it('reports a certificate that is no authority once', () => {
    const after = { certificates: [row('aa', ['NotACertificateAuthority'])] };
    expect(eventsOf(undefined, after)).toEqual([
      {
        type: 'Warning',
        reason: 'NotACertificateAuthority',
        message:
          'Certificate 0 of entry "ca" (CN=x) may not sign certificates: perhaps it is the certificate of a server. It is used all the same. Use the certificate of the authority that issued it.',
      },
    ]);
    expect(eventsOf(after, after)).toEqual([]);
  });
});
