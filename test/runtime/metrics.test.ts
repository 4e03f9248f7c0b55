import { describe, expect, it } from '@jest/globals';
import { createMetrics, exposeQueueAges, type Metrics } from '../../src/runtime/metrics.ts';
import { createWorkQueue } from '../../src/runtime/queue.ts';
import { ManualClock } from './manual-clock.ts';

/** The lines that name this series, without buckets. */
async function series(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name) && !line.includes('_bucket'));
}

describe('metrics', () => {
  it('are all there, at 0, before anything happens', async () => {
    const metrics = createMetrics();
    metrics.controller('cluster', 4);
    metrics.queue('cluster');
    metrics.leader('lease');
    expect(await series(metrics, 'controller_runtime')).toEqual([
      'controller_runtime_reconcile_total{controller="cluster",result="success"} 0',
      'controller_runtime_reconcile_total{controller="cluster",result="requeue_after"} 0',
      'controller_runtime_reconcile_total{controller="cluster",result="error"} 0',
      'controller_runtime_reconcile_errors_total{controller="cluster"} 0',
      'controller_runtime_terminal_reconcile_errors_total{controller="cluster"} 0',
      'controller_runtime_reconcile_time_seconds_sum{controller="cluster"} 0',
      'controller_runtime_reconcile_time_seconds_count{controller="cluster"} 0',
      'controller_runtime_max_concurrent_reconciles{controller="cluster"} 4',
      'controller_runtime_active_workers{controller="cluster"} 0',
    ]);
    expect(await series(metrics, 'workqueue')).toEqual([
      'workqueue_depth{name="cluster",controller="cluster"} 0',
      'workqueue_adds_total{name="cluster",controller="cluster"} 0',
      'workqueue_retries_total{name="cluster",controller="cluster"} 0',
      'workqueue_queue_duration_seconds_sum{name="cluster",controller="cluster"} 0',
      'workqueue_queue_duration_seconds_count{name="cluster",controller="cluster"} 0',
      'workqueue_work_duration_seconds_sum{name="cluster",controller="cluster"} 0',
      'workqueue_work_duration_seconds_count{name="cluster",controller="cluster"} 0',
    ]);
    expect(await series(metrics, 'leader')).toEqual(['leader_election_master_status{name="lease"} 0']);
  });

  it('tell what the process uses, and its CPU time anew at each scrape', async () => {
    const metrics = createMetrics({ processMetrics: true });
    const value = async (name: string) => Number((await series(metrics, `${name} `))[0]?.split(' ')[1]);
    const before = await value('process_cpu_seconds_total');
    const end = performance.now() + 30;
    while (performance.now() < end);
    expect(await value('process_cpu_seconds_total')).toBeGreaterThan(before);
    expect(await value('process_cpu_seconds_total')).toBeLessThan(before + 60);
    expect(await value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(await value('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6);
    expect(Math.abs((await value('process_start_time_seconds')) - Date.now() / 1000)).toBeLessThan(3600);
  });

  it('count passes by how they ended', async () => {
    const metrics = createMetrics();
    const passes = metrics.controller('cluster', 1);
    passes.reconcileStarted();
    passes.reconcileEnded('error', 1.5);
    passes.reconcileStarted();
    passes.reconcileEnded('terminal', 1);
    passes.reconcileStarted();
    expect(await series(metrics, 'controller_runtime')).toEqual(
      expect.arrayContaining([
        'controller_runtime_reconcile_total{controller="cluster",result="error"} 2',
        'controller_runtime_reconcile_errors_total{controller="cluster"} 2',
        'controller_runtime_terminal_reconcile_errors_total{controller="cluster"} 1',
        'controller_runtime_reconcile_time_seconds_sum{controller="cluster"} 2.5',
        'controller_runtime_active_workers{controller="cluster"} 1',
      ]),
    );
  });

  it('follow a queue', async () => {
    const metrics = createMetrics();
    const clock = new ManualClock();
    const queue = createWorkQueue({ clock, observer: metrics.queue('cluster') });
    for (const key of ['a', 'b', 'a']) queue.add(key);
    await clock.advance(1500);
    await queue.get(new AbortController().signal);
    await clock.advance(500);
    queue.addRateLimited('a');
    queue.done('a');
    expect(await series(metrics, 'workqueue')).toEqual(
      expect.arrayContaining([
        'workqueue_depth{name="cluster",controller="cluster"} 1',
        'workqueue_adds_total{name="cluster",controller="cluster"} 2',
        'workqueue_retries_total{name="cluster",controller="cluster"} 1',
        'workqueue_queue_duration_seconds_sum{name="cluster",controller="cluster"} 1.5',
        'workqueue_work_duration_seconds_sum{name="cluster",controller="cluster"} 0.5',
      ]),
    );
  });

  it('say how old the oldest key and the longest reconcile are, and 0 in a process that takes no keys', async () => {
    const metrics = createMetrics();
    const clock = new ManualClock();
    const queue = createWorkQueue({ clock });
    exposeQueueAges(metrics.registry, 'cluster', queue);
    const ages = async () =>
      [
        ...(await series(metrics, 'aks_ca_trust_queue_oldest_wait_seconds')),
        ...(await series(metrics, 'workqueue_longest_running_processor_seconds')),
      ].map((line) => Number(line.split(' ')[1]));
    for (const key of ['a', 'b', 'c']) {
      queue.add(key);
      await clock.advance(1000);
    }
    expect(await ages()).toEqual([0, 0]);
    const { signal } = new AbortController();
    const taken = [await queue.get(signal), await queue.get(signal)];
    expect(taken).toEqual(['a', 'b']);
    await clock.advance(4000);
    expect(await ages()).toEqual([5, 4]);
    queue.done('a');
    queue.done('b');
    await queue.get(signal);
    queue.done('c');
    expect(await ages()).toEqual([0, 0]);
  });

  it('tell who leads', async () => {
    const metrics = createMetrics();
    const lead = metrics.leader('lease');
    lead(true);
    expect(await series(metrics, 'leader')).toEqual(['leader_election_master_status{name="lease"} 1']);
    lead(false);
    expect(await series(metrics, 'leader')).toEqual(['leader_election_master_status{name="lease"} 0']);
  });
});
