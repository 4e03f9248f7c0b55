import type { ApiServer } from './api-server.ts';
import type { Azure, Control } from './azure.ts';
import { fingerprintOf } from './manifests.ts';

/** The state of the cluster as ARM, the simulator and the target's API server have it; nothing of it comes from the controller. */
export interface Sight {
  /** PUTs of the cluster that ARM got since the simulator started. */
  readonly puts: number;
  /** SHA-256 of each certificate in the cluster's list, in order. */
  readonly fingerprints: readonly string[];
  /** The cluster's list as ARM has it. */
  readonly elements: readonly string[];
  /** Keyed by name. */
  readonly nodes: ReadonlyMap<string, NodeSight>;
}

export interface NodeSight {
  readonly pool: string;
  readonly osType: 'linux' | 'windows';
  readonly uid: string;
  /** Set by the API server, ISO 8601. */
  readonly createdAt: string;
  /** SHA-256 of the certificate authorities that the simulator made its machine with. */
  readonly certificates: readonly string[];
}

export interface Observer {
  read(): Promise<Sight>;
  /** How often the controller has read the cluster from ARM. */
  controllerReads(): Promise<number>;
}

const API_VERSION = '2026-04-01';

/** Signs in as an application of its own, so that its requests are not counted as the controller's. */
export async function createObserver(
  { https, control, tenantId, url, resourceId, observer, controller }: Azure,
  target: ApiServer,
): Promise<Observer> {
  const signedIn = (await https.json(`/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: observer.clientId,
      client_secret: observer.clientSecret,
      scope: `${url}/.default`,
    }).toString(),
  })) as { access_token: string };
  const authorization = `Bearer ${signedIn.access_token}`;

  async function journal(operation: string): Promise<readonly { clientId: string; resourceId?: string }[]> {
    const { requests } = (await control(`/requests?operation=${operation}`)) as {
      requests: readonly { clientId: string; resourceId?: string }[];
    };
    return requests.filter((entry) => entry.resourceId?.toLowerCase() === resourceId.toLowerCase());
  }

  async function list(): Promise<readonly string[]> {
    const cluster = (await https.json(`${resourceId}?api-version=${API_VERSION}`, { authorization })) as {
      properties: { securityProfile?: { customCATrustCertificates?: readonly string[] } };
    };
    return cluster.properties.securityProfile?.customCATrustCertificates ?? [];
  }

  return {
    async read() {
      const [puts, elements, nodes] = await Promise.all([
        journal('PutManagedCluster'),
        list(),
        nodesOf(target, control),
      ]);
      return { puts: puts.length, fingerprints: elements.flatMap(certificatesIn), elements, nodes };
    },
    controllerReads: async () =>
      (await journal('GetManagedCluster')).filter(({ clientId }) => clientId === controller.clientId).length,
  };
}

async function nodesOf(target: ApiServer, control: Control): Promise<Map<string, NodeSight>> {
  const { items } = (await target.get('/api/v1/nodes')) as {
    items: readonly {
      metadata: { name: string; uid: string; creationTimestamp: string; labels: Record<string, string> };
    }[];
  };
  const { clusters } = (await control('/nodes')) as {
    clusters: readonly { nodes: readonly { uid: string; fingerprints: readonly string[] }[] }[];
  };
  const given = new Map(clusters.flatMap(({ nodes }) => nodes).map(({ uid, fingerprints }) => [uid, fingerprints]));
  return new Map(
    items.map(({ metadata: { name, uid, creationTimestamp, labels } }) => [
      name,
      {
        pool: labels['kubernetes.azure.com/agentpool'] ?? '',
        osType: labels['kubernetes.io/os'] === 'windows' ? 'windows' : 'linux',
        uid,
        createdAt: creationTimestamp,
        certificates: given.get(uid) ?? ['unknown to the simulator'],
      },
    ]),
  );
}

function certificatesIn(element: string): string[] {
  const text = Buffer.from(element, 'base64').toString('utf8');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map(fingerprintOf);
}
