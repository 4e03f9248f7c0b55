import { describe, expect, it, test } from '@jest/globals';
import type { Evidence } from '../../src/cluster-certificates/evidence.ts';
import { issuedCertificates } from '../../src/cluster-certificates/issued-certificates.ts';
import { NOTHING_KNOWN } from '../../src/cluster-certificates/judge.ts';
import type { CertificateRow, Judgement } from '../../src/cluster-certificates/judgement.ts';
import { kubeletRows } from '../../src/cluster-certificates/kubelet-rows.ts';
import { HOUR, MINUTE, second, START } from '../harness/build.ts';
import { DAY, makeAuthority } from './authority.ts';
import { evidenceOf, failed, issued, metric, node, request } from './kubelets.ts';

const YEAR = 365 * DAY;

function rows(evidence: Evidence | undefined, before: Judgement = NOTHING_KNOWN, now = START) {
  return kubeletRows(evidence, before, now);
}

/** The row of the client certificates of pool np1. */
function client(evidence: Evidence | undefined, before: Judgement = NOTHING_KNOWN, now = START): CertificateRow {
  return rows(evidence, before, now).find(({ name, pool }) => name === 'KubeletClient' && pool === 'np1')!;
}

function serving(evidence: Evidence): CertificateRow {
  return rows(evidence).find(({ name, pool }) => name === 'KubeletServing' && pool === 'np1')!;
}

function judged(certificates: readonly CertificateRow[]): Judgement {
  return { ...NOTHING_KNOWN, certificates };
}

describe('the rows of a pool', () => {
  it('show the certificate that expires first, its node, and how many nodes are known', async () => {
    const authority = await makeAuthority(START - 2 * YEAR);
    const certificate = await authority.issue('a', { notBefore: START - DAY, notAfter: START + YEAR });
    const evidence = evidenceOf({
      nodes: [node('a'), node('b'), node('c')],
      clusterCA: authority.certificate,
      signingRequests: [request('a', { state: 'Issued', createdAt: START - DAY, certificate })],
      issuedBefore: [issued('b', 0.3)],
    });
    expect(client(evidence)).toMatchObject({
      node: 'b',
      nodes: 2,
      nodesTotal: 3,
      notAfter: second(START + 0.7 * YEAR),
      lifeUsedPercent: 30,
      health: 'Healthy',
      maintainedBy: 'Microsoft',
      source: 'certificate signing request csr-b',
    });
    expect(client(evidence).message).toContain('1 of 3 nodes of this pool are not known');
    const [own] = issuedCertificates(evidence).filter((one) => one.node === 'a');
    expect(own).toMatchObject({
      subject: 'CN=system:node:a, O=system:nodes',
      fingerprintSHA256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      notAfter: Math.floor((START + YEAR) / 1000) * 1000,
    });
  });

  it.each(['requests', 'earlier reads'])(
    'show a renewal of the same second as the first certificate (%s)',
    async (from) => {
      const authority = await makeAuthority(START - 2 * YEAR);
      const [first, second] = [
        await authority.issue('a', { notBefore: START - DAY, notAfter: START + YEAR }),
        await authority.issue('a', { notBefore: START - DAY, notAfter: START + 2 * YEAR }),
      ];
      const asked = { state: 'Issued', createdAt: START - DAY } as const;
      const renewal = request('a', { ...asked, certificate: second });
      const bootstrap = request('a', { ...asked, name: 'csr-first', requestor: 'Bootstrap', certificate: first });
      const shown = { nodes: [node('a')], clusterCA: authority.certificate };
      const early = issuedCertificates(evidenceOf({ ...shown, signingRequests: [bootstrap] }));
      const orders =
        from === 'requests'
          ? [
              [bootstrap, renewal],
              [renewal, bootstrap],
            ]
          : [[renewal], [renewal, bootstrap]];
      for (const signingRequests of orders) {
        const issuedBefore = from === 'requests' ? [] : early;
        const [one, ...others] = issuedCertificates(evidenceOf({ ...shown, signingRequests, issuedBefore }));
        expect(one).toMatchObject({ requestor: 'Renewal', request: 'csr-a' });
        expect(others).toEqual([]);
      }
    },
  );

  it('come in the order of the pools, and nodes without a pool have one of their own', () => {
    const evidence = evidenceOf({ nodes: [node('a', { pool: 'z' }), node('b', { pool: '' }), node('c')] });
    expect(rows(evidence).map(({ name, pool }) => `${name} ${pool}`)).toEqual([
      'KubeletClient (no pool)',
      'KubeletServing (no pool)',
      'KubeletClient np1',
      'KubeletServing np1',
      'KubeletClient z',
      'KubeletServing z',
    ]);
  });

  it('fit the schema, and keep what is urgent, when a server has more pools than AKS allows', () => {
    const nodes = Array.from({ length: 120 }, (_, index) => node(`n${index}`, { pool: `p${1000 + index}` }));
    const shown = rows(evidenceOf({ nodes, issuedBefore: [issued('n97', 1.1, { requestedAt: START })] }));
    expect(shown.length).toBeLessThanOrEqual(195);
    expect(shown.filter(({ health }) => health === 'Expired')).toHaveLength(1);
  });
});

