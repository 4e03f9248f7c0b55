import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { condition, entry, isReady, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterAll(() => rig.stop());

/** A model as no SDK knows it; every member is one that careless clients lose or change. */
const NASTY = String.raw`"tags": {"ünï": "caf\u00e9 ☕ \ud83d\ude00", "slash": "a\/b", "ctl": "\t\u0001"},
  "__proto__": {"polluted": true, "constructor": null},
  "toJSON": "text",
  "Properties": {"securityProfile": {"customCATrustCertificates": ["decoy"]}},
  "numbers": [12345678901234567890, 1.0, 1e3, -0, 1E-7, 0.1000],
  "nested": {"a": {"b": null, "c": [null, [null, {}], []]}, "": "", "A": 1, "a ": 2},
  "preview": {"nodeDisruptionProfile": {"nodeDisruptionPolicy": "Allow"}}`;

it('sends the text of the GET back, character by character, outside of the one array', async () => {
  const seed = await rig.addCluster();
  const model = seed.modelText();
  const rawModel = model.replace(/\}\s*$/, `,\n  ${NASTY}\n}`).replace('"properties":', '"properties" :  ');
  const cluster = await rig.addCluster({ rawModel, customCATrustCertificates: [] });
  await rig.startController();
  await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0, 1))] });
  await rig.until('one', isReady, 'Ready');

  const key = cluster.resourceId.toLowerCase();
  const journal = rig.simulator.journal().filter((one) => one.resourceId?.toLowerCase() === key);
  const at = journal.findIndex(({ operation }) => operation === 'PutManagedCluster');
  const put = journal[at]!;
  const get = journal.slice(0, at).findLast(({ operation }) => operation === 'GetManagedCluster')!;
  const withoutList = (text: string | undefined) =>
    text!.replace(/"customCATrustCertificates"\s*:\s*\[(?!"decoy")[^\]]*\]/, '"customCATrustCertificates":[…]');
  expect(withoutList(put.requestText)).toBe(withoutList(get.responseText));
  expect(put.requestText).toContain('12345678901234567890, 1.0, 1e3, -0, 1E-7, 0.1000');
  expect(put.requestText).toContain('"__proto__": {"polluted": true, "constructor": null}');
  expect(put.apiVersion).toBe(get.apiVersion);
  expect(put.ifMatch?.replaceAll('"', '')).toBe(
    (JSON.parse(get.responseText!) as { eTag: string }).eTag.replaceAll('"', ''),
  );
  const elements = (
    JSON.parse(put.requestText!) as { properties: { securityProfile: { customCATrustCertificates: string[] } } }
  ).properties.securityProfile.customCATrustCertificates;
  const canonical = elements.map((element) => Buffer.from(element, 'base64').toString());
  for (const pem of canonical)
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n$/);
});

it('sends nothing over a model in which it is not clear what is meant, and says so', async () => {
  const seed = await rig.addCluster();
  const twice = `"properties":{"securityProfile":{},`;
  const rawModel = seed.modelText().replace('"properties":{', twice);
  const cluster = await rig.addCluster({ rawModel });
  await rig.startController();
  await rig.apply('two', cluster, { certificates: [entry('a', ...roots(0))] });
  const object = await rig.until('two', (one) => condition(one, 'Applied')?.reason === 'Unreachable', 'Unreachable');
  expect(condition(object, 'Applied')?.message).toContain('the member "securityProfile" twice');
  expect(rig.puts(cluster)).toEqual([]);
});
