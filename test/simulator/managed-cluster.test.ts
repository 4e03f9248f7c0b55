import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulator } from '../../simulator/index.ts';
import { armClient } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';
import { makeElements } from './certificates.ts';
import type { Element } from './certificates.ts';

let simulator: Simulator;
let arm: ArmClient;
let elements: Element[];
const withList = (list: readonly string[]) =>
  JSON.stringify({ location: 'westeurope', properties: { securityProfile: { customCATrustCertificates: list } } });

beforeAll(async () => {
  simulator = await startSimulator({ speed: 20_000, throttling: false });
  arm = await armClient(simulator);
  elements = await makeElements(3);
});
afterAll(async () => {
  await arm.close();
  await simulator.stop();
});

describe('a PUT of a changed list', () => {
  it('is answered at once with the new model, state Updating and where to read the end', async () => {
    const cluster = simulator.addCluster({ name: 'answered' });
    const answer = await arm.put(cluster.resourceId, withList([elements[0]!.base64]));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      properties: {
        provisioningState: 'Updating',
        securityProfile: { customCATrustCertificates: [elements[0]!.base64] },
        agentPoolProfiles: [{ name: 'system', provisioningState: 'Updating' }],
      },
    });
    expect(answer.headers['azure-asyncoperation']).toMatch(
      new RegExp(`^${simulator.url}/subscriptions/.*/operations/`),
    );
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await cluster.idle();
    const path = String(answer.headers['azure-asyncoperation']).slice(simulator.url.length);
    expect((await arm.get(path)).body).toMatchObject({ status: 'Succeeded' });
    expect((await arm.get(cluster.resourceId)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
  });
});