describe('the health of a client certificate', () => {
  test.each<readonly [number, string]>([
    [0.5, 'Healthy'],
    [0.89, 'Healthy'],
    [0.91, 'Late'],
    [0.999, 'Late'],
    [1.01, 'Expired'],
  ])('with the share %d of its life over is %s', (used, health) => {
    expect(
      client(evidenceOf({ nodes: [node('a')], issuedBefore: [issued('a', used, { requestedAt: START - DAY })] }))
        .health,
    ).toBe(health);
  });

  test.each<readonly [number, string]>([
    [200, 'Healthy'],
    [37, 'Healthy'],
    [36, 'Late'],
    [-1, 'Expired'],
  ])('of which only the end is known, in %d days, is %s', (days, health) => {
    const kubeletMetrics = [metric('a', { clientExpiresInMs: days * DAY })];
    const row = client(evidenceOf({ nodes: [node('a')], kubeletMetrics }));
    expect(row).toMatchObject({
      health,
      source: 'kubelet metrics',
      nodes: 1,
      notAfter: second(START - MINUTE + days * DAY),
    });
    expect(row.notBefore).toBeUndefined();
  });

  it('is Late earlier where the certificates of the cluster have two years', () => {
    const two = issued('b', 0.1, { notAfter: START + 1.9 * YEAR });
    const kubeletMetrics = [metric('a', { clientExpiresInMs: 70 * DAY })];
    expect(client(evidenceOf({ nodes: [node('a'), node('b')], kubeletMetrics, issuedBefore: [two] }))).toMatchObject({
      node: 'a',
      health: 'Late',
    });
  });

  it('does not alarm by the days left of a certificate that lives for weeks', () => {
    const short = issued('a', 0, { notBefore: START - DAY, notAfter: START + 20 * DAY });
    expect(client(evidenceOf({ nodes: [node('a')], issuedBefore: [short] })).health).toBe('Healthy');
  });

  it('says what to do', () => {
    const late = client(
      evidenceOf({ nodes: [node('a')], issuedBefore: [issued('a', 0.95, { requestedAt: START - DAY })] }),
    );
    expect(late.message).toContain('The client certificate of the kubelet of node a expires at');
    expect(late.message).toContain('Restart that kubelet');
    const gone = client(
      evidenceOf({ nodes: [node('a')], issuedBefore: [issued('a', 1.1, { requestedAt: START - DAY })] }),
    );
    expect(gone.message).toContain('can no longer sign in');
  });
});

