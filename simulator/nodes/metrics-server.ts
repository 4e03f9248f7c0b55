import { makeServingCertificate } from '../http/certificates.ts';
import { json } from '../http/answer.ts';
import { countConnections } from '../http/connections.ts';
import { listen, type Listener } from '../http/listener.ts';
import { realSleep } from '../clock.ts';
import { ApiServerError, type ApiServerClient } from './api-server-client.ts';

/** metrics-server, which an API server of AKS reaches through the tunnel to the nodes. Only the discovery of its API is answered. */
export interface MetricsServer {
  readonly port: number;
  /** Whether the tunnel works: without it, connections are refused. */
  setTunnel(works: boolean): Promise<void>;
  stop(): Promise<void>;
}

const GROUP_VERSION = 'metrics.k8s.io/v1beta1';
const HOST = '127.0.0.1';

export async function startMetricsServer(): Promise<MetricsServer> {
  const certificate = await makeServingCertificate([], Date.now());
  let listener: Listener | undefined = await open(0);
  const { port } = listener;

  function open(at: number): Promise<Listener> {
    const connections = countConnections(() => false);
    return listen({ host: HOST, port: at }, certificate, connections, async ({ url }) =>
      url.pathname === `/apis/${GROUP_VERSION}` ? json(200, RESOURCES) : { status: 404 },
    );
  }

  async function close(): Promise<void> {
    const open = listener;
    listener = undefined;
    await open?.close();
  }

  return {
    port,
    async setTunnel(works) {
      if (!works) await close();
      else listener ??= await open(port);
    },
    stop: close,
  };
}

const RESOURCES = {
  apiVersion: 'v1',
  kind: 'APIResourceList',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
};

const SERVICE = { name: 'metrics-server', namespace: 'kube-system' };
/** A namespace that every API server makes is there a moment after its start. */
const NAMESPACE_MS = 50;

/**
 * Makes the APIService of a metrics server at that port of this machine, or touches it: kube-apiserver then checks at once whether it is
 * available, and otherwise within half a minute.
 */
export async function registerMetricsServer(client: ApiServerClient, port: number, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${SERVICE.namespace}/services/${SERVICE.name}`;
  const service = { apiVersion: 'v1', kind: 'Service', metadata: SERVICE };
  // An address of this machine is no endpoint that Kubernetes takes.
  while (!(await isApplied(client, path, { ...service, spec: { type: 'ExternalName', externalName: 'localhost' } })))
    await realSleep(NAMESPACE_MS, signal);
  const [group, version] = GROUP_VERSION.split('/');
  const name = `${version}.${group}`;
  await apply(client, `/apis/apiregistration.k8s.io/v1/apiservices/${name}`, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, annotations: { 'simulator/checked': new Date().toISOString() } },
    spec: {
      ...{ group, version, groupPriorityMinimum: 100, versionPriority: 100 },
      insecureSkipTLSVerify: true,
      service: { ...SERVICE, port },
    },
  });
}

async function isApplied(client: ApiServerClient, path: string, body: object): Promise<boolean> {
  try {
    await apply(client, path, body);
    return true;
  } catch (error) {
    if (error instanceof ApiServerError && error.status === 404) return false;
    throw error;
  }
}

function apply(client: ApiServerClient, path: string, body: object): Promise<unknown> {
  return client.patch(`${path}?fieldManager=aks&force=true`, body, 'application/apply-patch+yaml');
}
