import { describe, expect, it } from '@jest/globals';
import { InvalidAnswerError, readClusterModel } from '../../src/azure/cluster-model.ts';

type Json = Record<string, unknown>;

const POOL = {
  name: 'system',
  osType: 'Linux',
  count: 3,
  provisioningState: 'Succeeded',
  powerState: { code: 'Running' },
  orchestratorVersion: '1.33',
  currentOrchestratorVersion: '1.33.3',
};
const PROPERTIES = {
  provisioningState: 'Succeeded',
  powerState: { code: 'Running' },
  kubernetesVersion: '1.33',
  currentKubernetesVersion: '1.33.3',
  resourceUID: '65f0a1',
  agentPoolProfiles: [POOL],
  securityProfile: { customCATrustCertificates: ['YQ=='] },
};
const read = (body: unknown) => readClusterModel(JSON.stringify(body));
const withProperties = (properties: Json) => ({
  name: 'prod',
  eTag: 'W/"1"',
  properties: { ...PROPERTIES, ...properties },
});
const withPool = (pool: Json) => withProperties({ agentPoolProfiles: [POOL, { ...POOL, ...pool }] });

describe('a managed cluster', () => {
  it('is read out of the text of a GET', () => {
    expect(read(withProperties({}))).toEqual({
      name: 'prod',
      eTag: 'W/"1"',
      resourceUID: '65f0a1',
      provisioningState: 'Succeeded',
      powerState: 'Running',
      elements: ['YQ=='],
      version: { target: '1.33', current: '1.33.3' },
      pools: [
        {
          name: 'system',
          osType: 'Linux',
          count: 3,
          provisioningState: 'Succeeded',
          powerState: 'Running',
          targetVersion: '1.33',
          currentVersion: '1.33.3',
        },
      ],
    });
  });

  it('needs no more than a name and a state', () => {
    expect(read({ name: 'prod', properties: { provisioningState: 'Creating' } })).toEqual({
      name: 'prod',
      provisioningState: 'Creating',
      powerState: 'Running',
      elements: [],
      pools: [],
    });
  });

  it.each([
    ['powerState', null],
    ['powerState', {}],
    ['powerState', { code: null }],
  ])('with %s %j counts as running', (key, value) => {
    expect(read(withProperties({ [key]: value })).powerState).toBe('Running');
    expect(read(withPool({ [key]: value })).pools[1]?.powerState).toBe('Running');
  });

  it('that is stopped says so, and so does a pool', () => {
    expect(read(withProperties({ powerState: { code: 'Stopped' } })).powerState).toBe('Stopped');
    expect(read(withPool({ powerState: { code: 'Stopped' } })).pools[1]?.powerState).toBe('Stopped');
  });

  it.each([
    [null],
    [{ customCATrustCertificates: null }],
    [{ customCATrustCertificates: [] }],
    [{ defender: {}, customCaTrustCertificates: ['YQ=='] }],
  ])('with securityProfile %j has no certificates of its own', (securityProfile) => {
    expect(read(withProperties({ securityProfile })).elements).toEqual([]);
  });

  it.each<[string, unknown, Json]>([
    ['hosted system nodes', { hostedSystemProfile: { enabled: true } }, { hasManagedSystemNodes: true }],
    ['hosted system nodes that are off', { hostedSystemProfile: { enabled: false } }, {}],
    ['a profile that makes no sense', { hostedSystemProfile: 'yes' }, {}],
    ['node auto-provisioning', { nodeProvisioningProfile: { mode: 'Auto' } }, { autoProvisions: true }],
    ['no node auto-provisioning', { nodeProvisioningProfile: { mode: 'Manual' } }, {}],
    ['virtual nodes', { addonProfiles: { aciConnectorLinux: { enabled: true } } }, { hasVirtualNodes: true }],
  ])('may have nodes outside of its pools: %s', (_what, properties, found) => {
    const { hasManagedSystemNodes, autoProvisions, hasVirtualNodes } = read(withProperties(properties as Json));
    const flags = Object.entries({ hasManagedSystemNodes, autoProvisions, hasVirtualNodes });
    expect(Object.fromEntries(flags.filter(([, flag]) => flag !== undefined))).toEqual(found);
  });

  it.each<[string, Json, Json]>([
    ['a region', { location: 'westeurope' }, { location: 'westeurope' }],
    ['a region by its display name', { location: 'West Europe' }, { location: 'westeurope' }],
    ['a region that is none', { location: '../../x' }, {}],
    ['a region that is no text', { location: ['westeurope'] }, {}],
    [
      'a plan, a policy and channels',
      {
        supportPlan: 'AKSLongTermSupport',
        nodeDisruptionProfile: { nodeDisruptionPolicy: 'Block' },
        autoUpgradeProfile: { upgradeChannel: 'stable', nodeOSUpgradeChannel: 'NodeImage' },
      },
      {
        supportPlan: 'AKSLongTermSupport',
        nodeDisruptionPolicy: 'Block',
        upgradeChannel: 'stable',
        nodeOSUpgradeChannel: 'NodeImage',
      },
    ],
    ['none of them', { supportPlan: null, nodeDisruptionProfile: null, autoUpgradeProfile: {} }, {}],
    ['texts without end', { supportPlan: 'x'.repeat(5000), autoUpgradeProfile: { upgradeChannel: 7 } }, {}],
  ])('has %s', (_what, { location, ...properties }, found) => {
    const seen = read({ ...withProperties(properties), ...(location === undefined ? {} : { location }) });
    const plain = read(withProperties({}));
    expect(Object.fromEntries(Object.entries(seen).filter(([key]) => !Object.hasOwn(plain, key)))).toEqual(found);
  });

  it('has pools whose nodes have public addresses, or whose last operation has failed', () => {
    const cause = { code: 'SubnetIsFull', message: 'full' };
    const seen = (pool: Json) => read(withPool(pool)).pools[1];
    expect(seen({ enableNodePublicIP: true, status: { provisioningError: { ...cause, details: [] } } })).toMatchObject({
      nodePublicIP: true,
      provisioningError: cause,
    });
    for (const status of [
      null,
      7,
      {},
      { provisioningError: 'x' },
      { provisioningError: [] },
      { provisioningError: {} },
    ])
      expect(seen({ enableNodePublicIP: 'true', status })).toEqual(seen({}));
  });

  it('of AKS Automatic may list no pool at all', () => {
    for (const agentPoolProfiles of [null, []]) expect(read(withProperties({ agentPoolProfiles })).pools).toEqual([]);
  });

  it('may list a pool of virtual machines, which have a count for each size', () => {
    const counted = (virtualMachineNodesStatus: unknown) =>
      read(withPool({ count: null, virtualMachineNodesStatus })).pools[1]?.count;
    expect(
      counted([
        { size: 'Standard_D2s_v3', count: 2 },
        { size: 'Standard_D4s_v3', count: 3 },
      ]),
    ).toBe(5);
    for (const nonsense of [undefined, null, 'x', [null, { count: '2' }, { count: 1e300 }]])
      expect(counted(nonsense)).toBe(0);
  });

  it('may list a pool that AKS alone changes', () => {
    expect(read(withPool({ mode: 'ManagedSystem' })).pools.map(({ managedSystem }) => managedSystem)).toEqual([
      undefined,
      true,
    ]);
  });

  it('may have elements that are no certificates; each takes a place', () => {
    const elements = ['', 'not base64 at all!', '  YQ==\n'];
    const securityProfile = { customCATrustCertificates: elements };
    expect(read(withProperties({ securityProfile })).elements).toEqual(elements);
  });

  it.each([
    [{ currentKubernetesVersion: null }],
    [{ kubernetesVersion: '' }],
    [{ kubernetesVersion: null, currentKubernetesVersion: null }],
  ])('with %j does not say both versions, so none is known', (properties) => {
    expect(read(withProperties(properties))).not.toHaveProperty('version');
  });

  it('has the versions of each pool as far as ARM reports them', () => {
    const { pools } = read(
      withPool({ name: 'apps', orchestratorVersion: '1.34.1', currentOrchestratorVersion: null, osType: null }),
    );
    expect(pools[1]).toMatchObject({ name: 'apps', targetVersion: '1.34.1', osType: 'Linux' });
    expect(pools[1]).not.toHaveProperty('currentVersion');
  });

  it('tells why its last operation failed', () => {
    const provisioningError = { code: 'QuotaExceeded', message: 'no cores left', target: 'x', details: [] };
    expect(read(withProperties({ status: { provisioningError } })).provisioningError).toEqual({
      code: 'QuotaExceeded',
      message: 'no cores left (target: x)',
    });
    expect(read(withProperties({ status: { provisioningError: {} } })).provisioningError).toEqual({
      code: '',
      message: '',
    });
    expect(read(withProperties({ status: {} }))).not.toHaveProperty('provisioningError');
    expect(read(withProperties({ status: { provisioningError: null } }))).not.toHaveProperty('provisioningError');
  });

  it('is not confused by members that look like those of an object of this language', () => {
    const text =
      '{"__proto__":{"name":"evil"},"constructor":1,"name":"prod","properties":{"__proto__":{"provisioningState":"Failed"},"provisioningState":"Succeeded"}}';
    expect(readClusterModel(text)).toMatchObject({ name: 'prod', provisioningState: 'Succeeded' });
    expect(() => readClusterModel('{"name":"prod","properties":{"__proto__":{"provisioningState":"Failed"}}}')).toThrow(
      'properties.provisioningState',
    );
  });
});

