import { describe, expect, it, test } from '@jest/globals';
import { autoRotationOf } from '../../src/cluster-certificates/auto-rotation.ts';
import type { Evidence, KubeletMetric, NodeFacts } from '../../src/cluster-certificates/evidence.ts';
import { judge, NOTHING_KNOWN } from '../../src/cluster-certificates/judge.ts';
import type { AutoRotationRow } from '../../src/cluster-certificates/judgement.ts';
import { HOUR, MINUTE, second, START } from '../harness/build.ts';
import { DAY, makeAuthority } from './authority.ts';
import { evidenceOf, failed, issued, known, metric, node } from './kubelets.ts';

const nodes = [node('a'), node('b')];
const recent = { requestedAt: START - DAY };

function rowFor(evidence: Evidence, before?: AutoRotationRow): AutoRotationRow {
  const previous = { ...NOTHING_KNOWN, autoRotation: before ? [before] : [] };
  const [row, ...others] = autoRotationOf(evidence, previous, START);
  expect(others).toEqual([]);
  return row!;
}

const ON = { clientExpiresInMs: 300 * DAY };
const OFF = { servingExpiresInMs: 300 * DAY };

test.each<readonly [string, readonly KubeletMetric[], AutoRotationRow['state']]>([
  ['no metrics', [], 'Unknown'],
  ['the metric of one node', [metric('a', ON)], 'Enabled'],
  ['the metric of a kubelet without a certificate', [metric('a', { clientExpiresInMs: 'None' })], 'Enabled'],
  ['the serving metric alone', [metric('a', OFF)], 'Disabled'],
  ['other metrics of one node, and the metric of another', [metric('a', {}), metric('b', ON)], 'Disabled'],
  ['other metrics alone, as where a Prometheus drops this one', [metric('a', {}), metric('b', {})], 'Unknown'],
  ['a metric of a certificate in its last 36 days', [metric('a', { clientExpiresInMs: 36 * DAY })], 'Late'],
  ['a metric of an expired certificate', [metric('a', { clientExpiresInMs: -DAY })], 'Late'],
  ['renewals that fail, with time left', [metric('a', { ...ON, renewErrors: 9 })], 'Enabled'],
  ['a silent skip: no errors, no renewal', [metric('a', { clientExpiresInMs: 10 * DAY, renewErrors: 0 })], 'Late'],
  ['nodes that are gone', [metric('z', OFF)], 'Unknown'],
  ['the machine before, of the same name', [metric('a', { ...OFF, at: START - 400 * DAY })], 'Unknown'],
])('%s', (_, kubeletMetrics, state) => {
  expect(rowFor(evidenceOf({ nodes, kubeletMetrics })).state).toBe(state);
});

describe('a request', () => {
  it('by the node itself shows that auto-rotation is on', () => {
    expect(rowFor(evidenceOf({ nodes, issuedBefore: [issued('a', 0.1), issued('b', 0.5)] }))).toMatchObject({
      pool: 'np1',
      state: 'Enabled',
      evidence: 'Renewal by node a (request csr-a)',
      seenAt: second(START - 0.1 * 365 * DAY),
    });
  });

  test.each(['Bootstrap', 'SecureBootstrap', 'Other'] as const)('by %s shows no renewal', (requestor) => {
    const row = rowFor(evidenceOf({ nodes, issuedBefore: [issued('a', 0.1, { requestor })] }));
    expect(row.state).toBe('Unknown');
    expect(row.message.includes('A renewal is due from')).toBe(requestor !== 'Other');
  });

  it('for a serving certificate shows no renewal of the client certificate', () => {
    expect(rowFor(evidenceOf({ nodes, issuedBefore: [issued('a', 0.1, { use: 'Serving' })] })).state).toBe('Unknown');
  });

  it('by the node itself counts more than a metric that is missing', () => {
    const evidence = evidenceOf({ nodes, kubeletMetrics: [metric('a', OFF)], issuedBefore: [issued('a', 0.1)] });
    expect(rowFor(evidence).state).toBe('Enabled');
  });

  it('by a node of another pool shows nothing of this one', () => {
    const two = [node('a'), node('b', { pool: 'np2' })];
    const rows = autoRotationOf(evidenceOf({ nodes: two, issuedBefore: [issued('b', 0.1)] }), NOTHING_KNOWN, START);
    expect(rows.map(({ pool, state }) => [pool, state])).toEqual([
      ['np1', 'Unknown'],
      ['np2', 'Enabled'],
    ]);
  });
});

