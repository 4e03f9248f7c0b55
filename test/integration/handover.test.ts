import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readLease } from '../../src/kubernetes/client/lease.ts';
import { startRecordingProxy } from '../deploy/recording-proxy.ts';
import { createProcesses, type Process, type Processes } from './processes.ts';
import { entry, eventually, listed, roots, startRig, type Rig } from './rig.ts';

const NAMESPACE = 'aks-ca-trust-system';
const ELECTED = ['--leader-elect', `--lease-namespace=${NAMESPACE}`];

let rig: Rig;
let processes: Processes;
beforeAll(async () => {
  rig = await startRig();
  processes = createProcesses(rig);
}, 600_000);
afterEach(async () => {
  await processes.stopAll();
  await rig.cleanUp();
});
afterAll(() => rig.stop());

describe('two processes of which one leads', () => {
  it('hand over within 3 s when the leader is asked to stop, which ends with 0', async () => {
    const [leader, standby] = await leaderAndStandby();
    leader.kill('SIGTERM');
    const { code, errors } = await leader.exit;
    const since = performance.now();
    expect([code, errors]).toEqual([0, '']);
    await firstPassOf(standby);
    expect(performance.now() - since).toBeLessThan(3000);
  }, 120_000);

  it('hand over within 17 s when the leader is killed', async () => {
    const [leader, standby] = await leaderAndStandby();
    leader.kill('SIGKILL');
    const since = performance.now();
    await firstPassOf(standby);
    expect(performance.now() - since).toBeLessThan(17_000);
    // Nor earlier than the lease allows: the killed one cannot be told from one that is slow.
    expect(performance.now() - since).toBeGreaterThan(12_000);
  }, 120_000);
});

describe('a leader that is asked to stop', () => {
  it('sees the pass through that runs, lets go of its lease and ends with 0, long before its grace is over', async () => {
    const leader = await processes.start(ELECTED);
    await leader.line('This process leads.');
    const cluster = await rig.addCluster();
    // Three real seconds.
    rig.simulator.faults.add({ operation: 'PutManagedCluster', latencyMs: 180_000 });
    await rig.apply('slow', cluster, { certificates: [entry('roots', ...roots(0))] });
    await eventually(async () => rig.puts(cluster).length > 0);
    expect(listed(cluster)).toEqual([]);
    const since = performance.now();
    leader.kill('SIGTERM');
    const { code, errors, output } = await leader.exit;
    expect([code, errors]).toEqual([0, '']);
    expect(performance.now() - since).toBeLessThan(20_000);
    expect(output).toContain('"sent":"Accepted"');
    expect(listed(cluster)).toHaveLength(1);
    const lease = await readLease({ connection: rig.admin, namespace: NAMESPACE, name: 'aks-ca-trust' });
    expect(lease?.spec?.holderIdentity).toBe('');
  }, 120_000);
});

describe('a controller whose API server and ARM are gone', () => {
  it('stays alive and ready: a restart would fix nothing', async () => {
    const proxy = await startRecordingProxy(rig.plane.config);
    const controller = await processes.start([], proxy);
    const { port } = await controller.line('The health server listens.');
    rig.simulator.faults.add({ resetBefore: true, times: Infinity });
    await rig.apply('one', await rig.addCluster(), { certificates: [entry('roots', ...roots(0))] });
    await proxy.stop();
    await Promise.race([controller.line('A watch failed.'), controller.line('A list failed.')]);
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(`http://127.0.0.1:${Number(port)}${path}`);
      expect([path, answer.status]).toEqual([path, 200]);
    }
    controller.kill('SIGTERM');
    expect((await controller.exit).code).toBe(0);
  }, 120_000);
});

async function leaderAndStandby(): Promise<[Process, Process]> {
  const leader = await processes.start(ELECTED);
  await leader.line('This process leads.');
  const standby = await processes.start(ELECTED);
  return [leader, standby];
}

/** Something is to be done from now on; resolves when this process has asked ARM about it. */
async function firstPassOf({ clientId }: Process): Promise<void> {
  const cluster = await rig.addCluster();
  await rig.apply('news', cluster, { certificates: [entry('roots', ...roots(0))] });
  const key = cluster.resourceId.toLowerCase();
  await eventually(async () =>
    rig.simulator.journal().some((one) => one.clientId === clientId && one.resourceId?.toLowerCase() === key),
  );
}