describe('an answer of a wrong shape is refused, naming the place:', () => {
  it.each(
    [
      [[], 'an object at the body, but has an array'],
      [null, 'an object at the body, but has null'],
      ['OK', 'an object at the body, but has a string'],
      [{ name: 'prod' }, 'an object at properties, but has nothing'],
      [{ name: 'prod', properties: [] }, 'an object at properties, but has an array'],
      [{ properties: PROPERTIES }, 'a text at name, but has nothing'],
      [{ ...withProperties({}), name: 7 }, 'a text at name, but has a number'],
      [{ ...withProperties({}), name: '' }, 'a text at name, but has an empty one'],
      [{ ...withProperties({}), eTag: 7 }, 'a text at eTag, but has a number'],
      [withProperties({ provisioningState: null }), 'a text at properties.provisioningState, but has null'],
      [withProperties({ provisioningState: { code: 'Succeeded' } }), 'properties.provisioningState, but has an object'],
      [withProperties({ resourceUID: 7 }), 'a text at properties.resourceUID, but has a number'],
      [withProperties({ powerState: 'Running' }), 'an object at properties.powerState, but has a string'],
      [withProperties({ powerState: { code: 1 } }), 'a text at properties.powerState.code, but has a number'],
      [withProperties({ kubernetesVersion: 1.33 }), 'a text at properties.kubernetesVersion, but has a number'],
      [withProperties({ currentKubernetesVersion: true }), 'properties.currentKubernetesVersion, but has a boolean'],
      [withProperties({ securityProfile: 'x' }), 'an object at properties.securityProfile, but has a string'],
      [
        withProperties({ securityProfile: { customCATrustCertificates: {} } }),
        'an array at customCATrustCertificates, but has an object',
      ],
      [
        withProperties({ securityProfile: { customCATrustCertificates: ['YQ==', null] } }),
        'a text at customCATrustCertificates[1], but has null',
      ],
      [
        withProperties({ securityProfile: { customCATrustCertificates: [['YQ==']] } }),
        'a text at customCATrustCertificates[0], but has an array',
      ],
      [withProperties({ status: 'Failed' }), 'an object at properties.status, but has a string'],
      [withProperties({ status: { provisioningError: 'x' } }), 'an object at provisioningError, but has a string'],
      [withProperties({ agentPoolProfiles: {} }), 'an array at properties.agentPoolProfiles, but has an object'],
      [withProperties({ agentPoolProfiles: ['system'] }), 'an object at agentPoolProfiles[0], but has a string'],
      [withPool({ name: null }), 'a text at agentPoolProfiles[1].name, but has null'],
      [withPool({ count: '3' }), 'a number at agentPoolProfiles[1].count, but has a string'],
      [withPool({ count: -1 }), 'a number of nodes at agentPoolProfiles[1].count, but has -1'],
      [withPool({ count: 1.5 }), 'a number of nodes at agentPoolProfiles[1].count, but has 1.5'],
      [withPool({ count: 1e300 }), 'a number of nodes at agentPoolProfiles[1].count, but has 1e+300'],
      [withPool({ provisioningState: 7 }), 'a text at agentPoolProfiles[1].provisioningState, but has a number'],
      [withPool({ osType: 7 }), 'a text at agentPoolProfiles[1].osType, but has a number'],
      [withPool({ powerState: [] }), 'an object at agentPoolProfiles[1].powerState, but has an array'],
      [withPool({ orchestratorVersion: 1 }), 'agentPoolProfiles[1].orchestratorVersion, but has a number'],
      [
        withPool({ currentOrchestratorVersion: 1 }),
        'agentPoolProfiles[1].currentOrchestratorVersion, but has a number',
      ],
    ].map(([body, words]) => ({ body, words: words as string })),
  )('$words', ({ body, words }) => {
    expect(() => read(body)).toThrow(InvalidAnswerError);
    expect(() => read(body)).toThrow(words);
  });
});

describe('a text that is not JSON is refused with its kind:', () => {
  it.each([
    ['', 'but is empty (0 characters)'],
    [' \r\n', 'but is empty'],
    ['<!DOCTYPE html><html><title>Sign in</title></html>', 'but is HTML or XML (50 characters)'],
    ['\n  <?xml version="1.0"?>', 'but is HTML or XML'],
    ['{"name":"prod","properties":{"provis', 'text that is not JSON, or was cut off'],
    ['Service unavailable', 'text that is not JSON'],
    ['\ufeff{}', 'text that is not JSON'],
  ])('%j', (text, words) => {
    expect(() => readClusterModel(text)).toThrow(InvalidAnswerError);
    expect(() => readClusterModel(text)).toThrow(words);
  });

  it('a text cut off anywhere', () => {
    const text = JSON.stringify(withProperties({}));
    for (let length = 0; length < text.length; length++)
      expect(() => readClusterModel(text.slice(0, length))).toThrow(InvalidAnswerError);
  });

  it('nested very deep is read or refused, without a crash', () => {
    const text = `{"name":"prod","properties":{"provisioningState":"Succeeded"},"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(readClusterModel(text).name).toBe('prod');
  });
});
