import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { toolPath } from '../go-tools/find.ts';
import { createProcesses, type Processes } from '../integration/processes.ts';
import { entry, isReady, roots, SEES_NODES, startRig, type Rig } from '../integration/rig.ts';
import { applyRotation, removeRotation } from '../integration/rotation-object.ts';
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

describe('/metrics of a controller at work', () => {
  it('has exactly the metrics of the reference, and a series of each that alerts and dashboard use', async () => {
    const policy = join(folder, 'policy.yaml');
    writeFileSync(
      policy,
      `rules:\n  - namespaces: [${rig.namespace}]\n    clusters: ['/subscriptions/*/resourceGroups/*/*']\n    nodeAccess: [Secret]\n`,
    );
    const flags = ['--metrics-address=127.0.0.1:0', '--metrics-plain-http', `--policy-file=${policy}`];
    const program = await processes.start([...flags, '--leader-elect', '--lease-namespace=aks-ca-trust-system']);
    const { port } = await program.line('The metrics server listens.');
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
    const used = EXPRESSIONS.flatMap((expr) => readExpression(expr).selectors).map(({ metric }) => metric);
    expect([...new Set(used)].filter((metric) => metric !== 'up' && !seen.has(metric))).toEqual([]);
    if (promtool !== undefined) execFileSync(promtool, ['check', 'metrics'], { input: page, stdio: 'pipe' });
  });
});
