import { describe, expect, it } from '@jest/globals';
import { mergePut } from '../../simulator/cluster/merge-put.ts';
import { plain } from '../../simulator/json/access.ts';
import { parseJsonObject } from '../../simulator/json/parse.ts';
import { printJson } from '../../simulator/json/print.ts';

const MODEL = {
  location: 'westeurope',
  tags: { owner: 'a' },
  properties: {
    provisioningState: 'Succeeded',
    storageProfile: { diskCSIDriver: { enabled: true } },
    agentPoolProfiles: [
      { name: 'system', count: 3, eTag: 'one', nodeLabels: { a: 'b' } },
      { name: 'user', count: 2, eTag: 'two' },
    ],
    securityProfile: { customCATrustCertificates: ['a', 'b'], unknown: 1 },
  },
};

function merged(body: unknown): unknown {
  return plain(mergePut(parseJsonObject(JSON.stringify(MODEL)), parseJsonObject(JSON.stringify(body))));
}

describe('a PUT merges its body into the model:', () => {
  it.each([
    ['a body without properties', { location: 'westeurope' }],
    [
      'nulls',
      { tags: null, properties: { securityProfile: { customCATrustCertificates: null }, storageProfile: null } },
    ],
    ['empty objects', { tags: {}, properties: { securityProfile: {}, storageProfile: {} } }],
    [
      'read-only members',
      { id: '/x', name: 'x', eTag: 'x', properties: { provisioningState: 'x', fqdn: 'x', resourceUID: 'x' } },
    ],
    [
      "a pool's read-only members",
      { properties: { agentPoolProfiles: [{ name: 'system', eTag: 'x', provisioningState: 'x' }] } },
    ],
    ['an empty list of pools', { properties: { agentPoolProfiles: [] } }],
    ['the model itself', MODEL],
  ])('%s changes nothing', (_, body) => {
    const model = parseJsonObject(JSON.stringify(MODEL));
    expect(mergePut(model, parseJsonObject(JSON.stringify(body)))).toBe(model);
  });

  it('lists are replaced', () => {
    expect(merged({ properties: { securityProfile: { customCATrustCertificates: ['b'] } } })).toMatchObject({
      properties: { securityProfile: { customCATrustCertificates: ['b'], unknown: 1 } },
    });
    expect(merged({ properties: { securityProfile: { customCATrustCertificates: [] } } })).toMatchObject({
      properties: { securityProfile: { customCATrustCertificates: [] } },
    });
  });

  it('pools are merged by name, whatever its case, and keep their places', () => {
    expect(merged({ properties: { agentPoolProfiles: [{ name: 'USER', count: 5 }] } })).toMatchObject({
      properties: {
        agentPoolProfiles: [MODEL.properties.agentPoolProfiles[0], { name: 'user', count: 5, eTag: 'two' }],
      },
    });
  });

  it('a new pool is added without what only AKS can say of it', () => {
    const after = merged({
      properties: { agentPoolProfiles: [{ name: 'extra', count: 1, eTag: 'x', powerState: { code: 'x' } }] },
    });
    expect(after).toMatchObject({ properties: { agentPoolProfiles: [{}, {}, { name: 'extra', count: 1 }] } });
    expect(JSON.stringify(after)).not.toContain('"x"');
  });

  it('unknown members are kept and added', () => {
    expect(merged({ properties: { new: { of: [1, null] }, securityProfile: { unknown: 2 } } })).toMatchObject({
      properties: { new: { of: [1, null] }, securityProfile: { unknown: 2, customCATrustCertificates: ['a', 'b'] } },
    });
  });

  it('keys that differ in case only are different keys', () => {
    expect(merged({ properties: { securityProfile: { customCaTrustCertificates: ['c'] } } })).toMatchObject({
      properties: { securityProfile: { customCATrustCertificates: ['a', 'b'], customCaTrustCertificates: ['c'] } },
    });
  });

  it('other blanks and another order of members change no text', () => {
    const model = parseJsonObject('{"a": {"b":1, "c": [1,2]}, "d" : true}');
    const after = mergePut(model, parseJsonObject('{"d":true,"a":{"c":[ 1, 2 ],"b":1}}'));
    expect(printJson(after)).toBe('{"a": {"b":1, "c": [1,2]}, "d" : true}');
  });
});