describe('what counts of several sources', () => {
  const nodes = [node('a')];

  it('is the exact certificate where a metric shows that it is the one in use', () => {
    const one = issued('a', 0.5);
    const kubeletMetrics = [metric('a', { clientExpiresInMs: one.notAfter - START + MINUTE + 9000 })];
    expect(client(evidenceOf({ nodes, kubeletMetrics, issuedBefore: [one] }))).toMatchObject({
      notAfter: second(one.notAfter),
      notBefore: second(one.notBefore),
      subject: one.subject,
    });
  });

  it('is the metric where it is newer than the request, and the request where that is newer', () => {
    const kubeletMetrics = [metric('a', { clientExpiresInMs: 300 * DAY })];
    expect(client(evidenceOf({ nodes, kubeletMetrics, issuedBefore: [issued('a', 0.5)] })).notAfter).toBe(
      second(START - MINUTE + 300 * DAY),
    );
    const fresh = issued('a', 0, { requestedAt: START });
    expect(client(evidenceOf({ nodes, kubeletMetrics, issuedBefore: [fresh] })).notAfter).toBe(second(fresh.notAfter));
  });

  it('is not what the machine before had under the same name', () => {
    const young = [node('a', { createdAt: START - HOUR / 2 })];
    const kubeletMetrics = [metric('a', { at: START - HOUR, clientExpiresInMs: 5 * DAY })];
    expect(client(evidenceOf({ nodes: young, kubeletMetrics, issuedBefore: [issued('a', 0.95)] })).health).toBe(
      'Unknown',
    );
    const before = judged([client(evidenceOf({ nodes, issuedBefore: [issued('a', 0.95)] }))]);
    expect(client(evidenceOf({ nodes: young }), before).health).toBe('Unknown');
  });

  it('is not a certificate of another authority than the cluster CA', async () => {
    const [ours, other] = await Promise.all([makeAuthority(START - YEAR), makeAuthority(START - YEAR)]);
    const certificate = await other.issue('a', { notBefore: START - DAY, notAfter: START + YEAR });
    const signingRequests = [request('a', { state: 'Issued', certificate })];
    expect(client(evidenceOf({ nodes, signingRequests, clusterCA: ours.certificate })).health).toBe('Unknown');
    expect(client(evidenceOf({ nodes, signingRequests, clusterCA: other.certificate })).health).toBe('Healthy');
  });

  it('is nothing from before the cluster CA, after a rotation', async () => {
    const { certificate } = await makeAuthority(START - HOUR);
    const evidence = evidenceOf({ nodes, issuedBefore: [issued('a', 0.2)], clusterCA: certificate });
    expect(client(evidence).health).toBe('Unknown');
    const before = judged([client(evidenceOf({ nodes, issuedBefore: [issued('a', 0.2)] }))]);
    expect(client(evidenceOf({ nodes, clusterCA: certificate }), before).health).toBe('Unknown');
  });

  it('is the row of before once requests are forgotten, while its node exists', () => {
    const before = judged([client(evidenceOf({ nodes, issuedBefore: [issued('a', 0.5)] }))]);
    expect(client(evidenceOf({ nodes }), before)).toMatchObject({
      node: 'a',
      nodes: 1,
      lifeUsedPercent: 50,
      subject: issued('a', 0).subject,
    });
    expect(client(evidenceOf({ nodes: [node('b')] }), before)).toMatchObject({ nodes: 0, health: 'Unknown' });
  });

  it('is a row of metrics alone only while metrics cannot be read', () => {
    const before = judged([
      client(evidenceOf({ nodes, kubeletMetrics: [metric('a', { clientExpiresInMs: 300 * DAY })] })),
    ]);
    const failing = { ...evidenceOf({ nodes }), kubeletMetrics: failed('No answer.') };
    expect(client(failing, before)).toMatchObject({ nodes: 1, health: 'Healthy' });
    expect(client(evidenceOf({ nodes, kubeletMetrics: [] }), before).health).toBe('Unknown');
  });

  it('has the same date at every read, although a metric drifts by seconds', () => {
    const at = (ms: number) =>
      evidenceOf({ nodes, kubeletMetrics: [metric('a', { clientExpiresInMs: 300 * DAY + ms })] });
    const before = judged([client(at(0))]);
    expect(client(at(2500), before)).toEqual(before.certificates[0]);
  });
});

describe('serving certificates', () => {
  it('that kubelets sign themselves are no finding to alarm on', () => {
    const row = serving(evidenceOf({ nodes: [node('a'), node('b')] }));
    expect(row).toMatchObject({ health: 'Healthy', nodes: 0, nodesTotal: 2 });
    expect(row.message).toContain('for 20 years');
    expect(row.notAfter).toBeUndefined();
  });

  it('of the cluster CA are unknown until one is seen', () => {
    const nodes = [node('a', { servingSignedByCluster: true }), node('b', { servingSignedByCluster: true })];
    expect(serving(evidenceOf({ nodes })).health).toBe('Unknown');
    const issuedBefore = [issued('a', 0.95, { use: 'Serving', requestedAt: START - DAY })];
    expect(serving(evidenceOf({ nodes, issuedBefore }))).toMatchObject({ health: 'Late', node: 'a', nodes: 1 });
  });

  it('whose life is not known are judged by the days that are left', () => {
    const nodes = [node('a', { servingSignedByCluster: true })];
    const of = (days: number) =>
      serving(evidenceOf({ nodes, kubeletMetrics: [metric('a', { servingExpiresInMs: days * DAY })] }));
    expect(of(35).health).toBe('Healthy');
    expect(of(20).health).toBe('Expiring');
  });
});

