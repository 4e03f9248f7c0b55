import { describe, expect, it } from '@jest/globals';
import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../../src/api/generated/targetclusters.ts';
import { parseClusterId, recordName } from '../../../src/api/resource-id.ts';
import { readSnapshot, type ResolvedScope } from '../../../src/commands/status/read.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';

const idIn = (group: string) =>
  `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/prod`;

function trust(name: string, resourceId: string): CustomCATrust {
  return {
    ...{ apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CustomCATrust' },
    metadata: { namespace: 'team', name },
    spec: { target: { resourceId }, certificates: [] },
  };
}

function rotation(name: string, resourceId: string): CertificateRotation {
  return {
    ...{ apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CertificateRotation' },
    metadata: { namespace: 'team', name },
    spec: { target: { resourceId } },
  };
}

/** A record under the name of one cluster, that says which one it is of. */
function record(resourceId: string, named = resourceId): TargetCluster {
  return {
    ...{ apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'TargetCluster' },
    metadata: { name: recordName(parseClusterId(named)!) },
    spec: { resourceId },
  };
}

/** Reads from an API server with these objects. */
async function read(
  scope: ResolvedScope,
  trusts: readonly CustomCATrust[],
  records: readonly TargetCluster[],
  rotations: readonly CertificateRotation[] | KubernetesError = [],
) {
  const connection: Connection = {
    server: 'https://example',
    async request({ path }) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const ofCertificates = path.includes('certificaterotations');
      if (ofCertificates && rotations instanceof KubernetesError) throw rotations;
      const own = rotations instanceof KubernetesError ? [] : rotations;
      const items = path.includes('targetclusters') ? records : ofCertificates ? own : trusts;
      if (['targetclusters', 'customcatrusts', 'certificaterotations'].includes(name))
        return { metadata: { resourceVersion: '1' }, items };
      const found = [...items].find(({ metadata }) => metadata.name === name);
      if (!found) throw new KubernetesError(404, 'NotFound', `things "${name}" not found`);
      return found;
    },
    stream: () => Promise.reject(new Error('no watch is expected')),
    close: async () => {},
  };
  const seen = await readSnapshot(connection, scope, new AbortController().signal);
  return {
    ...(seen.rotations.length > 0 ? { rotations: seen.rotations.map(({ metadata }) => metadata.name) } : {}),
    ...(seen.unread.length > 0 ? { unread: seen.unread } : {}),
    ...(seen.empty === undefined ? {} : { empty: seen.empty }),
    trusts: seen.trusts.map(({ metadata }) => metadata.name),
    records: seen.records.map(({ spec }) => spec.resourceId),
  };
}

const NAMESPACE: ResolvedScope = { kind: 'Namespace', namespace: 'team' };

describe('what status reads', () => {
  it('is the record of each cluster, and none of another cluster that has its name', async () => {
    const [own, other] = [idIn('rg'), idIn('other')];
    expect(await read(NAMESPACE, [trust('a', own)], [record(own)])).toEqual({ trusts: ['a'], records: [own] });
    expect(await read(NAMESPACE, [trust('a', own)], [record(other, own)])).toEqual({ trusts: ['a'], records: [] });
    // Many records are read by a list.
    const many = Array.from({ length: 12 }, (_, index) => idIn(`rg${index}`));
    const records = many.map((id, index) => (index === 0 ? record(other, id) : record(id)));
    const found = await read(
      NAMESPACE,
      many.map((id, index) => trust(`t${index}`, id)),
      records,
    );
    expect(found.records).toEqual(many.slice(1));
  });

  it('has CertificateRotation objects beside the others, and their clusters', async () => {
    const [own, other] = [idIn('rg'), idIn('other')];
    const records = [record(own), record(other)];
    const all = [rotation('r', own), rotation('s', other)];
    const trusts = [trust('a', own)];
    expect(await read(NAMESPACE, trusts, records, all)).toEqual({
      trusts: ['a'],
      rotations: ['r', 's'],
      records: [own, other],
    });
    expect(await read({ kind: 'Cluster', cluster: other }, trusts, records, all)).toEqual({
      trusts: [],
      rotations: ['s'],
      records: [other],
    });
    expect(await read({ kind: 'Rotation', namespace: 'team', name: 's' }, trusts, records, all)).toEqual({
      trusts: [],
      rotations: ['s'],
      records: [other],
    });
    expect(await read({ kind: 'Object', namespace: 'team', name: 'a' }, trusts, records, all)).toEqual({
      trusts: ['a'],
      records: [own],
    });
    const missing: ResolvedScope = { kind: 'Rotation', namespace: 'team', name: 'a' };
    await expect(read(missing, trusts, records, all)).rejects.toThrow(
      'There is no CertificateRotation a in namespace team of https://example',
    );
  });

  it.each([
    [403, 'rotations'],
    [404, 'rotationsOfNoCRD'],
  ] as const)('leaves rotations out, and says so, where a list of them is answered with %d', async (status, unread) => {
    const own = idIn('rg');
    const refused = new KubernetesError(status, 'Status', 'the server could not find the requested resource');
    expect(await read(NAMESPACE, [trust('a', own)], [record(own)], refused)).toEqual({
      trusts: ['a'],
      records: [own],
      unread: [unread],
    });
    const one: ResolvedScope = { kind: 'Rotation', namespace: 'team', name: 'r' };
    await expect(read(one, [], [], refused)).rejects.toThrow('https://example');
  });

  it.each(['prod', idIn('οδος'), idIn('ΟΔΟΣ')])(
    'is of one cluster in whatever case its id is written: %s',
    async (cluster) => {
      const [small, large] = [idIn('οδος'), idIn('ΟΔΟΣ')];
      const found = await read({ kind: 'Cluster', cluster }, [trust('a', small), trust('b', large)], [record(large)]);
      expect(found).toEqual({ trusts: ['a', 'b'], records: [large] });
    },
  );
});
