import { ApiServerError, type ApiServerClient } from './api-server-client.ts';
import type { RootCaPublication } from './node-registry.ts';

const NAME = 'kube-root-ca.crt';

/** Does what kube-controller-manager's root-ca-cert-publisher does, which runs behind no API server of the simulator's. */
export async function publishRootCa(client: ApiServerClient, { caPem, pause }: RootCaPublication): Promise<void> {
  const list = (await client.get('/api/v1/namespaces')) as { items: readonly { metadata: { name: string } }[] };
  const names = list.items.map(({ metadata }) => metadata.name);
  for (const [index, namespace] of names.entries()) {
    await pause(index === names.length - 1 && index > 0);
    await publishIn(client, namespace, await caPem());
  }
}

async function publishIn(client: ApiServerClient, namespace: string, caPem: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${NAME}?fieldManager=root-ca-cert-publisher&force=true`;
  const metadata = {
    name: NAME,
    annotations: {
      'kubernetes.io/description':
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
    },
  };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': caPem } };
  try {
    await client.patch(path, body, 'application/apply-patch+yaml');
  } catch (error) {
    // A namespace may end meanwhile.
    if (!(error instanceof ApiServerError) || (error.status !== 404 && error.status !== 403)) throw error;
  }
}
