import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { median, type Figure } from '../figure.ts';
import { WIDTH } from './burst.ts';
import { certificates } from './certificates.ts';
import { rest, type Rest } from './idle.ts';
import { inFlight } from './in-flight.ts';
import type { LoadOptions } from './options.ts';
import { watchReadiness } from './readiness.ts';
import { untilQuiet } from './rest.ts';
import { onStage, type Stage } from './stage.ts';
import { now, until } from './time.ts';
import { NAMESPACE, TRUSTS, trustObject } from './trust.ts';

const ROTATIONS = `/apis/${API_VERSION}/namespaces/${NAMESPACE}/certificaterotations`;
const OBJECT_BYTES = 10 * 1024;
const LIMIT_MS = 900_000;
/** How often the command is started. */
const COMMANDS = 5;

/** Many clusters whose own certificates are watched beside their lists of custom CAs, each over a TLS handshake of its own. */
export function measureWatchedClusters({ clusters, restSeconds }: LoadOptions): Promise<Figure[]> {
  return onStage(async (stage) => {
    const { server, simulator } = stage;
    const names = Array.from({ length: clusters }, (_, index) => `watched-${index}`);
    const seed = { handshakes: true, certificates: { sharedKeys: true } };
    const resourceIds = await simulator.addClusters(names, seed);
    const controller = await stage.startController();
    const readiness = await watchReadiness(server);
    await inFlight(clusters, WIDTH, (index) => {
      const pems = certificates(index, OBJECT_BYTES);
      return server.send('POST', TRUSTS, trustObject(names[index] ?? '', resourceIds[index] ?? '', pems));
    });
    await readiness.untilAll(clusters, LIMIT_MS);
    readiness.stop();
    await untilQuiet(stage, controller, LIMIT_MS);
    const without = await rest(stage, controller, restSeconds);

    await simulator.clearStatistics();
    const start = now();
    await inFlight(clusters, WIDTH, (index) => {
      const target = { resourceId: resourceIds[index] };
      const metadata = { name: names[index], namespace: NAMESPACE };
      return server.send('POST', ROTATIONS, {
        ...{ apiVersion: API_VERSION, kind: 'CertificateRotation', metadata, spec: { target, mode: 'Monitor' } },
      });
    });
    const seen = await untilWatched(stage, clusters);
    const { operations } = await simulator.statistics();
    await untilQuiet(stage, controller, LIMIT_MS);
    const watched = await rest(stage, controller, restSeconds);
    const listings = Object.values(operations['ListClusterUserCredential'] ?? {}).reduce((sum, one) => sum + one, 0);
    await controller.stop();
    const lines = await firstLines(stage, resourceIds[0] ?? '');
    return [
      {
        name: 'all watched',
        value: (seen - start) / 1000,
        unit: 's',
        detail: `${clusters} clusters, from the first object to the last status with a CA and the certificate of an API server`,
      },
      { name: 'credentials listings a cluster', value: listings / clusters, unit: '', limit: 1 },
      ...memoryAndCpu(without, watched, restSeconds),
      {
        name: 'certs of one cluster: first line',
        value: lines,
        unit: 'ms',
        limit: 2000,
        detail: `median of ${COMMANDS}`,
      },
    ];
  });
}

function memoryAndCpu(without: Rest, watched: Rest, seconds: number): Figure[] {
  return [
    { name: 'at rest without: RSS', value: without.rss, unit: 'MiB', detail: `median of ${seconds} s` },
    { name: 'at rest: RSS', value: watched.rss, unit: 'MiB', detail: `the same process; median of ${seconds} s` },
    { name: 'with / without', value: watched.rss / without.rss, unit: 'x', limit: 1.2 },
    { name: 'at rest without: CPU', value: without.cpu, unit: '%', detail: 'of one core' },
    { name: 'at rest: CPU', value: watched.cpu, unit: '%', detail: 'of one core' },
    { name: 'CPU more', value: watched.cpu - without.cpu, unit: '%', limit: 0.5 },
    { name: 'at rest: API writes', value: watched.apiWrites, unit: '', limit: 0 },
  ];
}

/** When every object's status has shown the cluster CA and what the API server shows. */
async function untilWatched({ server }: Stage, count: number): Promise<number> {
  const isWatched = ({ status }: CertificateRotation) =>
    (['ClusterCA', 'APIServer'] as const).every((name) =>
      status?.certificates?.some((row) => row.name === name && row.health === 'Healthy'),
    );
  await until(
    'all certificates are in statuses',
    async () => {
      const { items } = (await server.send('GET', ROTATIONS)) as { items: CertificateRotation[] };
      return items.length >= count && items.every(isWatched);
    },
    { limitMs: LIMIT_MS, everyMs: 1000 },
  );
  return now();
}

/** From the start of the command to its first line, in ms. */
async function firstLines(stage: Stage, resourceId: string): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < COMMANDS; count++) times.push(await stage.firstLine(['certs', resourceId]));
  return median(times);
}
