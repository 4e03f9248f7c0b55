import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ROUTES, type RouteShape } from '../../simulator/arm/routes.ts';
import { startSimulator, type Simulator } from '../../simulator/index.ts';
import { API_VERSION, armClient, type ArmClient } from './arm-client.ts';

jest.setTimeout(30_000);

let simulator: Simulator;
let client: ArmClient;
beforeAll(async () => {
  simulator = await startSimulator({ throttling: false });
  client = await armClient(simulator, simulator.addClient({ roles: [] }));
});
afterAll(async () => {
  await client.close();
  await simulator.stop();
});

let clusters = 0;

/** The request of a route, for a cluster of its own. */
async function ask({ method, segments }: RouteShape) {
  const cluster = simulator.addCluster({ name: `c-${clusters++}` });
  await cluster.ready();
  const values: Record<string, string> = {
    subscription: simulator.subscriptionId,
    group: 'rg',
    cluster: cluster.resourceId.split('/').at(-1) ?? '',
    pool: 'system',
    machine: 'none',
    configuration: 'default',
    location: 'westeurope',
    id: '00000000-0000-0000-0000-000000000009',
  };
  const path = segments.map((part) => (part.startsWith('{') ? values[part.slice(1, -1)] : part)).join('/');
  const headers = { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' };
  const body = method === 'PUT' || method === 'PATCH' ? '{}' : undefined;
  return client.send(method, `/${path}?api-version=${API_VERSION}`, headers, body);
}

const CHECKED = ROUTES.filter(({ action }) => action !== undefined).map((route) => [route.operation, route] as const);

describe('each request that the simulator knows', () => {
  it('needs an action of a role, besides what every caller may ask about itself', () => {
    const unchecked = ROUTES.filter(({ action }) => action === undefined).map(({ operation }) => operation);
    expect(unchecked).toEqual(['ListSubscriptions', 'ListPermissions']);
  });

  it.each(CHECKED)('is refused without its action, and with every other one: %s', async (_, route) => {
    const others = CHECKED.map(([, { action = '' }]) => action).filter((action) => action !== route.action);
    simulator.setRoles(client.clientId, [{ scope: '/', actions: others }]);
    const refused = await ask(route);
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'AuthorizationFailed' } } });
    expect(refused.text).toContain(`does not have authorization to perform action '${route.action}'`);
    simulator.setRoles(client.clientId, [{ scope: '/', actions: [route.action ?? ''] }]);
    expect((await ask(route)).status).not.toBe(403);
  });
});
