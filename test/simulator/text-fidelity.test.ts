import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulator } from '../../simulator/index.ts';
import { parseJson } from '../../simulator/json/parse.ts';
import { printCompact, printJson } from '../../simulator/json/print.ts';
import { JsonSyntaxError } from '../../simulator/json/syntax.ts';
import { armClient } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';
import { makeElements } from './certificates.ts';

describe('a JSON text', () => {
  it('is printed as it was read', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), undefined, indent);
        expect(printJson(parseJson(text))).toBe(text.trim());
        expect(printJson(parseJson(spaced))).toBe(spaced);
        expect(printCompact(parseJson(spaced))).toBe(JSON.stringify(JSON.parse(spaced)));
      }),
    );
  });

  it.each([
    '',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    '01',
    '1.',
    '"\u0001"',
    '"\\x"',
    'nul',
    '1 2',
    '[1}',
    '['.repeat(1000),
  ])('that is none is refused: %j', (text) => {
    expect(() => parseJson(text)).toThrow(JsonSyntaxError);
  });
});

describe('the model of a cluster', () => {
  let simulator: Simulator;
  let arm: ArmClient;
  beforeAll(async () => {
    simulator = await startSimulator({ speed: 100_000, throttling: false });
    arm = await armClient(simulator);
  });
  afterAll(async () => {
    await arm.close();
    await simulator.stop();
  });

  const ODD = String.raw`{
  "location": "westeurope", "id": "", "name": "odd", "type": "Microsoft.ContainerService/ManagedClusters", "eTag" : "",
  "properties": { "provisioningState":"Succeeded", "powerState": {"code": "Running"}, "resourceUID": "",
    "huge": 12345678901234567890, "exact": 1.0, "power": 1e3, "minus": -0, "__proto__": {"polluted": [1.50]},
    "constructor": null, "Case": 1, "case": 2, "caf\u00e9": "caf\u00e9 café \/ \ud83d\ude00",
    "deep": {"nothing": null, "list": [null, {"empty": {}}, [ ]]},
    "agentPoolProfiles": [ { "name": "system", "count": 2, "osType": "Linux", "mode": "System", "provisioningState": "Succeeded",
       "powerState": {"code":"Running"}, "orchestratorVersion": "1.33.3", "currentOrchestratorVersion": "1.33.3", "eTag": "", "odd": 0.10 } ],
    "securityProfile": { "customCATrustCertificates": [ ], "later": {"than": "every SDK"} }
  }
}`;

  /** Takes out what changes by itself, so that the rest can be compared. */
  const steady = (text: string) => text.replace(/("(?:eTag|resourceUID|id|provisioningState)"\s*:\s*)"[^"]*"/g, '$1""');

  it('is served in the very text it was given', async () => {
    const cluster = simulator.addCluster({ name: 'odd', resourceGroup: 'verbatim', rawModel: ODD });
    expect(steady((await arm.get(cluster.resourceId)).text)).toBe(steady(ODD));
  });

  it('keeps its text when it is sent back, but for the list that was changed', async () => {
    const [element] = await makeElements(1);
    const cluster = simulator.addCluster({ name: 'odd', resourceGroup: 'changed', rawModel: ODD });
    const got = await arm.get(cluster.resourceId);
    const sent = got.text.replace(
      '"customCATrustCertificates": [ ]',
      `"customCATrustCertificates": ["${element!.base64}"]`,
    );
    expect((await arm.put(cluster.resourceId, sent)).status).toBe(200);
    await cluster.idle();
    expect(cluster.list()).toEqual([element!.base64]);
    expect(steady((await arm.get(cluster.resourceId)).text)).toBe(steady(sent));
  });

  it('shows every number, escape and key that a client spelled anew', async () => {
    const cluster = simulator.addCluster({ name: 'odd', resourceGroup: 'reserialized', rawModel: ODD });
    const got = await arm.get(cluster.resourceId);
    await arm.put(cluster.resourceId, JSON.stringify(JSON.parse(got.text)));
    await cluster.idle();
    const after = (await arm.get(cluster.resourceId)).text;
    expect(after).toContain('"huge": 12345678901234567000');
    expect(after).toContain('"exact": 1,');
    expect(after).toContain('"power": 1000');
    expect(after).toContain('"odd": 0.1 ');
  });

  it('is in the journal as it was sent and as it was answered', async () => {
    const cluster = simulator.addCluster({ name: 'odd', resourceGroup: 'journal', rawModel: ODD });
    const sent = '{ "location" : "westeurope", "properties": {"huge": 12345678901234567891} }';
    const answer = await arm.put(cluster.resourceId, sent);
    const entry = simulator.journal().at(-1);
    expect(entry).toMatchObject({
      method: 'PUT',
      operation: 'PutManagedCluster',
      resourceId: cluster.resourceId,
      clientId: arm.clientId,
      apiVersion: '2026-04-01',
      requestText: sent,
      responseText: answer.text,
      status: 200,
    });
  });

  it('takes unknown members over it', async () => {
    const cluster = simulator.addCluster({
      name: 'extra',
      extraBody: '{"properties": {"securityProfile": {"n\\u0061me": 1.00}, "nothing": null}, "zones": {}}',
    });
    const { text } = await arm.get(cluster.resourceId);
    expect(text).toContain('"n\\u0061me":1.00');
    expect(text).toContain('"nothing":null');
    expect(text).toContain('"zones":{}');
  });
});