describe('evidence of earlier reads', () => {
  const renewal = rowFor(evidenceOf({ nodes, issuedBefore: [issued('a', 0.1)] }));
  const present = rowFor(evidenceOf({ nodes, kubeletMetrics: [metric('a', ON)] }));
  const absent = rowFor(evidenceOf({ nodes, kubeletMetrics: [metric('a', OFF)] }));
  const failing = { ...evidenceOf({ nodes }), kubeletMetrics: failed('No answer.') };
  const recreated = [node('c', { createdAt: START + HOUR })];

  test.each<readonly [string, Evidence, AutoRotationRow, AutoRotationRow['state']]>([
    ['a renewal is kept while the pool exists', evidenceOf({ nodes: recreated }), renewal, 'Enabled'],
    [
      'an absent metric is newer than a renewal',
      evidenceOf({ nodes, kubeletMetrics: [metric('a', OFF)] }),
      renewal,
      'Disabled',
    ],
    ['a metric is kept while metrics cannot be read', failing, present, 'Enabled'],
    ['a metric is not kept where no metrics are read', evidenceOf({ nodes, kubeletMetrics: [] }), present, 'Unknown'],
    ['an absent metric is kept while metrics cannot be read', failing, absent, 'Disabled'],
    [
      'an absent metric says nothing of nodes that are newer',
      { ...failing, nodes: known(recreated) },
      absent,
      'Unknown',
    ],
    [
      'an absent metric that is there again',
      evidenceOf({ nodes, kubeletMetrics: [metric('a', ON)] }),
      absent,
      'Enabled',
    ],
  ])('%s', (_, evidence, before, state) => {
    expect(rowFor(evidence, before).state).toBe(state);
  });

  it('keeps its words and its time', () => {
    const { evidence, seenAt } = rowFor(evidenceOf({ nodes }), renewal);
    expect({ evidence, seenAt }).toEqual({ evidence: renewal.evidence, seenAt: renewal.seenAt });
  });

  it('a metric that stays has a new time once a day only', () => {
    const later = (at: number) =>
      rowFor(evidenceOf({ nodes, kubeletMetrics: [metric('a', { ...ON, at })] }), present).seenAt;
    expect(later(START + 23 * HOUR)).toBe(present.seenAt);
    expect(later(START + 25 * HOUR)).toBe(second(START + 25 * HOUR));
  });

  it('a restored status from the future does not hide the present', () => {
    const future = { ...present, seenAt: second(START + 400 * DAY) };
    expect(rowFor(evidenceOf({ nodes, kubeletMetrics: [metric('a', ON)] }), future).seenAt).toBe(
      second(START - MINUTE),
    );
  });

  it('all rows stay while nodes cannot be read, and none is left without access', () => {
    const before = { ...NOTHING_KNOWN, autoRotation: [renewal] };
    expect(autoRotationOf({ readAt: START, nodes: failed('No answer.') }, before, START)).toEqual([renewal]);
    expect(autoRotationOf(undefined, before, START)).toEqual([renewal]);
    expect(autoRotationOf({ readAt: START }, before, START)).toEqual([]);
  });
});

describe('the message', () => {
  it('of Disabled says to upgrade the control plane and the pool, and not to turn bootstrapping off', () => {
    const { message } = rowFor(evidenceOf({ nodes, kubeletMetrics: [metric('a', OFF), metric('b', ON)] }));
    expect(message).toContain('1 of 2 kubelets of this pool do not renew their certificates: a.');
    expect(message).toContain('Upgrade the control plane and then the node pool (az aks upgrade)');
    expect(message).toContain('Do not turn TLS bootstrapping off');
  });

  it('of Late names the nodes, at most three', () => {
    const many = Array.from({ length: 9 }, (_, index) => node(`n${index}`));
    const kubeletMetrics = many.map(({ name }) => metric(name, { clientExpiresInMs: DAY }));
    expect(rowFor(evidenceOf({ nodes: many, kubeletMetrics })).message).toContain(
      '9 of 9 kubelets of this pool have not renewed their client certificates, which are past 90 percent of their life or expired: n0, n1, n2 and 6 more.',
    );
  });
});

describe('a cluster that was stopped while AKS renewed certificates', () => {
  const expired = issued('a', 1.1, recent);
  const words = 'recreate node pool np1';

  /** The message of the pool, with an API server whose certificate is valid since then. */
  async function messageWith(
    since: number,
    shown: { nodes?: readonly NodeFacts[]; late?: boolean; foreign?: boolean },
  ) {
    const [ca, other] = await Promise.all([makeAuthority(START - 900 * DAY), makeAuthority(START - 900 * DAY)]);
    const leaf = await (shown.foreign ? other : ca).sign('CN=apiserver', {
      notBefore: since,
      notAfter: START + 700 * DAY,
    });
    const evidence = evidenceOf({
      nodes: shown.nodes ?? nodes,
      clusterCA: ca.certificate,
      apiServer: known(leaf, 'TLS handshake'),
      issuedBefore: shown.late === false ? [] : [expired],
    });
    return judge(evidence, NOTHING_KNOWN, START).autoRotation[0]?.message ?? '';
  }

  it('has pools to recreate, where their certificates are overdue and older than that of the API server', async () => {
    expect(await messageWith(START - DAY, {})).toContain(words);
    expect(await messageWith(START - 800 * DAY, {})).not.toContain(words);
    expect(await messageWith(START - DAY, { late: false })).not.toContain(words);
  });

  it('has pools to recreate, where none of their nodes is ready and all are older', async () => {
    const down = nodes.map((one) => ({ ...one, ready: false }));
    expect(await messageWith(START - DAY, { nodes: down, late: false })).toContain(words);
    expect(await messageWith(START - 400 * DAY, { nodes: down, late: false })).not.toContain(words);
    const [first, second] = down;
    expect(await messageWith(START - DAY, { nodes: [first!, { ...second!, ready: true }], late: false })).not.toContain(
      words,
    );
  });

  it('is not seen in a certificate of a firewall that inspects TLS', async () => {
    expect(await messageWith(START - DAY, { foreign: true })).not.toContain(words);
  });
});
