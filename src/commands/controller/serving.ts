import { hostname } from 'node:os';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { Outstanding } from '../../kubernetes/client/outstanding.ts';
import { pause, systemClock } from '../../runtime/clock.ts';
import { type Check, createHealthServer, type HealthOptions } from '../../runtime/health.ts';
import type { Logger } from '../../runtime/logging.ts';
import { aborted, type Part } from '../../runtime/manager.ts';
import { createMetricsServer, type MetricsAccess, type MetricsServerOptions } from '../../runtime/metrics-server.ts';
import { createScrapeReview } from '../../runtime/scrape-review.ts';
import { certificatesFrom, selfSignedCertificates } from '../../runtime/serving-certificate.ts';
import type { ControllerConfig } from './config.ts';

/** The health server; empty where it is turned off. */
export function healthPart(
  { healthAddress }: ControllerConfig,
  { logger, ...checks }: Omit<HealthOptions, 'address'>,
): Part[] {
  if (healthAddress === undefined) return [];
  const server = createHealthServer({ address: healthAddress, logger, ...checks });
  return [
    {
      name: 'health',
      async run({ stop }) {
        const { port } = await server.start();
        logger.info({ port }, 'The health server listens.');
        await aborted(stop);
        await server.stop();
      },
    },
  ];
}

/** How long after its deadline a request may be unsettled, in ms. After that only a restart helps. */
const LONGEST_DELAY_MS = 60_000;

/** Liveness fails for faults that only a restart resolves: a stopped cache, and a request that outlives its deadline. */
export function livenessChecks(
  operator: { isStuck(): boolean },
  outstanding: Outstanding,
): Readonly<Record<string, Check>> {
  return {
    caches: () => (operator.isStuck() ? 'A cache has stopped, and only a restart resolves that.' : undefined),
    // The request is not named, because every client that reaches the port can read the answer.
    requests: () =>
      outstanding.overdue(LONGEST_DELAY_MS) === undefined
        ? undefined
        : 'A request to an API server did not end within a minute after its deadline.',
  };
}

/** Readiness fails until the first lists have arrived. A standby is ready: it can take over. */
export function readinessChecks(operator: { hasSynced(): boolean }): Readonly<Record<string, Check>> {
  return { caches: () => (operator.hasSynced() ? undefined : 'The caches are not filled yet.') };
}

export interface MetricsTools {
  readonly metrics: MetricsServerOptions['metrics'];
  /**
   * Connection to the management API server for reviews of tokens. It is separate and has few slots, because every client that
   * reaches the port causes requests over it. Not fenced: a standby is scraped too.
   */
  readonly connection: Connection;
  readonly logger: Logger;
}

/** The library that makes certificates takes 50 ms of CPU to load, which the first reconciles shall not wait for. */
const AFTER_START_MS = 1000;

/** The metrics server; empty where it is turned off. */
export function metricsPart(config: ControllerConfig, { metrics, connection, logger }: MetricsTools): Part[] {
  const { metricsAddress: address, metricsCertDir: folder, metricsPlainHttp: plain } = config;
  if (address === undefined) return [];
  const certificates =
    folder === undefined
      ? selfSignedCertificates(hostname(), () => systemClock.now())
      : certificatesFrom(folder, logger);
  const access: MetricsAccess = plain
    ? { kind: 'Open' }
    : { kind: 'Reviewed', certificates, review: createScrapeReview({ connection, logger }) };
  const makesCertificate = folder === undefined && !plain;
  const server = createMetricsServer({ address, metrics, access, clock: systemClock, logger });
  return [
    {
      name: 'metrics',
      async run({ stop }) {
        if (makesCertificate) await pause(systemClock, AFTER_START_MS, stop);
        if (stop.aborted) return;
        const { port } = await server.start();
        logger.info({ port, scheme: plain ? 'http' : 'https' }, 'The metrics server listens.');
        await aborted(stop);
        await server.stop();
      },
    },
  ];
}
