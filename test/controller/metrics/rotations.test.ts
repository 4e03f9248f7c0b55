import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import { exposeCounts } from '../../../src/controller/metrics/object-counts.ts';
import { exposeObjects } from '../../../src/controller/metrics/objects.ts';

type Status = NonNullable<CertificateRotation['status']>;

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
});

async function series(prefix = 'aks_ca_trust_cluster_'): Promise<string[]> {
  const all = (await registry.metrics()).split('\n');
  return all.filter((line) => line.startsWith(prefix) && line.includes('{')).sort();
}

function rotation(status: Status = {}, name = 'own'): CertificateRotation {
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CertificateRotation',
    metadata: { namespace: 'platform', name },
    spec: { target: { resourceId: '/x/prod' } },
    status,
  };
}

const condition = (type: string, status: 'True' | 'False' | 'Unknown') => ({
  ...{ type, status, reason: 'Tested', message: '' },
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

const ca = {
  name: 'ClusterCA',
  maintainedBy: 'You',
  health: 'Healthy',
  notAfter: '2030-01-01T00:00:00Z',
  lifeUsedPercent: 41,
} as const;
const kubelets = {
  name: 'KubeletClient',
  pool: 'apps',
  node: 'aks-apps-1',
  maintainedBy: 'Microsoft',
  health: 'Late',
} as const;

describe('the next rotation by a policy', () => {
  it('has a series with its time and its reason, and none once it is not planned any more', async () => {
    const { rotation: show } = exposeObjects(registry, { perObject: 'auto' });
    show('platform/own', rotation({ nextRotation: { at: '2030-01-01T00:00:00Z', reason: 'Every' } }));
    const name = 'aks_ca_trust_next_rotation_timestamp_seconds';
    const object = 'namespace="platform",name="own",target_cluster="prod"';
    expect(await series(name)).toEqual([`${name}{${object},reason="Every"} 1893456000`]);
    show('platform/own', rotation({}));
    expect(await series(name)).toEqual([]);
  });
});

describe('the certificates of a cluster', () => {
  it('have a series for the end, the share of life and the health of each row, and one for each pool; none names a node', async () => {
    exposeObjects(registry, { perObject: 'auto' }).rotation(
      'platform/own',
      rotation({
        certificates: [ca, kubelets],
        autoRotation: [{ pool: 'apps', state: 'Late', message: 'Late.' }],
      }),
    );
    const object = 'namespace="platform",name="own",target_cluster="prod"';
    expect(await series()).toEqual([
      `aks_ca_trust_cluster_auto_rotation{${object},pool="apps",state="Late"} 1`,
      `aks_ca_trust_cluster_certificate_health{${object},certificate="ClusterCA",pool="",health="Healthy"} 1`,
      `aks_ca_trust_cluster_certificate_health{${object},certificate="KubeletClient",pool="apps",health="Late"} 1`,
      `aks_ca_trust_cluster_certificate_life_used_ratio{${object},certificate="ClusterCA",pool=""} 0.41`,
      `aks_ca_trust_cluster_certificate_not_after_timestamp_seconds{${object},certificate="ClusterCA",pool=""} 1893456000`,
    ]);
  });

  it('have no dates while they are a foreign authority’s', async () => {
    const row = { ...ca, name: 'APIServer', health: 'Intercepted' } as const;
    exposeObjects(registry, { perObject: 'auto' }).rotation('platform/own', rotation({ certificates: [row] }));
    expect(await series()).toEqual([expect.stringContaining('health="Intercepted"} 1')]);
  });

  it('leave no series behind when they change, and none when the object goes', async () => {
    const objects = exposeObjects(registry, { perObject: 'auto' });
    objects.rotation('platform/own', rotation({ certificates: [ca, kubelets] }));
    objects.rotation('platform/own', rotation({ certificates: [{ ...ca, health: 'Expiring' }] }));
    expect((await series()).filter((line) => line.includes('health='))).toEqual([
      expect.stringContaining('health="Expiring"} 1'),
    ]);
    objects.rotation('platform/own', undefined);
    expect(await series()).toEqual([]);
    expect(await series('aks_ca_trust_object_')).toEqual([]);
  });

  it('have no series with never', async () => {
    exposeObjects(registry, { perObject: 'never' }).rotation('platform/own', rotation({ certificates: [ca] }));
    expect(await series()).toEqual([]);
  });
});

describe('rotations', () => {
  const CA = { oldCA: 'a', newCA: 'b', reason: 'Requested' } as const;
  const own = { ...CA, startedBy: 'ThisController', startedAt: '2026-01-01T00:00:00Z', attempts: 2 } as const;
  const asked = (status: Status, suspend = false): CertificateRotation => {
    const made = rotation(status);
    return { ...made, spec: { ...made.spec, mode: 'Rotate', suspend } };
  };
  const object = 'namespace="platform",name="own",target_cluster="prod"';
  const shown = () => series('aks_ca_trust_rotation_');

  it('have their phase, since when they are under way, and their conditions, and leave none behind', async () => {
    const objects = exposeObjects(registry, { perObject: 'auto' });
    const held = condition('RotationSucceeded', 'Unknown');
    objects.rotation('platform/own', asked({ phase: 'Preflight', conditions: [held, condition('Ready', 'False')] }));
    expect(await shown()).toEqual([
      `aks_ca_trust_rotation_condition{${object},condition="RotationSucceeded",status="Unknown"} 1`,
      `aks_ca_trust_rotation_phase{${object},phase="Preflight"} 1`,
    ]);
    objects.rotation('platform/own', asked({ phase: 'Rotating', lastRotation: own }));
    expect(await shown()).toEqual([
      `aks_ca_trust_rotation_attempts{${object}} 2`,
      `aks_ca_trust_rotation_phase{${object},phase="Rotating"} 1`,
      `aks_ca_trust_rotation_started_timestamp_seconds{${object}} 1767225600`,
    ]);
    const completed = { ...own, completedAt: '2026-01-01T00:20:00Z' };
    objects.rotation('platform/own', asked({ phase: 'Completed', lastRotation: completed }));
    expect(await shown()).toEqual([
      `aks_ca_trust_rotation_attempts{${object}} 2`,
      `aks_ca_trust_rotation_completed_timestamp_seconds{${object}} 1767226800`,
      `aks_ca_trust_rotation_phase{${object},phase="Completed"} 1`,
    ]);
    objects.rotation('platform/own', undefined);
    expect(await shown()).toEqual([]);
  });

  it('of another client are not under way, and what a suspended object says counts as past', async () => {
    const objects = exposeObjects(registry, { perObject: 'auto' });
    const theirs = { ...own, startedBy: 'AnotherClient' } as const;
    objects.rotation('platform/own', asked({ phase: 'Rotating', lastRotation: theirs }));
    expect(await shown()).toEqual([`aks_ca_trust_rotation_phase{${object},phase="Rotating"} 1`]);
    const conditions = [condition('OldCertificatesRejected', 'False')];
    objects.rotation('platform/own', asked({ phase: 'Rotating', lastRotation: own, conditions }, true));
    expect(await shown()).toEqual([]);
  });

  it('are counted by phase, and their first expiry is that of all objects', async () => {
    const counts = exposeCounts(registry);
    const phases = async () => (await series('aks_ca_trust_rotations{')).filter((line) => !line.endsWith(' 0'));
    const EARLIEST = 'aks_ca_trust_earliest_cluster_certificate_not_after_timestamp_seconds';
    const earliest = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith(EARLIEST));
    expect(await series('aks_ca_trust_rotations{')).toHaveLength(6);
    expect(await earliest()).toEqual([`${EARLIEST} +Inf`]);
    counts.rotation('a', asked({ phase: 'Preflight', earliestNotAfter: '2030-01-01T00:00:00Z' }));
    counts.rotation('b', asked({ phase: 'Preflight' }));
    counts.rotation('c', rotation({ earliestNotAfter: '2031-01-01T00:00:00Z' }));
    counts.rotation('d', asked({ phase: 'odd' as 'Idle' }));
    expect(await phases()).toEqual(['aks_ca_trust_rotations{phase="Preflight"} 2']);
    expect(await earliest()).toEqual([`${EARLIEST} 1893456000`]);
    counts.rotation('a', asked({ phase: 'Rotating' }));
    counts.rotation('b', asked({ phase: 'Preflight' }, true));
    expect(await phases()).toEqual(['aks_ca_trust_rotations{phase="Rotating"} 1']);
    counts.rotation('a', undefined);
    counts.rotation('c', undefined);
    expect(await phases()).toEqual([]);
    expect(await earliest()).toEqual([`${EARLIEST} +Inf`]);
  });
});

describe('CertificateRotation objects', () => {
  const status: Status = { conditions: [condition('Ready', 'True'), condition('CertificatesHealthy', 'False')] };

  it('are counted by condition and status, apart from the other kind', async () => {
    const counts = exposeCounts(registry);
    counts.rotation('platform/own', rotation(status));
    const counted = async () => (await series('aks_ca_trust_objects{')).filter((line) => !line.endsWith(' 0'));
    expect(await counted()).toEqual([
      'aks_ca_trust_objects{kind="CertificateRotation",condition="CertificatesHealthy",status="False"} 1',
      'aks_ca_trust_objects{kind="CertificateRotation",condition="Ready",status="True"} 1',
    ]);
    counts.rotation('platform/own', undefined);
    expect(await counted()).toEqual([]);
  });

  it('have their own series of Ready, also beside a CustomCATrust of the same name', async () => {
    const objects = exposeObjects(registry, { perObject: 'auto' });
    objects.rotation('platform/own', rotation(status));
    const { status: _, ...trust } = rotation();
    const spec = { ...trust.spec, certificates: [] };
    objects.trust('platform/own', { ...trust, kind: 'CustomCATrust', spec });
    const object = 'namespace="platform",name="own",target_cluster="prod"';
    expect(await series('aks_ca_trust_object_ready')).toEqual([
      `aks_ca_trust_object_ready{${object},kind="CertificateRotation",reason="Tested"} 1`,
      `aks_ca_trust_object_ready{${object},kind="CustomCATrust",reason="NotReported"} 0`,
    ]);
  });
});
