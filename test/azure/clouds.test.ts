import { describe, expect, it } from '@jest/globals';
import { CLOUDS, resolveCloud, type CloudName } from '../../src/azure/clouds.ts';

const NAMES = Object.keys(CLOUDS) as CloudName[];
const OVERRIDES = [
  {},
  { endpoint: 'https://arm.example:8443' },
  { endpoint: 'https://arm.example:8443//' },
  { authorityHost: 'https://sts.example/adfs/' },
  { endpoint: 'https://arm.example', authorityHost: 'https://sts.example' },
];

describe('a cloud', () => {
  it.each([
    ['AzurePublic', 'https://login.microsoftonline.com', 'https://management.azure.com'],
    ['AzureUSGovernment', 'https://login.microsoftonline.us', 'https://management.usgovcloudapi.net'],
    ['AzureChina', 'https://login.chinacloudapi.cn', 'https://management.chinacloudapi.cn'],
  ] as const)('%s signs in at %s for %s', (name, authorityHost, endpoint) => {
    expect(resolveCloud(name, {})).toMatchObject({ authorityHost, endpoint, scope: `${endpoint}/.default` });
  });

  it.each([
    ['AzurePublic', {}, ['azmk8s.io']],
    ['AzurePublic', { authorityHost: 'https://login.microsoftonline.com/' }, ['azmk8s.io']],
    ['AzurePublic', { endpoint: 'https://westeurope.management.azure.com' }, ['azmk8s.io']],
    ['AzureUSGovernment', {}, ['cx.aks.containerservice.azure.us', 'azmk8s.us']],
    ['AzureChina', {}, ['cx.prod.service.azk8s.cn']],
    // The names of the API servers of another ARM than Microsoft's are not known.
    ['AzurePublic', { endpoint: 'https://arm.example:8443' }, undefined],
    ['AzurePublic', { endpoint: 'https://xmanagement.azure.com' }, undefined],
    ['AzurePublic', { endpoint: 'https://management.azure.com.example' }, undefined],
  ] as const)('%s with %j has API servers below %j', (name, overrides, suffixes) => {
    expect(resolveCloud(name, overrides).apiServerSuffixes).toEqual(suffixes);
  });

  it.each(NAMES.flatMap((name) => OVERRIDES.map((overrides) => ({ name, overrides }))))(
    '$name with $overrides asks for tokens of the ARM it talks to',
    ({ name, overrides }) => {
      const plain = CLOUDS[name];
      const cloud = resolveCloud(name, overrides);
      expect(cloud.endpoint).toBe(overrides.endpoint?.replace(/\/+$/, '') ?? plain.endpoint);
      expect(cloud.authorityHost).toBe(overrides.authorityHost?.replace(/\/+$/, '') ?? plain.authorityHost);
      expect(cloud.scope).toBe(`${cloud.endpoint}/.default`);
    },
  );
});
