import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { exposeTrusts, observeArm } from '../../src/commands/domain-metrics.ts';

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
});

/** Lines of the exposition that begin so. */
async function lines(prefix: string): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith(prefix));
}

function trust(
  name: string,
  conditions: Record<string, 'True' | 'False' | 'Unknown'>,
  earliestNotAfter?: string,
): CustomCATrust {
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CustomCATrust',
    metadata: { namespace: 'platform', name },
    spec: { target: { resourceId: '/x' }, certificates: [] },
    status: {
      conditions: Object.entries(conditions).map(([type, status]) => ({
        type,
        status,
        reason: 'Tested',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
      ...(earliestNotAfter === undefined ? {} : { earliestNotAfter }),
    },
  };
}

describe('calls to ARM', () => {
  it('are counted from 0', async () => {
    observeArm(registry);
    expect(await lines('aks_ca_trust_arm_requests_total{')).toEqual([
      'aks_ca_trust_arm_requests_total{operation="GetManagedCluster",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="PutManagedCluster",code="200"} 0',
    ]);
    expect(await lines('aks_ca_trust_arm_throttled_total')).toEqual(['aks_ca_trust_arm_throttled_total 0']);
  });

  it('are counted by what was called and how it ended, and timed in seconds', async () => {
    const observe = observeArm(registry);
    observe('PutManagedCluster', '200', 1500);
    observe('PutManagedCluster', '429', 20);
    observe('GetManagedCluster', 'none', 60_000);
    expect(await lines('aks_ca_trust_arm_requests_total{operation="PutManagedCluster"')).toEqual([
      'aks_ca_trust_arm_requests_total{operation="PutManagedCluster",code="200"} 1',
      'aks_ca_trust_arm_requests_total{operation="PutManagedCluster",code="429"} 1',
    ]);
    expect(await lines('aks_ca_trust_arm_requests_total{operation="GetManagedCluster",code="none"}')).toHaveLength(1);
    expect(await lines('aks_ca_trust_arm_throttled_total')).toEqual(['aks_ca_trust_arm_throttled_total 1']);
    expect(await lines('aks_ca_trust_arm_request_duration_seconds_sum')).toEqual([
      'aks_ca_trust_arm_request_duration_seconds_sum{operation="PutManagedCluster"} 1.52',
      'aks_ca_trust_arm_request_duration_seconds_sum{operation="GetManagedCluster"} 60',
    ]);
  });
});

describe('objects', () => {
  it('are counted by Ready and Stalled, as they are when somebody asks', async () => {
    const objects = [trust('a', { Ready: 'True' }), trust('b', { Ready: 'False', Stalled: 'True', Applied: 'False' })];
    exposeTrusts(registry, () => objects);
    expect((await lines('aks_ca_trust_condition{')).filter((line) => !line.endsWith(' 0'))).toEqual([
      'aks_ca_trust_condition{type="Ready",status="True"} 1',
      'aks_ca_trust_condition{type="Ready",status="False"} 1',
      'aks_ca_trust_condition{type="Stalled",status="True"} 1',
    ]);
    objects.length = 0;
    const left = await lines('aks_ca_trust_condition{');
    expect(left).toHaveLength(6);
    expect(left.filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });

  it('say when their first certificate expires, and no longer once they are gone', async () => {
    const objects = [trust('a', {}, '2030-01-01T00:00:00Z'), trust('b', {})];
    exposeTrusts(registry, () => objects);
    const name = 'aks_ca_trust_certificate_not_after_timestamp_seconds';
    expect(await lines(`${name}{`)).toEqual([`${name}{namespace="platform",name="a"} 1893456000`]);
    objects.length = 0;
    expect(await lines(`${name}{`)).toEqual([]);
  });
});
