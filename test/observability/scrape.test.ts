import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { eventually } from '../eventually.ts';
import { toolPath } from '../go-tools/find.ts';
import { createProcesses, type Processes } from '../integration/processes.ts';
import { entry, isReady, roots, SEES_NODES, startRig, type Rig } from '../integration/rig.ts';
import { applyRotation, removeRotation, rotationPath } from '../integration/rotation-object.ts';
import { scrape } from '../runtime/scraper.ts';
import { DOCUMENTED, EXPRESSIONS, readExpression } from './expressions.ts';

jest.setTimeout(120_000);

const promtool = toolPath('promtool');
const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-scrape-'));
let rig: Rig;
let processes: Processes;
beforeAll(async () => {
  rig = await startRig();
  processes = createProcesses(rig);
}, 600_000);
afterAll(async () => {
  await processes.stopAll();
  await rig.stop();
  rmSync(folder, { recursive: true });
});

/** Another candidate has the lease, for longer than the test. */
async function holdLease(): Promise<void> {
  const now = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: 'another', leaseDurationSeconds: 3600, renewTime: now, acquireTime: now };
  await rig.admin.request({
    method: 'POST',
    path: `/apis/coordination.k8s.io/v1/namespaces/${rig.namespace}/leases`,
    body: { metadata: { name: 'aks-ca-trust' }, spec },
  });
}

const own = {
  startedBy: 'ThisController',
  startedAt: '2026-01-01T00:00:00Z',
  reason: 'Requested',
  oldCA: 'a',
} as const;
const ROTATING = { phase: 'Rotating', lastRotation: own } satisfies CertificateRotation['status'];
const ROTATED = {
  phase: 'Completed',
  lastRotation: { ...own, completedAt: '2026-01-01T00:20:00Z', newCA: 'b', attempts: 1 },
  conditions: [
    {
      ...{ type: 'OldCertificatesRejected', status: 'True', reason: 'Rejected', message: '' },
      lastTransitionTime: '2026-01-01T00:22:00Z',
    },
  ],
} satisfies CertificateRotation['status'];

async function sayOf(name: string, status: CertificateRotation['status']): Promise<void> {
  await rig.admin.request({
    method: 'PATCH',
    path: `${rotationPath(rig.namespace, name)}/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  });
}

describe('/metrics of a controller at work', () => {
  it('has exactly the metrics of the reference, and a series of each that alerts and dashboard use', async () => {
    const policy = join(folder, 'policy.yaml');
    writeFileSync(
      policy,
      `rules:\n  - namespaces: [${rig.namespace}]\n    clusters: ['/subscriptions/*/resourceGroups/*/*']\n    nodeAccess: [Secret]\n`,
    );
    const flags = ['--metrics-address=127.0.0.1:0', '--metrics-plain-http', `--policy-file=${policy}`];
    const program = await processes.start([...flags, '--leader-elect', '--lease-namespace=aks-ca-trust-system']);
    let { port } = await program.line('The metrics server listens.');
    const cluster = await rig.addCluster({ nodes: true });
    await rig.apply('watched', cluster, { certificates: [entry('a', ...roots(0))] });

    // Some series are there during a change only.
    const seen = new Set<string>();
    let page = '';
    const watch = async () => {
      page = (await scrape(Number(port), { plain: true })).body;
      for (const [, name = ''] of page.matchAll(/^([a-z_]+)[{ ]/gm)) seen.add(name);
      return page;
    };
    await eventually(async () => (await watch()).includes('change_started_timestamp_seconds{'));
    await rig.until('watched', isReady, 'Ready');
    const target = { ...SEES_NODES, resourceId: cluster.resourceId };
    await applyRotation(rig, 'certificates', cluster, { target });
    await eventually(async () => (await watch()).includes('cluster_auto_rotation{'));
    await removeRotation(rig, 'certificates');
    await eventually(async () => /object_ready\{.*reason="Trusted"\} 1/.test(await watch()));

    const types = [...page.matchAll(/^# TYPE ([a-z_]+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const documented = [...DOCUMENTED].map(
      ([name, { type }]) => `${name.replace(/_(?:bucket|sum|count)$/, '')} ${type}`,
    );
    expect(types.sort()).toEqual([...new Set(documented)].sort());
    // A rotation takes minutes. A standby exposes what the leader has written, and writes nothing itself.
    await processes.stopAll();
    await holdLease();
    const standby = await processes.start([...flags, '--leader-elect', `--lease-namespace=${rig.namespace}`]);
    ({ port } = await standby.line('The metrics server listens.'));
    await applyRotation(rig, 'rotated', cluster, { mode: 'Rotate', acceptDowntime: true });
    for (const status of [ROTATING, ROTATED]) {
      await sayOf('rotated', status);
      await eventually(async () => (await watch()).includes(`phase="${status.phase}"} 1`));
    }
    const used = EXPRESSIONS.flatMap((expr) => readExpression(expr).selectors).map(({ metric }) => metric);
    expect([...new Set(used)].filter((metric) => metric !== 'up' && !seen.has(metric))).toEqual([]);
    if (promtool !== undefined) execFileSync(promtool, ['check', 'metrics'], { input: page, stdio: 'pipe' });
  });
});
