import { describe, expect, it } from '@jest/globals';
import { accountUser, kubeconfig } from '../../../simulator/arm/kubeconfig.ts';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';
import { createTargetFromSecret } from '../../../src/cluster/node-access/from-secret.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';

const pems = await makeServingCertificate([], Date.now());
const CALM = new AbortController().signal;
const CONFIG = kubeconfig({
  cluster: 'c',
  userName: 'u',
  server: 'https://secret.example',
  caPem: pems.caPem,
  user: accountUser(pems),
});

/** One look through a Secret of these data: what the server does, or what is said. */
async function look(
  answer: () => unknown,
  ref: { readonly name: string; readonly key?: string } = { name: 'nodes' },
  data: Readonly<Record<string, string>> = { value: Buffer.from(CONFIG).toString('base64') },
) {
  const asked: string[] = [];
  const connection = (request: Connection['request']): Connection => ({
    server: 'https://server',
    request,
    stream: () => Promise.reject(new Error('not used')),
    close: () => Promise.resolve(),
  });
  const management = connection(async ({ path }) => {
    asked.push(path);
    return { data };
  });
  const { name, key = 'value' } = ref;
  const way = { kind: 'Secret', owner: 'Namespace', namespace: 'team', name, key } as const;
  const opener = createTargetFromSecret(management, way, () => connection(async () => answer()));
  const found = await opener.connect(CALM);
  const said =
    typeof found === 'string'
      ? found
      : await found.request({ path: '/api/v1/nodes' }).catch((error: unknown) => (error as Error).message);
  return { said, asked };
}

const failing = (error: Error) => () => {
  throw error;
};
const failed = (reason: string) => new KubernetesError(0, reason, `GET /api/v1/nodes: ${reason} 10.0.0.7:8443`);

describe('a kubeconfig in a Secret', () => {
  it.each([
    ['a closed port', failed('ECONNREFUSED')],
    ['a firewall', failed('UND_ERR_CONNECT_TIMEOUT')],
    ['silence', failed('Timeout')],
    ['a name that does not resolve', failed('ENOTFOUND')],
    ['an address of this machine', failed('AddressRefused')],
    ['a port without TLS', failed('ERR_SSL_WRONG_VERSION_NUMBER')],
    ['another CA', failed('SELF_SIGNED_CERT_IN_CHAIN')],
    ['another name', failed('ERR_TLS_CERT_ALTNAME_INVALID')],
    ['no HTTP', failed('HPE_INVALID_CONSTANT')],
    ['a connection that breaks', failed('UND_ERR_SOCKET')],
    ['something else there', new KubernetesError(200, 'UnexpectedAnswer', 'text/html', { hasStatus: false })],
    ['a page that is not there', new KubernetesError(404, 'NotFound', 'no Status', { hasStatus: false })],
  ])('has one message for everything that answers at the address in it: %s', async (_what, error) => {
    const { said } = await look(failing(error));
    expect(said).toBe(
      'the API server that the kubeconfig in Secret team/nodes names gives no usable response: the controller cannot reach it, or the server at that address is not an API server with a certificate of the CA in the kubeconfig. Check the address, firewalls and authorized IP ranges; where the cluster is private, link its private DNS zone to the network of the controller; after a rotation of the cluster certificates the Secret needs a new kubeconfig. The log of the controller has the cause',
    );
  });

  it.each<[string, KubernetesError, RegExp]>([
    ['a missing right', new KubernetesError(403, 'Forbidden', '403 Forbidden'), /403.*Bind the ClusterRole/],
    ['credentials that have ended', new KubernetesError(401, 'Unauthorized', '401'), /401.*into the Secret/],
    ['a lack of something', new KubernetesError(404, 'NotFound', '404 no such thing'), /^404 no such thing$/],
    ['too much', failed('TooLarge'), /TooLarge/],
  ])('says what an API server answers: %s', async (_what, error, message) => {
    expect((await look(failing(error))).said).toMatch(message);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'other'])(
    'is read from the keys of the Secret only, and no other key is named: %s',
    async (key) => {
      const { said } = await look(() => ({}), { name: 'nodes', key }, { 'secret-key-name': 'eA==' });
      expect(said).toBe(`the kubeconfig in Secret team/nodes has no key "${key}"`);
    },
  );

  it.each(['a b', 'p€', 'a?b', 'a#b', 'a%2fb'])('has a name that is one piece of the path: %s', async (name) => {
    const { asked } = await look(() => ({}), { name });
    expect(asked).toEqual([`/api/v1/namespaces/team/secrets/${encodeURIComponent(name)}`]);
  });
});
