import { createHash, timingSafeEqual } from 'node:crypto';
import { json, type Answer, type Incoming } from '../http/answer.ts';
import type { ClientSeed, Simulator } from '../simulator-interface.ts';
import { ACTIONS, perform, type ClusterAction } from './actions.ts';
import { sentSeed } from './cluster-file.ts';
import type { ClusterEntry } from './cluster-entry.ts';
import { faultOf } from './fault-entry.ts';

type Endpoint = (simulator: Simulator, request: Incoming) => unknown;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'GET /_simulator': about,
  'GET /_simulator/requests': requests,
  'DELETE /_simulator/requests': (simulator) => void simulator.clearJournal(),
  'GET /_simulator/statistics': (simulator) => simulator.statistics(),
  'DELETE /_simulator/statistics': (simulator) => void simulator.clearStatistics(),
  'GET /_simulator/nodes': (simulator) => ({
    clusters: simulator.clusters().map((cluster) => ({ resourceId: cluster.resourceId, nodes: cluster.nodes() })),
  }),
  'GET /_simulator/certificates': certificates,
  'GET /_simulator/clusters': (simulator) => ({ clusters: simulator.clusters().map(described) }),
  'POST /_simulator/clusters': addClusters,
  'POST /_simulator/clusters/actions': act,
  'GET /_simulator/faults': (simulator) => ({ faults: simulator.faults.pending() }),
  'POST /_simulator/faults': (simulator, { body }) => void simulator.faults.add(faultOf(parsed(body))),
  'DELETE /_simulator/faults': (simulator) => void simulator.faults.clear(),
  'POST /_simulator/clients': (simulator, { body }) => {
    const client = simulator.addClient(body === '' ? {} : (parsed(body) as ClientSeed));
    return { ...client, federatedToken: simulator.federatedToken(client.clientId) };
  },
};

export function isControl(pathname: string): boolean {
  return /^\/_simulator(\/|$)/.test(pathname);
}

/**
 * Answers requests under `/_simulator`: 200 or 204, 400 with the reason, 401 without the control token, 404. Undefined for any other
 * path.
 */
export async function controlEndpoints(
  request: Incoming,
  simulator: Simulator,
  controlToken: string,
): Promise<Answer | undefined> {
  if (!isControl(request.url.pathname)) return undefined;
  if (!brings(request, controlToken)) return refused();
  const path = request.url.pathname.replace(/\/+$/, '');
  const endpoint = ENDPOINTS[`${request.method} ${path}`];
  if (endpoint === undefined)
    return json(404, { error: `There is no ${request.method} ${path}`, endpoints: Object.keys(ENDPOINTS) });
  try {
    const result = await endpoint(simulator, request);
    return result === undefined ? { status: 204 } : json(200, result);
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

/** Compared as digests: these are of one length, and the comparison takes the same time for all of them. */
function brings({ headers }: Incoming, controlToken: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(headers['authorization'] ?? ''), digest(`Bearer ${controlToken}`));
}

function refused(): Answer {
  const error =
    'The control endpoints need the header "Authorization: Bearer TOKEN". The simulator prints its token when it starts; ' +
    'AKS_SIMULATOR_CONTROL_TOKEN or --control-token sets one.';
  return json(401, { error }, { 'www-authenticate': 'Bearer realm="the control endpoints of the simulator"' });
}

function about({ url, authority, tenantId, subscriptionId, caPem, clock }: Simulator): object {
  return { url, authority, tenantId, subscriptionId, caPem, now: new Date(clock.now()).toISOString() };
}

/** `?since=12` gives those after the 12th, `?operation=PutManagedCluster` those of one kind. */
function requests(simulator: Simulator, { url: { searchParams } }: Incoming): object {
  const since = Number(searchParams.get('since') ?? 0);
  const operation = searchParams.get('operation');
  return {
    requests: simulator
      .journal()
      .filter((entry) => entry.seq > since && (operation === null || entry.operation === operation)),
  };
}

/** `?cluster=prod`: of one cluster, by its name or id. The certificates of many take a while to be made. */
async function certificates(simulator: Simulator, { url: { searchParams } }: Incoming): Promise<object> {
  const name = searchParams.get('cluster');
  const clusters = name === null ? simulator.clusters() : [simulator.cluster(name)];
  return {
    clusters: await Promise.all(
      clusters.map(async (cluster) => ({ resourceId: cluster.resourceId, ...(await cluster.certificates()) })),
    ),
  };
}

/** One cluster, or a list of them; of a list only the ids are answered. */
async function addClusters(simulator: Simulator, { body }: Incoming): Promise<object> {
  const wanted = parsed(body) as ClusterEntry | readonly ClusterEntry[];
  const clusters = [wanted]
    .flat()
    .map(sentSeed)
    .map((seed) => simulator.addCluster(seed));
  await Promise.all(clusters.map((cluster) => cluster.ready()));
  const [only] = clusters;
  return Array.isArray(wanted) || only === undefined
    ? { resourceIds: clusters.map(({ resourceId }) => resourceId) }
    : described(only);
}

async function act(simulator: Simulator, { body }: Incoming): Promise<object> {
  const { cluster: name, ...action } = parsed(body) as { cluster: string } & ClusterAction;
  if (!ACTIONS.has(action.action)) throw new Error(`There is no action ${action.action}: ${[...ACTIONS].join(', ')}`);
  const cluster = simulator.cluster(name);
  await perform(cluster, action);
  return cluster.exists ? described(cluster) : { resourceId: cluster.resourceId, exists: false };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const { message } = error as SyntaxError;
    throw new Error(`The body is not JSON, which it has to be, unlike a scenario file: ${message}`, { cause: error });
  }
}

function described(cluster: ReturnType<Simulator['addCluster']>): object {
  const { resourceId, resourceUid, provisioningState, eTag } = cluster;
  return { resourceId, resourceUid, provisioningState, eTag, list: cluster.list(), model: cluster.model() };
}
