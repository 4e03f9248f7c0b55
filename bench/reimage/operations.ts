import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { type Figure } from '../figure.ts';
import { certificate } from '../load/certificates.ts';
import { inFlight } from '../load/in-flight.ts';
import { usageOf } from '../load/process-usage.ts';
import { untilQuiet } from '../load/rest.ts';
import { onStage } from '../load/stage.ts';
import { now, sleep } from '../load/time.ts';
import { NAMESPACE, specOf, TRUSTS, trustObject } from '../load/trust.ts';

const CLUSTERS = 100;
const NODES = 100;
const WATCHED_MS = 60_000;
const LIMIT_MS = 300_000;
const WIDTH = 16;
const SECRET = 'nodes';
/** As a controller has it that is left alone. */
const POLL = ['--poll-interval', '15s'];

/** Memory while every cluster replaces its nodes, and each is looked at through its own connection. */
export function measureOperations(): Promise<Figure[]> {
  return onStage(async (stage) => {
    const { server, simulator } = stage;
    const secret = { kind: 'Secret', apiVersion: 'v1', metadata: { name: SECRET } };
    const value = Buffer.from(stage.kubeconfig).toString('base64');
    await server.send('POST', `/api/v1/namespaces/${NAMESPACE}/secrets`, { ...secret, data: { value } });
    await inFlight(NODES, WIDTH, (index) => server.send('POST', '/api/v1/nodes', nodeObject(index)));
    const names = Array.from({ length: CLUSTERS }, (_, index) => `operating-${index}`);
    const ids = await simulator.addClusters(names, { pools: [{ name: 'system', count: 3 }] });
    const pem = certificate(1);
    const target = { nodeAccess: { kubeconfigSecretRef: { name: SECRET } } };
    const controller = await stage.startController([], POLL);
    await inFlight(CLUSTERS, WIDTH, (index) => {
      const object = trustObject(names[index] ?? '', ids[index] ?? '', []);
      return server.send('POST', TRUSTS, {
        ...object,
        spec: { ...object.spec, target: { ...object.spec.target, ...target } },
      });
    });
    await untilQuiet(stage, controller, LIMIT_MS);
    const rest = usageOf(controller.pid).rss;
    await inFlight(CLUSTERS, WIDTH, (index) => {
      const spec = specOf(ids[index] ?? '', [pem]);
      const patch = { spec: { ...spec, target: { ...spec.target, ...target } } };
      return server.send('PATCH', `${TRUSTS}/${names[index]}`, patch, 'application/merge-patch+json');
    });
    let most = 0;
    for (const until = now() + WATCHED_MS; now() < until; await sleep(200))
      most = Math.max(most, usageOf(controller.pid).rss);
    const { items } = (await server.send('GET', TRUSTS)) as { items: readonly CustomCATrust[] };
    const counted = items.filter(({ status }) => status?.nodes?.summary.endsWith(`/${NODES}`)).length;
    if (counted < CLUSTERS) throw new Error(`${counted} of ${CLUSTERS} clusters were counted within a minute`);
    return [
      { name: 'at rest: RSS', value: rest, unit: 'MiB', detail: `${CLUSTERS} objects for as many clusters` },
      {
        name: 'all in operation: RSS at its most',
        value: most,
        unit: 'MiB',
        detail: `${NODES} nodes seen of each, a minute`,
      },
      { name: 'in operation / at rest', value: most / rest, unit: 'x', limit: 2 },
    ];
  });
}

function nodeObject(index: number) {
  const labels = { 'kubernetes.azure.com/agentpool': 'system' };
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: null, lastTransitionTime: null }];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `aks-system-12345678-vmss${String(index).padStart(6, '0')}`, labels },
    status: { conditions },
  };
}
