import { describe, expect, it } from '@jest/globals';
import { renderCerts, renderTitle } from '../../../src/commands/certs/render.ts';
import type { CertsReport, CertsRow } from '../../../src/commands/certs/report.ts';
import { toJson } from '../../../src/commands/certs/json.ts';
import { paint } from '../../../src/commands/status/text.ts';
import { CA, DISABLED, ENABLED, KEYS, KUBELET, LEAF, NOW, report } from './states.ts';

function view(more: Partial<CertsReport> = {}, columns = Infinity): string[] {
  const shown = report(more);
  const at = { columns, now: NOW };
  return [...renderTitle(shown, at), ...renderCerts(shown, at)].map((line) => paint(line, false));
}

describe('the table of certificates', () => {
  it('is as kubeadm prints it, with who maintains each, its health, and where it was read', () => {
    expect(view({ rows: [CA, LEAF, KUBELET, KEYS], autoRotation: [ENABLED, DISABLED] })).toEqual([
      'prod',
      '  /id',
      '',
      'CERTIFICATE         EXPIRES                 RESIDUAL TIME  LIFE USED  MAINTAINED BY  HEALTH   SOURCE',
      'ClusterCA           Nov 24, 2055 12:00 UTC  29y            3%         You            Healthy  kubeconfig from ARM',
      'APIServer           Dec 01, 2027 12:00 UTC  365d           50%        Microsoft      Healthy  TLS handshake',
      'KubeletClient apps  Dec 21, 2026 12:00 UTC  20d            94%        Microsoft      Late     certificate signing requests',
      '    The first to expire is that of node aks-apps-1-vmss000001; 2 of 3 nodes are known.',
      '    The kubelet should have renewed it.',
      'ServiceAccountKeys  -                       -              -          Microsoft      Unknown  -',
      '    They were not read.',
      '',
      'POOL  AUTO-ROTATION  SEEN       EVIDENCE',
      'apps  Enabled        11:30 UTC  a renewal by aks-apps-1-vmss000001',
      'old   Disabled       -          -',
      '    Upgrade the pool.',
    ]);
  });

  it.each([
    [120, 'CERTIFICATE  EXPIRES                 RESIDUAL TIME  LIFE USED  MAINTAINED BY  HEALTH   SOURCE'],
    [90, 'CERTIFICATE  EXPIRES                 RESIDUAL TIME  LIFE USED  MAINTAINED BY  HEALTH'],
    [75, 'CERTIFICATE  EXPIRES                 RESIDUAL TIME  MAINTAINED BY  HEALTH'],
    [60, 'CERTIFICATE  EXPIRES                 RESIDUAL TIME  HEALTH'],
    [40, 'CERTIFICATE  RESIDUAL TIME  HEALTH'],
  ])('in %d columns leaves out what says least, and never the health', (columns, head) => {
    const lines = view({}, columns);
    expect(lines.find((line) => line.startsWith('CERTIFICATE'))).toBe(head);
    expect(lines.every((line) => line.length <= columns)).toBe(true);
  });

  it('prints a message once that neighboring rows share, with the rows of one name together', () => {
    const serving = (pool: string): CertsRow => ({ ...KEYS, name: 'KubeletServing', pool, message: 'Self-signed.' });
    const client = (pool: string): CertsRow => ({ ...KEYS, name: 'KubeletClient', pool, message: `Of ${pool}.` });
    const lines = view({ rows: [client('a'), serving('a'), client('b'), serving('b')] }).slice(4);
    expect(lines.map((line) => line.split('  ').filter((part) => part !== '')[0])).toEqual([
      'KubeletClient a',
      'Of a.',
      'KubeletClient b',
      'Of b.',
      'KubeletServing a',
      'KubeletServing b',
      'Self-signed.',
    ]);
  });

  it('has the ids of the keys, which differ after a rotation', () => {
    expect(view({ rows: [{ ...KEYS, health: 'Healthy', keyIDs: ['a', 'b'], message: 'm' }] })).toContain(
      '    The API server publishes: a, b.',
    );
  });

  it('breaks messages at the width of the terminal', () => {
    const message = 'word '.repeat(40).trim();
    expect(view({ rows: [{ ...LEAF, message }] }, 60).every((line) => line.length <= 60)).toBe(true);
  });

  it('escapes what could control a terminal, wherever it comes from', () => {
    const evil = 'a\u001b[2J\u202eb\r\n';
    const text = view({
      name: evil,
      resourceId: evil,
      rows: [{ ...KUBELET, pool: evil, node: evil, source: evil, message: evil, notAfter: evil }],
      autoRotation: [{ ...ENABLED, pool: evil, evidence: evil, seenAt: evil, message: evil }],
      nodeCommands: [{ pool: evil, node: evil, shows: evil, command: evil }],
    }).join('');
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u001f\u202e]/);
    const json = toJson(report({ name: evil, notices: [evil] }));
    // eslint-disable-next-line no-control-regex
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(JSON.parse(json)).toMatchObject({ cluster: { name: evil }, notices: [evil] });
  });

  it('never shortens a command, which is there to be copied', () => {
    const command = `az vmss run-command invoke ${'x'.repeat(300)}`;
    const lines = view(
      { nodeCommands: [{ pool: 'apps', node: 'n', shows: 'when its certificates expire', command }] },
      60,
    );
    expect(lines).toContain(`      ${command}`);
  });

  describe('the request for a rotation', () => {
    const replaceCA = 'ab'.repeat(32);
    const ca: CertsRow = { ...CA, fingerprintSHA256: replaceCA };
    const requestIn = (lines: readonly string[]) => lines.filter((line) => line.startsWith('      '));
    const lines = ['      mode: Rotate', '      acceptDowntime: true', `      request: { replaceCA: ${replaceCA} }`];

    it('is not printed where nothing needs one', () => {
      expect(requestIn(view({ rows: [ca, LEAF] }))).toEqual([]);
    });

    it.each<[string, CertsRow[]]>([
      ['the cluster CA expires', [{ ...ca, health: 'Expiring' }, LEAF]],
      ['the certificate of the API server has expired', [ca, { ...LEAF, health: 'Expired' }]],
    ])('is printed where %s', (_, rows) => {
      expect(requestIn(view({ rows }, 60))).toEqual(lines);
    });

    it('is printed where it is asked for, and always part of the document', () => {
      const at = { columns: Infinity, now: NOW, rotationRequest: true };
      const shown = renderCerts(report({ rows: [ca, LEAF] }), at).map((line) => paint(line, false));
      expect(requestIn(shown)).toEqual(lines);
      expect(JSON.parse(toJson(report({ rows: [ca, LEAF] })))).toMatchObject({
        rotationRequest: { mode: 'Rotate', acceptDowntime: true, request: { replaceCA } },
      });
    });

    it.each<[string, CertsRow[]]>([
      ['is not known', [CA, { ...LEAF, health: 'Expiring' }]],
      [
        'is not the one of the API server',
        [
          { ...ca, health: 'Expiring' },
          { ...LEAF, health: 'Intercepted' },
        ],
      ],
      [
        'has a fingerprint that is none',
        [{ ...ca, health: 'Expiring', fingerprintSHA256: `${'ab'.repeat(31)}}\n` }, LEAF],
      ],
    ])('is never made of a CA that %s', (_, rows) => {
      expect(requestIn(view({ rows }))).toEqual([]);
      expect(JSON.parse(toJson(report({ rows })))).not.toHaveProperty('rotationRequest');
    });
  });

  it('says whose view it is where the controller has read it', () => {
    expect(view({ object: { namespace: 'web', name: 'prod' } })[0]).toBe(
      'prod  as CertificateRotation web/prod has it',
    );
  });
});

describe('the document of -o json', () => {
  it('has everything under a version, and the exit code', () => {
    expect(JSON.parse(toJson(report({ rows: [CA, KUBELET], autoRotation: [DISABLED], notices: ['n'] })))).toEqual({
      format: 1,
      exitCode: 3,
      cluster: { name: 'prod', resourceId: '/id' },
      certificates: [CA, KUBELET],
      autoRotation: [DISABLED],
      nodeCommands: [],
      notices: ['n'],
    });
  });
});
