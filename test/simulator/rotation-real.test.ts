import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { basename, join } from 'node:path';
import { Agent, request } from 'undici';
import { play } from '../../simulator/control/scenario.ts';
import { startSimulator, type ClusterSeed, type SimulatedCluster, type Simulator } from '../../simulator/index.ts';
import { findControlPlane } from '../control-plane/binaries.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { eventually } from '../eventually.ts';
import { armClient, type ArmClient } from './arm-client.ts';
import { kubeconfigOf, rotate, type HandedOut } from './kubeconfigs.ts';

const START_LIMIT = 180_000;

/** A request to a real API server, of one account: its certificate, its token or neither. Undefined `ca`: the server is not verified. */
async function ask<T = unknown>(
  server: string,
  path: string,
  { certPem, keyPem, token }: Partial<HandedOut>,
  { ca, method = 'GET', body }: { ca?: string; method?: 'GET' | 'POST' | 'DELETE'; body?: object } = {},
) {
  const account = certPem === undefined ? {} : { cert: certPem, key: keyPem ?? '' };
  const agent = new Agent({ connect: { ...account, ...(ca === undefined ? { rejectUnauthorized: false } : { ca }) } });
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  try {
    const answer = await request(`${server}${path}`, {
      method,
      dispatcher: agent,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: (await answer.body.json()) as T };
  } finally {
    await agent.close();
  }
}

const certificateOf = ({ certPem, keyPem }: HandedOut) => ({ certPem, keyPem });
const tokenOf = ({ token }: HandedOut) => ({ token });

interface Request {
  readonly spec: { username: string; signerName: string };
  readonly status: { certificate?: string; conditions?: { type: string }[] };
}

interface ConfigMap {
  readonly metadata: { namespace: string };
  readonly data: Record<string, string>;
}

describe('a real API server', () => {
  let simulator: Simulator;
  let arm: ArmClient;
  let plane: CertifiedControlPlane;
  let cluster: SimulatedCluster;

  const seed: Partial<ClusterSeed> = {
    pools: [{ name: 'system', count: 2 }],
    rotation: { listing: 'new', namespaceSeconds: 0, lateNamespaceSeconds: 4000 },
  };

  beforeAll(async () => {
    [simulator, plane] = await Promise.all([
      startSimulator({ speed: 1000, throttling: false }),
      startCertifiedControlPlane(),
    ]);
    arm = await armClient(simulator);
    cluster = simulator.addCluster({ name: 'real', controlPlane: plane, ...seed });
    await cluster.ready();
  }, START_LIMIT);
  afterAll(async () => {
    await arm.close();
    await simulator.stop();
    await plane.stop();
  }, START_LIMIT);

  const get = async <T>(access: HandedOut, path: string) =>
    (await ask<T>(access.server, path, certificateOf(access), { ca: access.caPem })).body;
  const requests = async (access: HandedOut) =>
    (await get<{ items: Request[] }>(access, '/apis/certificates.k8s.io/v1/certificatesigningrequests')).items;
  const rootCas = async (access: HandedOut) =>
    (
      await get<{ items: ConfigMap[] }>(access, '/api/v1/configmaps?fieldSelector=metadata.name%3Dkube-root-ca.crt')
    ).items.map(({ metadata, data }) => [metadata.namespace, data['ca.crt'] === access.caPem]);

  it('has the certificates of the cluster, and nodes whose kubelets asked it for theirs', async () => {
    const access = await kubeconfigOf(arm, cluster.resourceId);
    expect((await ask(access.server, '/api/v1/nodes', certificateOf(access), { ca: access.caPem })).status).toBe(200);
    expect((await ask(access.server, '/api/v1/nodes', tokenOf(access), { ca: access.caPem })).status).toBe(200);
    const made = await requests(access);
    expect(made.map(({ spec }) => [spec.username, spec.signerName])).toEqual(
      Array(2).fill(['system:bootstrap:a1b2c3', 'kubernetes.io/kube-apiserver-client-kubelet']),
    );
    const issued = made.map(({ status }) => new X509Certificate(Buffer.from(status.certificate ?? '', 'base64')));
    expect(issued.map((one) => one.subject.split('\n').sort().at(0)).sort()).toEqual(
      cluster.nodes().map(({ name }) => `CN=system:node:${name}`),
    );
    expect(issued.every((one) => one.verify(access.ca.publicKey))).toBe(true);
    const { data } = await get<ConfigMap>(
      access,
      '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
    );
    expect(data['client-ca-file']).toBe(access.caPem);
    expect(data['requestheader-client-ca-file']).toBe((await cluster.certificates()).frontProxyCaPem);
    expect(data['requestheader-allowed-names']).toBe('[]');
    const namespaces = await get<{ items: { metadata: { name: string } }[] }>(access, '/api/v1/namespaces');
    expect(await rootCas(access)).toEqual(namespaces.items.map(({ metadata }) => [metadata.name, true]));
  });

  it.each([
    ['Pending', 'renewal', undefined],
    ['Denied', 'renewal', ['Denied']],
    ['ApprovedOnly', 'aksService', ['Approved']],
    ['Failed', 'renewal', ['Approved', 'Failed']],
    ['Issued', 'renewal', ['Approved']],
  ] as const)('gets the request of a kubelet that is %s', async (end, requestor, conditions) => {
    const access = await kubeconfigOf(arm, cluster.resourceId);
    const name = cluster.nodes()[0]!.name;
    const before = (await requests(access)).length;
    await cluster.renewKubelet(name, { end, requestor });
    const username = requestor === 'renewal' ? `system:node:${name}` : 'aksService';
    const found = (await requests(access)).filter(({ spec, status }) => {
      const types = status.conditions?.map(({ type }) => type);
      return spec.username === username && JSON.stringify(types) === JSON.stringify(conditions);
    });
    expect((await requests(access)).length).toBe(before + 1);
    expect(found.some(({ status }) => (status.certificate !== undefined) === (end === 'Issued'))).toBe(true);
  });

  it(
    'refuses the credentials of before after a rotation, and takes those of after',
    async () => {
      const before = await kubeconfigOf(arm, cluster.resourceId);
      const uids = cluster.nodes().map(({ uid }) => uid);
      const account = '/api/v1/namespaces/default/serviceaccounts';
      const admin = { ...certificateOf(before) };
      const options = { ca: before.caPem, method: 'POST' as const };
      const metadata = { name: 'pod' };
      await ask(before.server, account, admin, { ...options, body: { metadata } });
      const issued = await ask<{ status: { token: string } }>(before.server, `${account}/pod/token`, admin, {
        ...options,
        body: { spec: {} },
      });
      const pod = { token: issued.body.status.token };
      const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      const answers = async (server: string, client: Partial<HandedOut>) => {
        const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
        return (await ask(server, review, client, { method: 'POST', body })).status;
      };
      expect(await answers(before.server, pod)).toBe(201);

      expect((await rotate(arm, cluster.resourceId)).status).toBe(202);
      const after = await eventually(async () => {
        const now = await kubeconfigOf(arm, cluster.resourceId);
        return now.caPem === before.caPem ? undefined : now;
      }, 60_000);
      // The last namespace is late.
      await eventually(async () => new Set((await rootCas(after)).map(([, isNew]) => isNew)).size === 2);
      await cluster.idle();
      expect(cluster.provisioningState).toBe('Succeeded');
      expect((await rootCas(after)).every(([, isNew]) => isNew)).toBe(true);

      expect(after.server).toBe(before.server);
      const old = ask(after.server, '/version', {}, { ca: before.caPem });
      await expect(old).rejects.toMatchObject({ code: 'CERT_SIGNATURE_FAILURE' });
      expect([
        await answers(after.server, certificateOf(before)),
        await answers(after.server, tokenOf(before)),
        await answers(after.server, pod),
        await answers(after.server, certificateOf(after)),
        await answers(after.server, tokenOf(after)),
      ]).toEqual([401, 401, 401, 201, 201]);
      const nodes = await get<{ items: { metadata: { uid: string } }[] }>(after, '/api/v1/nodes');
      expect(nodes.items.map(({ metadata }) => metadata.uid)).toEqual(cluster.nodes().map(({ uid }) => uid));
      expect(nodes.items.filter(({ metadata }) => uids.includes(metadata.uid))).toEqual([]);
      const { data } = await get<ConfigMap>(
        after,
        '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
      );
      // kube-apiserver adds its CA to those that it finds, and takes away none that has not expired (clusterauthenticationtrust).
      const kept = data['client-ca-file']!.split(/(?<=-----END CERTIFICATE-----\n)/).filter((pem) => pem !== '');
      expect(new Set(kept)).toEqual(new Set([before.caPem, after.caPem]));
    },
    START_LIMIT,
  );
});

describe('two real API servers behind one address', () => {
  it(
    'are out of step, as long as the seed says, before both have the new CA',
    async () => {
      const [simulator, plane] = await Promise.all([
        startSimulator({ speed: 100, throttling: false }),
        startCertifiedControlPlane({ replicas: 2 }),
      ]);
      const arm = await armClient(simulator);
      // The second one starts twenty simulated minutes after the first.
      const rotation = { listing: 'new' as const, awaySeconds: 0, replicaSeconds: 1200 };
      const cluster = simulator.addCluster({ name: 'two', controlPlane: plane, pools: [], rotation });
      await cluster.ready();
      const before = await kubeconfigOf(arm, cluster.resourceId);
      const accepted = async () => {
        const seen = [];
        for (let n = 0; n < 4; n++) {
          const answer = ask(before.server, '/version', certificateOf(before), { ca: before.caPem });
          seen.push(
            await answer.then(
              ({ status }) => status,
              (error: NodeJS.ErrnoException) => error.code,
            ),
          );
        }
        return new Set(seen);
      };
      expect(await accepted()).toEqual(new Set([200]));
      cluster.rotateCertificates();
      await eventually(async () => {
        const seen = await accepted();
        return seen.has(200) && seen.has('CERT_SIGNATURE_FAILURE');
      }, 60_000);
      await cluster.idle();
      expect(await accepted()).toEqual(new Set(['CERT_SIGNATURE_FAILURE']));
      expect((await cluster.adminAccess()).caPem).not.toBe(before.caPem);
      await arm.close();
      await simulator.stop();
      await plane.stop();
    },
    START_LIMIT,
  );
});

describe('an API server of a scenario file', () => {
  it(
    'is started with its cluster, from programs in a folder beside the file, and ends with the simulator',
    async () => {
      const programs = await findControlPlane(() => {});
      const simulator = await startSimulator({ speed: 1000, throttling: false });
      const entry = {
        name: 'filed',
        pools: [{ name: 'system', count: 1 }],
        apiServer: { programs: basename(programs) },
      };
      await play(simulator, { clusters: [entry] }, join(programs, '..', 'scenario.yaml'));
      const arm = await armClient(simulator);
      const access = await kubeconfigOf(arm, simulator.cluster('filed').resourceId);
      const nodes = () => ask(access.server, '/api/v1/nodes', certificateOf(access), { ca: access.caPem });
      expect(await nodes()).toMatchObject({ status: 200, body: { items: [{}] } });
      await arm.close();
      await simulator.stop();
      await expect(nodes()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    },
    START_LIMIT,
  );
});