describe('requests that got no certificate', () => {
  const nodes = [node('a')];
  const old = START - 11 * MINUTE;
  test.each<readonly [string, Parameters<typeof request>[1], string | undefined]>([
    ['pending for a minute', {}, undefined],
    ['pending for 11 minutes', { createdAt: old }, `is pending since ${second(old)}`],
    ['approved for 11 minutes', { state: 'Approved', createdAt: old }, `is approved since ${second(old)}`],
    ['denied', { state: 'Denied', refusal: 'Not this node' }, 'was denied. Not this node.'],
    ['failed', { state: 'Failed' }, 'has failed'],
  ])('%s', (_, facts, words) => {
    const { message } = client(evidenceOf({ nodes, signingRequests: [request('a', facts)] }));
    expect(message?.includes('csr-a')).toBe(words !== undefined);
    expect(message).toContain(words ?? 'not known');
  });

  it('are not said once a later one got its certificate', () => {
    const signingRequests = [
      request('a', { name: 'csr-1', state: 'Denied', createdAt: old }),
      request('a', { name: 'csr-2', state: 'Issued' }),
    ];
    expect(client(evidenceOf({ nodes, signingRequests })).message).not.toContain('csr-1');
  });

  it('are said of the client and the serving certificate apart', () => {
    const signingRequests = [request('a', { use: 'Serving', createdAt: old })];
    const evidence = evidenceOf({ nodes, signingRequests });
    expect(client(evidence).message).not.toContain('csr-a');
    expect(serving(evidence)).toMatchObject({ health: 'Unknown' });
    expect(serving(evidence).message).toContain('for a serving certificate is pending');
  });

  it('of nodes that do not exist have a row', () => {
    const signingRequests = [request('new', { requestor: 'Bootstrap', createdAt: old })];
    const row = rows(evidenceOf({ nodes, signingRequests })).find(({ pool }) => pool === '(no pool)');
    expect(row).toMatchObject({ name: 'KubeletClient', nodes: 0, nodesTotal: 0, health: 'Unknown' });
    expect(row?.message).toContain('csr-new');
  });

  it('of hundreds of nodes make a message of a few hundred characters', () => {
    const many = Array.from({ length: 500 }, (_, index) => node(`n${index}`));
    const signingRequests = many.map(({ name }) => request(name, { createdAt: old }));
    const { message = '' } = client(evidenceOf({ nodes: many, signingRequests }));
    expect(message).toContain('497 more requests of this pool got no certificate.');
    expect(message.length).toBeLessThan(1500);
  });

  test.each([
    ['has no metric for it', [], 'The Prometheus has no metric of a kubelet'],
    ['has only metrics of other nodes', [metric('z', {})], 'no label has the name of a node of this cluster'],
    [
      'has nodes of several clusters',
      [metric('a', { clientExpiresInMs: DAY }), metric('a', { clientExpiresInMs: 99 * DAY })],
      'they contradict each other',
    ],
  ])('or a Prometheus that %s are said', (_, kubeletMetrics, words) => {
    const row = client(evidenceOf({ nodes, kubeletMetrics }));
    expect(row).toMatchObject({ health: 'Unknown', nodes: 0 });
    expect(row.message).toContain(words);
  });

  it('that kubelets count themselves are said with the nodes', () => {
    const kubeletMetrics = [metric('a', { clientExpiresInMs: 300 * DAY, renewErrors: 3 })];
    expect(client(evidenceOf({ nodes, kubeletMetrics })).message).toContain(
      'Renewals have failed since these kubelets started: a.',
    );
  });
});

describe('without nodes', () => {
  const before = judged(rows(evidenceOf({ nodes: [node('a')], issuedBefore: [issued('a', 0.89)] })));

  it('one row of each name says what would make it known', () => {
    const shown = rows({ readAt: START });
    expect(shown.map(({ name, pool, health }) => [name, pool, health])).toEqual([
      ['KubeletClient', undefined, 'Unknown'],
      ['KubeletServing', undefined, 'Unknown'],
    ]);
    expect(shown[0]?.message).toContain('Set spec.target.nodeAccess');
  });

  it('rows of before are kept, judged at the present time, and say why they were not read again, once', () => {
    const evidence = { readAt: START, nodes: failed('The API server does not answer.', 'Check the network.') };
    const once = kubeletRows(evidence, before, START + 5 * DAY);
    const again = kubeletRows(evidence, judged(once), START + 6 * DAY);
    expect(again[0]).toMatchObject({ node: 'a', health: 'Late', lifeUsedPercent: 90 });
    expect(again[0]?.message?.match(/could not be read again/g)).toHaveLength(1);
    expect(again[0]?.message).toContain('The API server does not answer. Check the network.');
    expect(again[1]).toMatchObject({ name: 'KubeletServing', health: 'Healthy' });
  });

  it('rows of before are dropped where the access was taken away', () => {
    expect(rows({ readAt: START }, before).map(({ pool }) => pool)).toEqual([undefined, undefined]);
  });

  it('and without a read, only the time passes', () => {
    expect(rows(undefined, before)).toEqual(before.certificates);
    expect(client(undefined, before, START + 5 * DAY)).toMatchObject({ health: 'Late' });
    expect(rows(undefined)).toEqual([]);
  });

  it('a failed list of requests is the reason why certificates are unknown', () => {
    const evidence = { ...evidenceOf({ nodes: [node('a')] }), signingRequests: failed('Forbidden.', 'Bind the role.') };
    const words =
      'The client certificates of the nodes of this pool are not known, because the requests of kubelets could not be read. Forbidden. Bind the role.';
    expect(client(evidence).message).toContain(words);
    expect(client({ ...evidence, kubeletMetrics: failed('It answers 500.') }).message).toBe(`${words} It answers 500.`);
  });
});
