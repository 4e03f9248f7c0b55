import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { reportOn } from '../../../src/commands/status/cluster-report.ts';
import { toJson } from '../../../src/commands/status/json.ts';
import { OPERATION, record, resourceId, ROLLING, ROTATED, rotation, trust, UPDATING } from './states.ts';

describe('JSON', () => {
  it('has outcome, exit code, and everything that can be known by name', () => {
    const json = toJson(reportOn({ trusts: [trust({ conditions: ROLLING })], records: [record(UPDATING)] }), {
      certificates: false,
      notices: ['something is missing'],
      oneLine: true,
    });
    expect(JSON.parse(json)).toMatchObject({
      format: 1,
      outcome: 'InProgress',
      exitCode: 2,
      notices: ['something is missing'],
      clusters: [
        {
          name: 'prod',
          resourceId: resourceId('prod'),
          outcome: 'InProgress',
          state: 'Updating',
          certificateSlots: { used: 4, limit: 10 },
          nodes: { total: 12, reimaged: 4, reimaging: 1, waiting: 7, excluded: 3 },
          nodePools: UPDATING.nodePools,
          estimate: UPDATING.estimate,
          operation: { attempts: 1 },
          objects: [{ namespace: 'platform', name: 'roots', judged: true, outcome: 'InProgress' }],
        },
      ],
    });
    expect(json).not.toContain('certificates"');
    expect(json).not.toContain('\n');
  });

  it('has exactly the fields that are documented', () => {
    const page = readFileSync(new URL('../../../docs/how-to/status.md', import.meta.url), 'utf8');
    const documented =
      /\{\n {2}"format"[^`]*/
        .exec(page)?.[0]
        .match(/"[a-z]\w+"/g)
        ?.map((word) => word.slice(1, -1)) ?? [];
    const full = record({
      ...UPDATING,
      operation: { ...OPERATION, phase: 'Failed', failed: { code: '', message: '', at: '', confirmed: true } },
      pending: { since: '', changedAt: '', digest: '', waitsFor: '', until: '', adds: ['a'], removes: ['b'] },
      outside: { virtualNodes: 0, autoProvisionedNodes: 0, autoProvisionedLeft: 0, otherNodes: 0 },
      slots: [],
      lastApplied: { at: '', proof: 'NodesSeen' },
    });
    const object = trust({
      status: {
        verification: { key: '', observedAt: '', nodes: 1, trusted: 1, untrusted: 0, unclear: 0, failing: [] },
        earliestNotAfter: '',
        lastAppliedTime: '',
        certificates: [],
      },
    });
    const json = toJson(reportOn({ trusts: [object], rotations: [rotation({ status: ROTATED })], records: [full] }), {
      certificates: true,
      notices: [],
      oneLine: true,
    });
    const asInStatus = new Set([
      'preflight',
      'nextRotation',
      'lastRotation',
      'autoRotation',
      'rows',
      'certificates',
      'certificateSlots',
      'nodes',
      'nodePools',
      'outside',
      'estimate',
      'lastError',
    ]);
    const fieldsOf = (value: unknown): string[] =>
      Array.isArray(value)
        ? value.flatMap(fieldsOf)
        : typeof value === 'object' && value !== null
          ? Object.entries(value).flatMap(([key, inner]) => [key, ...(asInStatus.has(key) ? [] : fieldsOf(inner))])
          : [];
    expect(new Set(documented)).toEqual(new Set(fieldsOf(JSON.parse(json))));
  });
});
