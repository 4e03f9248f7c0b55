import { describe, expect, it } from '@jest/globals';
import {
  but,
  OPERATION,
  pool,
  record,
  resourceId,
  ROLLING,
  ROTATED,
  rotation,
  says,
  trust,
  UPDATING,
  view,
} from './states.ts';

describe('the view of a cluster', () => {
  it('at rest says that all is well, and nothing of what is not going on', () => {
    const status = {
      nodes: { total: 12, reimaged: 12, excluded: 0, summary: '12/12' },
      nodePools: [pool('system', 12, 12)],
    };
    expect(view([trust()], [record(status)])).toEqual([
      'prod  Idle',
      `  ${resourceId('prod')}`,
      '  platform/roots  Ready: Trusted',
      '  slots     4/10 in use, 6 free',
      '  nodes     [####################] 12/12 replaced',
      '',
      '  POOL                            NODES  NOW  WAITING  PHASE',
      '  system  [####################]  12/12    0        0  Done',
    ]);
  });

  it('of a cluster whose certificates are only watched has their health, and no nodes', () => {
    expect(view([], [record()], {}, [rotation()])).toEqual([
      'prod  Idle',
      `  ${resourceId('prod')}`,
      '  crot platform/own  Ready: Watched',
      '    rotation: mode Monitor',
      '    certificates: Healthy',
      '  slots     4/10 in use, 6 free',
    ]);
  });

  it('has what a rotation waits for, and how the last one went', () => {
    const held = says('Ready', 'False', 'WaitingForWindow', 'The window opens at 2026-11-28T02:00:00Z.');
    const late = says('CertificatesHealthy', 'False', 'Late', 'KubeletClient of node pool apps: It is late.');
    const own = rotation({ mode: 'Rotate', conditions: [late, held], status: { ...ROTATED, phase: 'Preflight' } });
    const lines = view([trust()], [record()], {}, [own]);
    expect(lines.slice(2, 11)).toEqual([
      '  platform/roots  Ready: Trusted',
      '  crot platform/own  not Ready: WaitingForWindow',
      '    The window opens at 2026-11-28T02:00:00Z.',
      '    CertificatesHealthy: Late: KubeletClient of node pool apps: It is late.',
      '    rotation: mode Rotate, phase Preflight',
      '    certificates: Late; the first expiry is at 2028-11-21 10:14 UTC (APIServer)',
      '    next rotation: 2027-02-20 10:14 UTC at the earliest, for spec.every; not announced yet',
      '    last rotation: begun 10:14 UTC, complete 10:31 UTC, 2 attempts',
      '    checked after it: 1 of 2 passed; Pending: OldTokenRejected',
    ]);
    expect(view([], [], { certificates: true }, [own]).slice(-3)).toEqual([
      '      Healthy     ClusterCA; expires 2056-11-14 10:14 UTC',
      '      Healthy     APIServer; expires 2028-11-21 10:14 UTC',
      '      Unknown     KubeletClient apps: It is not known.',
    ]);
  });

  it('has when a rotation was announced', () => {
    const nextRotation = {
      at: '2026-11-25T02:00:00Z',
      reason: 'BeforeExpiry',
      announcedAt: '2026-11-22T02:00:00Z',
    } as const;
    expect(view([], [], {}, [rotation({ mode: 'Rotate', status: { phase: 'Noticed', nextRotation } })])).toContain(
      '    next rotation: 2026-11-25 02:00 UTC at the earliest, for spec.beforeExpiry; announced 02:00 UTC',
    );
  });

  it('has a rotation of another client with the time of its CA', () => {
    const lastRotation = {
      startedAt: '2026-11-01T08:00:00Z',
      startedBy: 'AnotherClient',
      reason: 'Unknown',
      oldCA: 'a',
    } as const;
    expect(view([], [], {}, [rotation({ status: { lastRotation } })])).toContain(
      '    last rotation: by another client, 2026-11-01 08:00 UTC',
    );
  });

  it('of a running change has each pool with its numbers, when it ends, and what takes no part', () => {
    expect(view([trust({ conditions: ROLLING })], [record(UPDATING)])).toEqual(
      [
        'prod  Updating',
        `  ${resourceId('prod')}`,
        '  platform/roots  not Ready: Updating',
        '    a list was sent to ARM',
        '  slots     4/10 in use, 6 free',
        '  change    sent 11:30 UTC',
        '  nodes     [######++............] 4/12 replaced, 1 being replaced, 7 waiting, 3 outside',
        '  ends      likely 12:30 UTC, at the earliest 12:10 UTC; 8 nodes left',
        '',
        '  POOL                            NODES  NOW  WAITING  PHASE',
        '  system  [####################]    3/3    0        0  Done',
        '  apps    [##++................]    1/9    1        7  Reimaging',
        '  win     -                           3    -        -  Excluded',
        '          Windows node pools do not get custom CAs',
        '',
      ].slice(0, -1),
    );
  });

  it('says what settles, and until when', () => {
    const pending = {
      since: '2026-11-22T11:59:50Z',
      changedAt: '2026-11-22T11:59:50Z',
      digest: 'd',
      adds: ['a', 'b'],
      removes: ['c'],
      waitsFor: 'Settling',
      until: '2026-11-22T12:00:20Z',
    };
    const settling = but(says('Ready', 'False', 'Settling', 'waits 30 s for more edits'));
    const lines = view([trust({ conditions: settling })], [record({ state: 'Settling', pending })]);
    expect(lines).toContain(
      '  waiting   a change that adds 2 certificates, removes 1 certificate waits: Settling, until 12:00 UTC',
    );
    expect(lines).toContain('    waits 30 s for more edits');
    const leaving = view([trust()], [record({ pending: { ...pending, waitsFor: 'Nothing' } })]);
    expect(leaving.join('\n')).not.toContain('waiting');
  });

  it('names who blocks a pool, since when, and what would release it', () => {
    const by = 'web/web-pdb allows no eviction of web/web-7d8f, on node aks-apps-1-vmss000003';
    const message = `4 of 12 nodes were replaced since the change. Node pool apps: ${by}. Make room in the PodDisruptionBudget`;
    const conditions = but(
      says('NodesReimaged', 'False', 'ReimageBlocked', message),
      says('Ready', 'False', 'ReimageBlocked', message),
    );
    const blocked = pool('apps', 9, 1, { blockedBy: by, blockedSince: '2026-11-22T11:46:00Z' });
    const lines = view([trust({ conditions })], [record({ ...UPDATING, nodePools: [blocked] })]);
    expect(lines).toContain(`    ${message}`);
    expect(lines).toContain(`        blocked since 11:46 UTC (14 min): ${by}`);
    expect(lines.find((line) => line.startsWith('  apps'))).toMatch(/Reimaging, blocked$/);
    expect(lines.filter((line) => line.includes(message))).toHaveLength(1);
  });

  it('says of a change that failed half-way which attempt it was and what ARM said', () => {
    const operation = {
      ...OPERATION,
      attempts: 2,
      lastAttemptAt: '2026-11-22T11:50:00Z',
      phase: 'Failed' as const,
      failed: { code: 'DrainError', message: 'node x', at: '2026-11-22T11:55:00Z', confirmed: true },
    };
    const nodePools = [pool('apps', 9, 4, { phase: 'Failed' })];
    const lines = view([trust({ conditions: ROLLING })], [record({ ...UPDATING, operation, nodePools })]);
    expect(lines).toContain(
      '  change    sent 11:30 UTC, attempt 2 11:50 UTC; ARM reports Failed; last error 11:55 UTC: DrainError: node x',
    );
    expect(lines.find((line) => line.startsWith('  apps'))).toMatch(/Failed$/);
  });

  it('says that progress is coarse, and gives no numbers or end that were not counted', () => {
    const status = {
      ...UPDATING,
      nodes: { total: 5, reimaged: 0, excluded: 0, summary: '0/5 (coarse)', source: 'ARM' as const },
      nodePools: [{ name: 'apps', osType: 'Linux', nodes: 5, reimaged: 0, phase: 'Reimaging' as const }],
    };
    delete (status as { estimate?: unknown }).estimate;
    const lines = view([trust({ conditions: ROLLING })], [record(status)]);
    expect(lines).toContain(
      '  nodes     [....................] 0/5 replaced, coarse: from the states of the pools in ARM, not from the nodes',
    );
    expect(lines).toContain('  apps  [....................]    0/5    -        -  Reimaging');
    expect(lines.join('\n')).not.toContain('  ends ');
  });

  it('says before the first node is replaced that the end is not known, and afterwards when it has passed', () => {
    const first = { ...UPDATING, nodes: { total: 12, reimaged: 0, excluded: 0, summary: '0/12' } };
    delete (first as { estimate?: unknown }).estimate;
    expect(view([trust()], [record(first)])).toContain('  ends      not known before the first node is replaced');
    const late = {
      ...UPDATING,
      estimate: { nodesLeft: 1, earliest: '2026-11-22T11:00:00Z', likely: '2026-11-22T11:59:00Z' },
    };
    expect(view([trust()], [record(late)])).toContain(
      '  ends      later than estimated: 1 node left, estimated for 11:59 UTC',
    );
  });

  it('counts what is outside, apart from each other', () => {
    const outside = { virtualNodes: 1, autoProvisionedNodes: 3, autoProvisionedLeft: 2, otherNodes: 4 };
    const conditions = but(says('FullyCovered', 'False', 'AutoProvisionedNodes', 'Karpenter replaces them'));
    const lines = view([trust({ conditions })], [record({ outside })]);
    expect(lines).toContain(
      '  outside   3 auto-provisioned nodes (2 older than the last change), 1 virtual node, 4 nodes of no known pool',
    );
    expect(lines).toContain('            Karpenter replaces them');
  });

  it('asks for the controller where a deletion is not processed', () => {
    const metadata = { deletionTimestamp: '2026-11-22T11:59:00Z', generation: 3 };
    expect(view([trust({ metadata })], [record()])).toContain(
      '  platform/roots  being deleted; generation 3 is not processed yet; is the controller running?',
    );
  });

  it('says of an object that is not processed yet only that', () => {
    expect(view([trust({ conditions: [], status: {} })], [])).toEqual([
      'prod  In progress',
      `  ${resourceId('prod')}`,
      '  platform/roots  generation 2 is not processed yet; is the controller running?',
      '  nodes     not counted yet',
    ]);
  });

  it('repeats nothing of an older generation', () => {
    const lines = view([trust({ conditions: ROLLING, metadata: { generation: 3 } })], [record()]);
    expect(lines).toContain('  platform/roots  generation 3 is not processed yet');
    expect(lines.join('\n')).not.toContain('a list was sent to ARM');
  });

  it('says which objects hold the slots when there are too few, and that a person must act', () => {
    const message = '12 certificates for 10 slots: 2 of this object do not fit. Slots are held by: platform/other 10';
    const conditions = but(
      says('WithinCertificateLimit', 'False', 'LimitExceeded', message),
      says('Applied', 'False', 'Held', 'its certificates do not fit'),
      says('Stalled', 'True', 'LimitExceeded', message),
      says('Ready', 'False', 'LimitExceeded', message),
    );
    const slots = { limit: 10, used: 10, free: 0, summary: '10/10' };
    const lines = view([trust({ conditions })], [record({ certificateSlots: slots })]);
    expect(lines.slice(2, 6)).toEqual([
      '  platform/roots  not Ready: LimitExceeded, stalled',
      `    ${message}`,
      '    Applied: Held: its certificates do not fit',
      '  slots     10/10 in use, 0 free',
    ]);
  });

  it('says of a Ready object what is wrong with it all the same', () => {
    const conditions = but(
      says('CertificatesValid', 'False', 'PartiallyInvalid', 'certificate 1 of entry "a" (line 3): no'),
    );
    expect(view([trust({ conditions })], [record()])).toContain(
      '    CertificatesValid: PartiallyInvalid: certificate 1 of entry "a" (line 3): no',
    );
  });

  it('shows one cluster of several objects once', () => {
    const lines = view([trust({ name: 'b' }), trust({ name: 'a' })], [record(UPDATING)]);
    expect(lines.filter((line) => line.startsWith('  platform/'))).toEqual([
      '  platform/a  Ready: Trusted',
      '  platform/b  Ready: Trusted',
    ]);
    expect(lines.filter((line) => line.startsWith('  apps'))).toHaveLength(1);
  });

  it('says what several objects of a cluster say one after the other once, below the last of them', () => {
    const names = ['a', 'b', 'c'];
    const same = names.map((name) => trust({ name, conditions: ROLLING }));
    expect(view(same, []).slice(2, 7)).toEqual([
      '  platform/a  not Ready: Updating',
      '  platform/b  not Ready: Updating',
      '  platform/c  not Ready: Updating',
      '    a list was sent to ARM',
      '  nodes     not counted yet',
    ]);
    const [first, , last] = same;
    const other = trust({ name: 'b', conditions: but(says('Ready', 'False', 'Held', 'is suspended')) });
    expect(view([first!, other, last!], []).filter((line) => /^ {4}/.test(line))).toEqual([
      '    a list was sent to ARM',
      '    is suspended',
      '    a list was sent to ARM',
    ]);
  });

  it('says in its first line that a cluster is stuck, whatever the controller does', () => {
    const conditions = but(says('Ready', 'False', 'LimitExceeded'), says('Stalled', 'True', 'LimitExceeded'));
    const title = (columns: number, cluster: string) =>
      view([trust({ conditions, cluster })], [record(UPDATING, cluster)], { columns })[0];
    expect(title(Infinity, 'prod')).toBe('prod  Updating, stuck');
    expect(title(40, 'prod-northeurope-shared-01')).toBe('prod-northeurope-share…  Updating, stuck');
  });

  it('shows what it does not know, of a newer controller, as it is', () => {
    const unknown = { phase: 'Paused', state: 'Renewing', kind: 'Rotate' } as unknown as { phase: 'Done' };
    const nodePools = [
      ...['a', 'b', 'c'].map((name) => pool(name, 3, 3)),
      pool('apps', 9, 1, { phase: unknown.phase }),
    ];
    const certificates = [{ name: 'proxy', index: 0, ...unknown, state: 'Renewing' as 'Trusted' }];
    const newer = {
      ...UPDATING,
      state: 'Rotating' as 'Idle',
      nodePools,
      operation: { ...OPERATION, kind: 'Rotate' as 'UpdateTrust', phase: 'Paused' as 'Sent' },
    };
    const options = { certificates: true, pools: 1 };
    const lines = view(
      [trust({ conditions: [...ROLLING, says('New', 'Unknown', 'New')], status: { certificates } })],
      [record(newer)],
      options,
    );
    expect(lines[0]).toBe('prod  Rotating');
    expect(lines).toContain('      Renewing  proxy[0]');
    expect(lines.find((line) => line.startsWith('  apps'))).toMatch(/Paused$/);
    expect(lines).toContain('  and 3 pools more: 3 Done');
  });

  it('without the record has from the objects what they say', () => {
    const { nodes, nodePools, estimate } = UPDATING;
    const status = { nodes: nodes!, nodePools: nodePools!, estimate: estimate! };
    const lines = view([trust({ conditions: ROLLING, status })], []);
    expect(lines[0]).toBe('prod  In progress');
    expect(lines.find((line) => line.startsWith('  apps'))).toBe(
      '  apps    [##++................]    1/9    1        7  Reimaging',
    );
  });

  it('of a cluster without objects says what its record says', () => {
    const conditions = [
      says('Reachable', 'False', 'Unreachable', 'ARM did not answer'),
      says('NodesReimaged', 'True', 'Reimaged'),
    ];
    expect(view([], [record({ state: 'Unreachable', conditions })])).toEqual([
      'prod  Unreachable',
      `  ${resourceId('prod')}`,
      '  Reachable: Unreachable: ARM did not answer',
      '  slots     4/10 in use, 6 free',
      '  nodes     not counted yet',
    ]);
  });
});
