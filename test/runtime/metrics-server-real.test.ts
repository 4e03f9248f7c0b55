import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logging.ts';
import { createMetricsServer, type MetricsServer } from '../../src/runtime/metrics-server.ts';
import { createScrapeReview } from '../../src/runtime/scrape-review.ts';
import { selfSignedCertificates } from '../../src/runtime/serving-certificate.ts';
import { installMetricsRoles, makeReader, makeServiceAccount, tokenOf } from '../deploy/metrics-roles.ts';
import { eventually } from '../eventually.ts';
import { type ApiServer, startApiServer } from '../kubernetes/api-server.ts';
import { bearer, scrape } from './scraper.ts';

jest.setTimeout(30_000);

const NAMESPACE = 'aks-ca-trust-system';

describe('the metrics server before a real API server', () => {
  let api: ApiServer;
  let namespace: string;
  /** With the rights that the controller is given to ask about others, and no more. */
  let asker: Connection;
  let elapsed = 0;
  const servers: MetricsServer[] = [];

  beforeAll(async () => {
    api = await startApiServer();
    namespace = await api.namespace();
    await installMetricsRoles(api.connection);
    const made = async (path: string, body: unknown) =>
      api.connection.request({ method: 'POST', path, body }).catch(() => undefined);
    await made('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'aks-ca-trust' } };
    await made(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, account);
    asker = await as(NAMESPACE, 'aks-ca-trust');
  }, 90_000);
  afterAll(async () => {
    for (const server of servers) await server.stop();
    await asker.close();
    await api.stop();
  });

  async function as(ns: string, name: string): Promise<Connection> {
    const { server, caPem } = api.credentials;
    const token = await tokenOf(api.connection, ns, name);
    return connect({ server, ...(caPem === undefined ? {} : { caPem }), token });
  }

  async function serve(connection = asker): Promise<number> {
    const server = createMetricsServer({
      address: '127.0.0.1:0',
      metrics: { contentType: 'text/plain', metrics: () => Promise.resolve('up 1\n') },
      access: {
        kind: 'Reviewed',
        certificates: selfSignedCertificates('host', Date.now),
        review: createScrapeReview({ connection, logger: silentLogger, elapsed: () => elapsed }),
      },
      clock: systemClock,
      logger: silentLogger,
    });
    servers.push(server);
    return (await server.start()).port;
  }

  it('answers a service account that the reader role is bound to, and no other', async () => {
    const port = await serve();
    const reader = await tokenOf(api.connection, namespace, await makeReader(api.connection, namespace));
    const stranger = await tokenOf(api.connection, namespace, await makeServiceAccount(api.connection, namespace));
    expect((await scrape(port, bearer(reader))).status).toBe(200);
    expect((await scrape(port, bearer(stranger))).status).toBe(403);
    expect((await scrape(port, { ...bearer(reader), method: 'POST' })).status).toBe(405);
  });

  it('refuses a token for another audience, one with a changed signature, and none', async () => {
    const port = await serve();
    const name = await makeReader(api.connection, namespace);
    const elsewhere = await tokenOf(api.connection, namespace, name, { audiences: ['vault'] });
    const good = await tokenOf(api.connection, namespace, name);
    const [head = '', payload = '', signature = ''] = good.split('.');
    const forged = [head, payload, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))].join('.');
    const unsigned = [Buffer.from('{"alg":"none"}').toString('base64url'), payload, ''].join('.');
    for (const token of [elsewhere, forged, unsigned, 'abc'])
      expect((await scrape(port, bearer(token))).status).toBe(401);
    expect((await scrape(port)).status).toBe(401);
    expect((await scrape(port, bearer(good))).status).toBe(200);
  });

  it('refuses a token whose service account is gone, once what was known of it is old', async () => {
    const port = await serve();
    const name = await makeReader(api.connection, namespace);
    const token = await tokenOf(api.connection, namespace, name);
    expect((await scrape(port, bearer(token))).status).toBe(200);
    await api.connection.request({
      method: 'DELETE',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`,
    });
    elapsed += 60_000;
    // The API server itself believes a token for ten seconds.
    await eventually(async () => {
      elapsed += 10_000;
      return (await scrape(port, bearer(token))).status === 401;
    });
  });

  it('refuses every client, and says why, where the controller may not ask', async () => {
    const powerless = await as(namespace, await makeServiceAccount(api.connection, namespace));
    const port = await serve(powerless);
    const reader = await tokenOf(api.connection, namespace, await makeReader(api.connection, namespace));
    const answer = await scrape(port, bearer(reader));
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('could not review the token')]);
    await powerless.close();
  });

  it('refuses every client while the API server is away', async () => {
    const unreachable = connect({ server: 'https://127.0.0.1:1', token: 'x' });
    const port = await serve(unreachable);
    const reader = await tokenOf(api.connection, namespace, await makeReader(api.connection, namespace));
    expect((await scrape(port, bearer(reader))).status).toBe(503);
    await unreachable.close();
  });
});
