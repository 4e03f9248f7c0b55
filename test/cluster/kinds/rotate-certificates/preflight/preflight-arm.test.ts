import { describe, expect, it } from '@jest/globals';
import type { PreflightInput } from '../../../../../src/cluster/kinds/rotate-certificates/preflight/check.ts';
import { failure, HOUR, MINUTE, model, pool, START } from '../../../../harness/build.ts';
import { expectRow, nodes, rowOf, SAID, shown, type Case } from './input.ts';

const [NODE_OS, AUTO_UPGRADE] = ['aksManagedNodeOSUpgradeSchedule', 'aksManagedAutoUpgradeSchedule'];
type Readings = NonNullable<PreflightInput['maintenance']>;
const windows = (readings: Readonly<Record<string, unknown>>) => ({
  maintenance: new Map(Object.entries(readings)) as Readings,
});
const opensAt = (at: number) => ({ kind: 'Read', state: { kind: 'Closed', opensAt: at } });
const OPEN = { kind: 'Read', state: { kind: 'Open', until: START + 4 * HOUR } };
const MISSING = { kind: 'Missing' };
const unreadable = (status: number, code: string) => ({
  kind: 'Unreadable',
  failure: failure(status, code, { call: 'GetMaintenanceConfiguration' }),
});
const NOT_ALLOWED = { ...unreadable(403, 'AuthorizationFailed'), forbidden: true };
const SOON = windows({ [NODE_OS]: opensAt(START + 44 * MINUTE) });

const runs = (current: string, more = {}) => shown({ version: { target: current, current }, ...more });
const LTS = {
  ...SAID,
  versions: [...SAID.versions, { minor: '1.30', plans: ['AKSLongTermSupport'], isPreview: false }],
};
const PREVIEW = { ...SAID, versions: [...SAID.versions, { minor: '1.34', plans: [], isPreview: true }] };
const error = (code: string, message = 'words') => ({ provisioningError: { code, message } });

