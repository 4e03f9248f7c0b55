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
    expect(resolveCloud(name, {})).toEqual({ authorityHost, endpoint, scope: `${endpoint}/.default` });
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
