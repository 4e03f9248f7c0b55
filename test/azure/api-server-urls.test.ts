import { describe, expect, it } from '@jest/globals';
import { apiServerUrls } from '../../src/azure/api-server-urls.ts';
import { HOSTILE_VALUES } from '../hostile-values.ts';

describe('the URLs of an API server', () => {
  it.each<[string, object, readonly string[]]>([
    ['a public cluster', { fqdn: 'prod-1.hcp.westeurope.azmk8s.io' }, ['https://prod-1.hcp.westeurope.azmk8s.io:443']],
    [
      'a private cluster with a public name',
      { fqdn: 'Prod.azmk8s.io', privateFQDN: 'prod.privatelink.azmk8s.io' },
      ['https://prod.privatelink.azmk8s.io:443', 'https://prod.azmk8s.io:443'],
    ],
    ['a cluster without one', {}, []],
    ['a name with a port and a user', { fqdn: 'user@evil.example:8443' }, []],
    ['an address', { fqdn: '[::1]' }, []],
    ['a name without a dot', { fqdn: 'localhost' }, []],
    ['a name of many characters', { fqdn: `${'a.'.repeat(200)}io` }, []],
  ])('of %s', (_, properties, urls) => {
    expect(apiServerUrls(JSON.stringify({ properties }))).toEqual(urls);
  });

  it.each(HOSTILE_VALUES)('are none for %s', (_, json) => {
    expect(apiServerUrls(json)).toEqual([]);
    expect(apiServerUrls(`{"properties":${json}}`)).toEqual([]);
    expect(apiServerUrls(`{"properties":{"fqdn":${json},"privateFQDN":${json}}}`)).toEqual([]);
  });

  it('are none for a text that was cut off, or is empty', () => {
    for (const text of ['', '{"properties":{"fqdn":"a.b"', '<html>']) expect(apiServerUrls(text)).toEqual([]);
  });
});