describe('the checks before a rotation by what ARM shows', () => {
  it.each<Case>([
    ['VersionSupported', 'of a supported version', {}, 'Passed', /Kubernetes 1\.33 in the region/],
    [
      'VersionSupported',
      'out of support',
      runs('1.29.4'),
      'Failed',
      /not support Kubernetes 1\.29 in the region of the cluster\. It supports 1\.32, 1\.33\..*az aks upgrade/,
    ],
    [
      'VersionSupported',
      'out of support and expired',
      { ...runs('1.29.4'), isExpired: true },
      'Warned',
      /takes no upgrade before a rotation\. Open a support request/,
    ],
    [
      'VersionSupported',
      'of a version that needs another plan',
      { ...runs('1.30.14'), arm: LTS },
      'Failed',
      /only with another support plan \(AKSLongTermSupport\), and the cluster has KubernetesOfficial/,
    ],
    [
      'VersionSupported',
      'of such a version, with the plan',
      { ...runs('1.30.14', { supportPlan: 'AKSLongTermSupport' }), arm: LTS },
      'Passed',
      /1\.30/,
    ],
    [
      'VersionSupported',
      'with the long plan, of a version that does not need it',
      runs('1.33.1', { supportPlan: 'AKSLongTermSupport' }),
      'Passed',
      /1\.33/,
    ],
    ['VersionSupported', 'of a preview', { ...runs('1.34.0'), arm: PREVIEW }, 'Warned', /1\.34 is a preview/],
    [
      'VersionSupported',
      'upgraded, with pools that are not',
      shown({ pools: [pool({ currentVersion: '1.33.1' }), pool({ name: 'old', currentVersion: '1.29.2' })] }),
      'Warned',
      /recreated: old \(1\.29\.2\)\. .*az aks nodepool upgrade/,
    ],
    [
      'VersionSupported',
      'in a region whose versions may not be read',
      { arm: { ...SAID, versions: undefined } },
      'Unknown',
      /locations\/kubernetesVersions\/read on the subscription/,
    ],
    [
      'VersionSupported',
      'in a region whose versions could not be read this time',
      { arm: { ...SAID, versions: 'Unread' } },
      'Failed',
      /could not be read, .* read again with the next checks/,
    ],
    [
      'VersionSupported',
      'in such a region, with expired certificates',
      { arm: { ...SAID, versions: 'Unread' }, isExpired: true },
      'Warned',
      /could not be read/,
    ],
    ['VersionSupported', 'of a version in other words', runs('latest'), 'Unknown', /which Kubernetes version/],
    ['NoUpgradeWindow', 'without a window', {}, 'Passed', new RegExp(`no maintenance configuration ${NODE_OS}`)],
    [
      'NoUpgradeWindow',
      'about to be upgraded',
      SOON,
      'Failed',
      /aksManagedNodeOSUpgradeSchedule of the cluster opens at 2026-03-02T08:44:00Z\..*45 minutes.*spec\.window\.maintenanceConfiguration/,
    ],
    [
      'NoUpgradeWindow',
      'perhaps being upgraded',
      windows({ [NODE_OS]: OPEN }),
      'Failed',
      /is open until 2026-03-02T12:00:00Z/,
    ],
    ['NoUpgradeWindow', 'upgraded later', windows({ [NODE_OS]: opensAt(START + 45 * MINUTE) }), 'Passed', /opens soon/],
    [
      'NoUpgradeWindow',
      'about to be upgraded in a window that a person chose',
      { ...SOON, chosenWindows: new Set([NODE_OS]) },
      'Warned',
      /which spec\.window names, opens at/,
    ],
    [
      'NoUpgradeWindow',
      'about to be upgraded in another window than a person chose',
      { ...SOON, chosenWindows: new Set([AUTO_UPGRADE]) },
      'Failed',
      /opens at/,
    ],
    [
      'NoUpgradeWindow',
      'never upgraded',
      { ...windows({ [NODE_OS]: OPEN, [AUTO_UPGRADE]: OPEN }), ...shown({ nodeOSUpgradeChannel: 'Unmanaged' }) },
      'Passed',
      /upgrades nothing in this cluster by itself/,
    ],
    [
      'NoUpgradeWindow',
      'upgraded by a channel',
      {
        ...windows({ [NODE_OS]: MISSING, [AUTO_UPGRADE]: opensAt(START + MINUTE) }),
        ...shown({ upgradeChannel: 'stable' }),
      },
      'Failed',
      /aksManagedAutoUpgradeSchedule/,
    ],
    [
      'NoUpgradeWindow',
      'whose windows were not read',
      { maintenance: undefined },
      'Failed',
      /could not be read, .*\. It is read again with the next checks/,
    ],
    [
      'NoUpgradeWindow',
      'whose windows could not be read this time',
      windows({ [NODE_OS]: unreadable(429, 'TooManyRequests') }),
      'Failed',
      /TooManyRequests: .*\. It is read again with the next checks/,
    ],
    [
      'NoUpgradeWindow',
      'with a window that may not be read, and another one that could not be',
      {
        ...windows({ [NODE_OS]: unreadable(500, 'InternalError'), [AUTO_UPGRADE]: NOT_ALLOWED }),
        ...shown({ upgradeChannel: 'stable' }),
      },
      'Failed',
      /aksManagedNodeOSUpgradeSchedule .* InternalError/,
    ],
    [
      'NoUpgradeWindow',
      'without the right to read windows',
      windows({ [NODE_OS]: NOT_ALLOWED }),
      'Unknown',
      /maintenanceConfigurations\/read/,
    ],
    [
      'NodeDisruptionPolicy',
      'that forbids disruption',
      shown({ nodeDisruptionPolicy: 'Block' }),
      'Failed',
      /nodeDisruptionPolicy to Allow/,
    ],
    ['NodeDisruptionPolicy', 'that does not say', { model: model() }, 'Unknown', /does not show/],
    [
      'NodeDisruptionPolicy',
      'that allows disruption in a window, which is closed',
      {
        ...shown({ nodeDisruptionPolicy: 'AllowDuringMaintenanceWindow' }),
        ...windows({ [NODE_OS]: opensAt(START + 9 * HOUR) }),
      },
      'Warned',
      /may refuse the rotation outside of the maintenance configuration/,
    ],
    [
      'NodeDisruptionPolicy',
      'that allows disruption in a window, which is open',
      { ...shown({ nodeDisruptionPolicy: 'AllowDuringMaintenanceWindow' }), ...windows({ [NODE_OS]: OPEN }) },
      'Passed',
      /allows the rotation now/,
    ],
    ['Consumers', 'held by nothing else', {}, 'Passed', /Nothing that was searched/],
    ['Consumers', 'not searched for copies', { dependents: undefined }, 'Unknown', /spec\.findConsumers/],
    ['Consumers', 'with a copy', { dependents: 1 }, 'Warned', /^1 part of an object .* needs another one/],
    ['Consumers', 'with copies', { dependents: 4000 }, 'Warned', /^4000 parts of objects .* need .*status\.consumers/],
    ['ArmTokenFresh', 'followed with a token of an hour', {}, 'Passed', /lasts longer than a rotation/],
    [
      'ArmTokenFresh',
      'followed with a short token',
      { arm: { ...SAID, token: { ok: true, endsAt: START + 44 * MINUTE } } },
      'Warned',
      /less than 45 minutes, although it is new/,
    ],
    [
      'ArmTokenFresh',
      'followed with a token that cannot be renewed',
      { arm: { ...SAID, token: { ok: false, message: 'AADSTS70021: No matching federated identity record found' } } },
      'Failed',
      /sign in for another one: AADSTS70021: No matching federated identity record found\. A rotation could not be followed/,
    ],
    [
      'ArmTokenFresh',
      'followed with a token of unknown life',
      { arm: { ...SAID, token: undefined } },
      'Unknown',
      /is not known/,
    ],
    [
      'SurgeQuota',
      'short of quota',
      shown({ pools: [pool({ name: 'gpu', ...error('QuotaExceeded', 'Insufficient regional vcpu quota left.') })] }),
      'Warned',
      /on node pool gpu has failed \(QuotaExceeded: Insufficient regional vcpu quota left\.\).*az vm list-usage/,
    ],
    ['SurgeQuota', 'not known to be short', shown({}), 'Unknown', /az vm list-usage --location westeurope/],
    ['SurgeQuota', 'short of something else', shown(error('PodDrainFailure')), 'Unknown', /cannot be read/],
    [
      'SurgeQuota',
      'short of quota, in endless words',
      shown(error('QuotaExceeded', 'quota '.repeat(5000))),
      'Warned',
      /QuotaExceeded/,
    ],
    ['SubnetIPs', 'short of addresses', shown(error('SubnetIsFull', 'Subnet s is full.')), 'Warned', /larger one/],
    ['SubnetIPs', 'short of quota', shown(error('QuotaExceeded')), 'Unknown', /az network vnet subnet show/],
    [
      'LocalData',
      'with data on its nodes',
      nodes({
        localVolumes: { count: 9, first: ['pv-a', 'pv-b', 'pv-c', 'pv-d'] },
        localSets: { count: 1, first: ['db/pg'] },
      }),
      'Warned',
      /9 PersistentVolumes are on disks of nodes: pv-a, pv-b, pv-c and 6 more\. 1 StatefulSet keeps .*: db\/pg\./,
    ],
    [
      'LocalData',
      'with addresses of its nodes',
      { ...shown({ pools: [pool({ name: 'edge', nodePublicIP: true })] }), nodes: { kind: 'NoAccess' } },
      'Warned',
      /other public addresses: edge\./,
    ],
    ['LocalData', 'without access', { nodes: { kind: 'NoAccess' } }, 'Unknown', /spec\.target\.nodeAccess/],
    [
      'LocalData',
      'whose volumes may not be read',
      nodes({ localVolumes: 'Forbidden' }),
      'Unknown',
      /list persistentvolumes \(deploy\/target-cluster\/certificates-role\.yaml\)/,
    ],
  ])('%s of a cluster that is %s', expectRow);

  it('name an unreadable window only where no other one holds the rotation', () => {
    const both = { ...windows({ [AUTO_UPGRADE]: OPEN }), ...shown({ upgradeChannel: 'rapid' }) };
    expect(rowOf('NoUpgradeWindow', both).result).toBe('Failed');
    const unread = { ...both, ...windows({ [AUTO_UPGRADE]: MISSING }) };
    expect(rowOf('NoUpgradeWindow', unread).message).toContain(NODE_OS);
  });
});
