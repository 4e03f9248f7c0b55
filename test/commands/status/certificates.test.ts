import { describe, expect, it } from '@jest/globals';
import { reportOn } from '../../../src/commands/status/cluster-report.ts';
import { factsOf } from '../../../src/commands/status/log-lines.ts';
import { NOW, record, trust, view } from './states.ts';

describe('certificates', () => {
  const row = { name: 'proxy', index: 0, subject: 'CN=Corp Root', notAfter: '2031-01-01T00:00:00Z' };
  const status = {
    certificates: [
      { ...row, state: 'Trusted' as const, warnings: ['WeakSignature'] },
      { name: 'proxy', index: 1, state: 'Invalid' as const, message: 'is a private key' },
    ],
    certificatesNotShown: 3,
  };
  const slots = [
    { fingerprintSHA256: 'ab'.repeat(32), subject: 'CN=Corp Root', namedBy: ['platform/roots/proxy'] },
    { opaque: true, digest: 'x', reason: 'It is not base64.' },
  ];

  it('are not shown unless asked for', () => {
    expect(view([trust({ status })], [record({ slots })]).join('\n')).not.toContain('Corp Root');
  });

  it('are shown with their state and what is wrong with them, and with the objects that name each slot', () => {
    const lines = view([trust({ status })], [record({ slots })], { certificates: true });
    expect(lines).toEqual(
      expect.arrayContaining([
        '      Trusted   proxy[0]; CN=Corp Root; expires 2031-01-01 00:00 UTC; WeakSignature',
        '      Invalid   proxy[1]: is a private key',
        '      and 3 certificates more',
        '    0  CN=Corp Root; named by platform/roots/proxy',
        '    1  an element that is not one readable certificate. It is not base64.',
      ]),
    );
  });

  it('that are no authorities have a sentence beside the code, without --certificates too', () => {
    const certificates = [{ ...row, state: 'Trusted' as const, warnings: ['NotACertificateAuthority'] }];
    expect(view([trust({ status: { certificates } })], [record()])).toContain(
      '    certificates: NotACertificateAuthority (may not sign certificates, perhaps the certificate of a server; use that of the authority that issued it): proxy[0]',
    );
  });

  it('that have ended, end soon, or have another fault are named without --certificates', () => {
    const many = Array.from({ length: 5 }, (_, index) => ({
      ...row,
      index,
      state: 'Trusted' as const,
      warnings: ['WeakKey'],
    }));
    const certificates = [
      ...many,
      { ...row, name: 'old', state: 'Trusted' as const, notAfter: '2026-11-01T00:00:00Z', warnings: ['Expired'] },
      { ...row, name: 'soon', state: 'Trusted' as const, notAfter: '2026-12-20T00:00:00Z' },
      { ...row, name: 'going', state: 'Removing' as const, notAfter: '2026-12-20T00:00:00Z' },
    ];
    const text =
      'certificates: WeakKey: proxy[0], proxy[1], proxy[2] and 2 more; Expired: old[0]; ends within 30 days: soon[0] at 2026-12-20 00:00 UTC';
    const object = trust({ status: { certificates } });
    expect(view([object], [record()]).slice(2, 4)).toEqual(['  platform/roots  Ready: Trusted', `    ${text}`]);
    const facts = [...factsOf(reportOn({ trusts: [object], records: [] }), false, NOW).values()];
    expect(facts).toContain(
      `prod: platform/roots: ${text.replace('00:00 UTC', '').replace('12-20 ', '12-20T00:00:00Z')}`,
    );
  });
});
