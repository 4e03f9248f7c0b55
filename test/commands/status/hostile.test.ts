import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../../src/api/generated/targetclusters.ts';
import { reportOn } from '../../../src/commands/status/cluster-report.ts';
import { factsOf } from '../../../src/commands/status/log-lines.ts';
import { toJson } from '../../../src/commands/status/json.ts';
import { render } from '../../../src/commands/status/render.ts';
import { columnsOf, paint, safe } from '../../../src/commands/status/text.ts';
import { but, DEFAULT_VIEW, NOW, OPERATION, pool, record, rotation, says, trust, UPDATING } from './states.ts';

describe('whatever the objects say', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 60 });
  const seeds = fc.record({
    text: fc.oneof(
      hostile,
      fc.constantFrom('\x1b]0;pwned\x07', '\x9b2J', 'a\r\nb', '\u202eabc', '\ud800', '漢字'.repeat(30)),
    ),
    columns: fc.integer({ min: 1, max: 160 }),
  });
  const everywhere = (text: string): [CustomCATrust, TargetCluster, CertificateRotation] => [
    trust({
      conditions: [
        ...but(says('FullyCovered', 'False', 'X', text)),
        says('Ready', 'False', text, text),
        says(text, 'False', text, text),
      ],
      status: {
        certificates: [
          {
            name: text,
            index: 0,
            subject: text,
            issuer: text,
            notAfter: text,
            state: 'Trusted',
            warnings: [text],
            message: text,
          },
        ],
      },
    }),
    record({
      ...UPDATING,
      clusterName: text,
      slots: [{ subject: text, namedBy: [text], notAfter: text }],
      nodePools: [pool(text, 3, 1, { blockedBy: text, blockedSince: text, message: text })],
      operation: { ...OPERATION, startedAt: text, failed: { code: text, message: text, at: text } },
      pending: { since: text, changedAt: text, digest: text, waitsFor: text, until: text },
      estimate: { nodesLeft: 1, earliest: text, likely: text },
    }),
    rotation({
      conditions: [says('Ready', 'False', text, text), says('CertificatesHealthy', 'False', text, text)],
      status: {
        phase: text as 'Idle',
        earliestNotAfter: text,
        certificates: [
          {
            name: 'APIServer',
            pool: text,
            maintainedBy: 'You',
            health: text as 'Healthy',
            notAfter: text,
            message: text,
          },
        ],
        nextRotation: { at: text, reason: text as 'Every', announcedAt: text },
        lastRotation: { startedAt: text, completedAt: text, startedBy: 'ThisController', reason: text, oldCA: text },
        verification: {
          clusterCASHA256: text,
          rows: [{ name: text as 'OldTokenRejected', result: 'Pending', message: text }],
        },
      },
    }),
  ];

  it('no character gets to a terminal that moves, hides or reorders anything, and no line is wider than it', () => {
    fc.assert(
      fc.property(seeds, ({ text, columns }) => {
        const [object, cluster, own] = everywhere(text);
        const reports = reportOn({ trusts: [object], rotations: [own], records: [cluster] });
        const lines = render(reports, { ...DEFAULT_VIEW, columns, certificates: true });
        for (const line of lines.map((one) => paint(one, false))) {
          expect(line).not.toMatch(/(?! )[\p{C}\p{Z}]/u);
          expect({ line, columns: Math.min(columns, columnsOf(safe(line))) }).toEqual({
            line,
            columns: columnsOf(safe(line)),
          });
        }
        for (const fact of factsOf(reports, true, NOW).values()) expect(fact).not.toMatch(/(?! )[\p{C}\p{Z}]/u);
      }),
    );
  });

  it('JSON is one document of the same data, without a character that a terminal obeys', () => {
    fc.assert(
      fc.property(seeds, ({ text }) => {
        const [object, cluster, own] = everywhere(text);
        const json = toJson(reportOn({ trusts: [object], rotations: [own], records: [cluster] }), {
          certificates: true,
          notices: [text],
          oneLine: true,
        });
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        const parsed = JSON.parse(json) as { clusters: { name: string; nodePools: { blockedBy: string }[] }[] };
        expect(parsed.clusters[0]).toMatchObject({ name: text, nodePools: [{ blockedBy: text }] });
      }),
    );
  });
});
