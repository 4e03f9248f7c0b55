import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import { startSimulator, type ClusterSeed, type Simulator } from '../../simulator/index.ts';
import { eventually } from '../eventually.ts';
import { armClient, type ArmClient } from './arm-client.ts';
import { kubeconfigOf, type HandedOut } from './kubeconfigs.ts';

let simulator: Simulator;
let arm: ArmClient;
beforeAll(async () => {
  simulator = await startSimulator({ speed: 1000, throttling: false });
  arm = await armClient(simulator);
});
afterAll(async () => {
  await arm.close();
  await simulator.stop();
});

async function add(seed: Partial<ClusterSeed> & { name: string }) {
  const cluster = simulator.addCluster({ pools: [{ name: 'system', count: 1 }], handshakes: true, ...seed });
  await cluster.ready();
  return cluster;
}

/** The certificate that a server shows, and why a client refuses it. */
async function handshake(server: string, ca: string | readonly string[]) {
  const { hostname, port } = new URL(server);
  const socket: TLSSocket = connect({ host: hostname, port: Number(port), ca: [ca].flat(), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const refusal = socket.authorizationError as unknown as string | null;
  const leaf = new X509Certificate(socket.getPeerCertificate().raw);
  socket.destroy();
  return { leaf, refusal };
}

/** What the server answers to a client that does not verify it: to a certificate, or a token. */
async function asked(
  { server }: { server: string },
  { certPem, keyPem, token }: Partial<HandedOut>,
  path = '/version',
): Promise<number> {
  const connect = { rejectUnauthorized: false, ...(certPem === undefined ? {} : { cert: certPem, key: keyPem ?? '' }) };
  const agent = new Agent({ connect });
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { statusCode, body } = await request(`${server}${path}`, { dispatcher: agent, headers });
  await body.dump();
  await agent.close();
  return statusCode;
}

const certificateOf = ({ certPem, keyPem }: HandedOut) => ({ certPem, keyPem });
const tokenOf = ({ token }: HandedOut) => ({ token });

describe('the certificates of a cluster', () => {
  it('are dated as those of AKS are', async () => {
    const cluster = await add({ name: 'dated', certificates: { createdAt: '2025-05-21T11:08:45Z' } });
    const { server, ca, client } = await kubeconfigOf(arm, cluster.resourceId);
    const { leaf } = await handshake(server, ca.toString());
    const dates = ({ validFromDate, validToDate }: X509Certificate) =>
      [validFromDate, validToDate].map((date) => date.toISOString().slice(0, 19));
    expect(dates(ca)).toEqual(['2025-05-21T10:58:45', '2055-05-14T11:08:45']);
    expect(dates(leaf)).toEqual(['2025-05-21T10:58:45', '2027-05-21T11:08:45']);
    expect(dates(client)).toEqual(dates(leaf));
    expect([ca.subject, ca.ca, ca.publicKey.asymmetricKeyType]).toEqual(['CN=ca', true, 'rsa']);
    expect(client.subject.split('\n').sort()).toEqual(['CN=masterclient', 'O=system:masters']);
    expect([leaf, client].map((one) => one.verify(ca.publicKey))).toEqual([true, true]);
  });

  it('let clients in by the certificate or the token, each alone, and by no other', async () => {
    const [mine, other] = await Promise.all([add({ name: 'mine' }), add({ name: 'other' })]);
    const [access, foreign] = await Promise.all([mine, other].map(({ resourceId }) => kubeconfigOf(arm, resourceId)));
    expect(await asked(access!, certificateOf(access!))).toBe(200);
    expect(await asked(access!, tokenOf(access!))).toBe(200);
    expect(await asked(access!, {})).toBe(401);
    expect(await asked(access!, certificateOf(foreign!))).toBe(401);
    expect(await asked(access!, tokenOf(foreign!))).toBe(401);
    // A dead certificate is refused with a token that lives, too.
    expect(await asked(access!, { ...certificateOf(foreign!), ...tokenOf(access!) })).toBe(401);
    expect(await asked(access!, certificateOf(access!), '/api/v1/nodes')).toBe(404);
  });

  it.each([
    // Codes of OpenSSL, as facts of each kind: without identifiers the CA of before is a candidate by its name.
    ['without key identifiers', false, 'CERT_SIGNATURE_FAILURE'],
    ['with key identifiers', true, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('%s are refused by clients of before with %s', async (_, keyIdentifiers, code) => {
    const name = `kid-${keyIdentifiers}`;
    const cluster = await add({ name, certificates: { keyIdentifiers }, rotation: { listing: 'new' } });
    const before = await kubeconfigOf(arm, cluster.resourceId);
    expect((await handshake(before.server, before.caPem)).refusal).toBeNull();
    cluster.rotateCertificates();
    await cluster.idle();
    const after = await kubeconfigOf(arm, cluster.resourceId);
    expect(after.server).toBe(before.server);
    expect((await handshake(after.server, after.caPem)).refusal).toBeNull();
    expect((await handshake(after.server, before.caPem)).refusal).toBe(code);
    expect(await asked(after, certificateOf(before))).toBe(401);
    expect(await asked(after, tokenOf(before))).toBe(401);
    expect(await asked(after, certificateOf(after))).toBe(200);
  });

  it('may keep the token of before alive', async () => {
    const cluster = await add({ name: 'token-kept', rotation: { token: 'kept' } });
    const before = await kubeconfigOf(arm, cluster.resourceId);
    cluster.rotateCertificates();
    await cluster.idle();
    expect(await asked(before, tokenOf(before))).toBe(200);
    expect(await asked(before, certificateOf(before))).toBe(401);
  });

  it('are not shown while the API server is away', async () => {
    const cluster = await add({ name: 'away', rotation: { awaySeconds: 2000 } });
    const { server, caPem } = await kubeconfigOf(arm, cluster.resourceId);
    cluster.rotateCertificates();
    const refused = async () =>
      handshake(server, caPem).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      );
    // A connection that is open at that moment is reset.
    await eventually(async () => ((await refused()) === 'ECONNREFUSED' ? true : undefined));
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect((await handshake(server, caPem)).refusal).not.toBeNull();
  });

  it('of a cluster without a listener are in its kubeconfig all the same', async () => {
    const cluster = await add({ name: 'unseen', handshakes: false });
    const { server, ca, client } = await kubeconfigOf(arm, cluster.resourceId);
    expect(server).toBe('https://unseen.hcp.westeurope.azmk8s.io:443');
    expect(client.verify(ca.publicKey)).toBe(true);
    expect((await cluster.certificates()).authorities).toMatchObject([
      { generation: 0, fingerprint: ca.fingerprint256.replaceAll(':', '').toLowerCase() },
    ]);
  });

  it('are of two CAs at one address for a while, where two API servers are there', async () => {
    const rotation = { listing: 'new' as const, replicaSeconds: 3000 };
    const cluster = await add({ name: 'two', handshakes: { replicas: 2 }, rotation });
    const before = await kubeconfigOf(arm, cluster.resourceId);
    // Connections that are open when an API server is started again are reset.
    const refusals = async () => {
      const seen = [];
      for (let n = 0; n < 4; n++) {
        const shaken = handshake(before.server, before.caPem);
        seen.push(
          await shaken.then(
            ({ refusal }) => refusal,
            (error: NodeJS.ErrnoException) => error.code,
          ),
        );
      }
      return seen;
    };
    cluster.rotateCertificates();
    await eventually(async () => {
      const seen = await refusals();
      return seen.includes(null) && seen.includes('CERT_SIGNATURE_FAILURE');
    });
    await cluster.idle();
    expect(new Set(await refusals())).toEqual(new Set(['CERT_SIGNATURE_FAILURE']));
  });

  it('are not to be seen through a proxy that inspects TLS', async () => {
    const cluster = await add({ name: 'inspected' });
    const { server, ca, caPem, ...account } = await kubeconfigOf(arm, cluster.resourceId);
    await cluster.interceptTls(true);
    const { leaf, refusal } = await handshake(server, caPem);
    expect([leaf.issuer, leaf.verify(ca.publicKey), refusal]).toEqual([
      'CN=TLS inspection',
      false,
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ]);
    expect(await asked({ server }, { token: account.token })).toBe(200);
    await cluster.interceptTls(false);
    expect((await handshake(server, caPem)).refusal).toBeNull();
    await expect((await add({ name: 'no-listener', handshakes: false })).interceptTls(true)).rejects.toThrow(
      'The cluster has no listener',
    );
  });

  it('of a fleet may share a few keys, and are others after a rotation all the same', async () => {
    const certificates = { sharedKeys: true };
    const [one, two] = await Promise.all(
      ['fleet-1', 'fleet-2'].map((name) => add({ name, handshakes: false, certificates })),
    );
    const read = () => Promise.all([one!, two!].map(({ resourceId }) => kubeconfigOf(arm, resourceId)));
    const before = await read();
    one!.rotateCertificates();
    await one!.idle();
    const after = await read();
    expect(new Set([...before, after[0]!].map(({ ca }) => ca.fingerprint256)).size).toBe(3);
    expect(before[1]!.keyPem).toBe(before[0]!.keyPem);
    expect([after[0]!.client.verify(before[0]!.ca.publicKey), after[0]!.client.verify(after[0]!.ca.publicKey)]).toEqual(
      [false, true],
    );
  });
});
