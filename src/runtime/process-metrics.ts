import { readdirSync } from 'node:fs';
import { VERSION } from '../api/version.ts';
import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * Metrics of the process, under the names of client_golang and prom-client. They are read at each scrape, without a timer:
 * prom-client's own set keeps a timer and an observer of garbage collections running.
 */
export function exposeProcess(registry: Registry): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value !== undefined) this.set(value);
      },
    });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'When the process started, since the epoch.', () =>
    Math.round(performance.timeOrigin / 1000),
  );
  gauge('process_open_fds', 'Open file descriptors.', openFiles);
  gauge('nodejs_heap_size_total_bytes', 'Heap of JavaScript.', () => process.memoryUsage().heapTotal);
  gauge('nodejs_heap_size_used_bytes', 'Heap of JavaScript in use.', () => process.memoryUsage().heapUsed);
  gauge('nodejs_external_memory_bytes', 'Memory of buffers and the like.', () => process.memoryUsage().external);
  new Gauge({ name: 'nodejs_version_info', help: 'Version of Node.js.', labelNames: ['version'], registers }).set(
    { version: process.version },
    1,
  );
  new Gauge({
    name: 'aks_ca_trust_build_info',
    help: 'Always 1; its labels say which build this is.',
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version: VERSION, node_version: process.version }, 1);
}

/** Linux has a folder with them; on other systems the series stays at 0. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
