import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Evidence } from '../../src/cluster-certificates/evidence.ts';
import { readLocalData } from '../../src/cluster/node-access/local-data.ts';
import { readFacts } from '../../src/cluster/prove-rotation/facts.ts';
import { readEvidence } from '../../src/cluster-certificates/read/read-evidence.ts';
import type { Member } from '../../src/cluster-certificates/read/source.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { eventually } from '../eventually.ts';
import { startApiServer, type ApiServer } from '../kubernetes/api-server.ts';
import { manifestsIn, type RoleManifest } from './granted.ts';
import { makeServiceAccount } from './metrics-roles.ts';
import { applyAll, pathOf } from './object-path.ts';

jest.setTimeout(60_000);

const MARK = `t-${randomUUID().slice(0, 8)}`;
const FILES = manifestsIn('target-cluster/certificates-role.yaml');
// Other tests of the same API server may have the roles as well.
const [CLUSTER_ROLE, ROLE] = FILES.map(({ metadata, ...rest }): RoleManifest => ({
  ...rest,
  metadata: { ...metadata, name: MARK },
}));

let server: ApiServer;
let connection: Connection;
beforeAll(async () => {
  server = await startApiServer();
  const admin = server.connection;
  const account = await makeServiceAccount(admin, 'default');
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'default' }];
  const [apiGroup, apiVersion] = ['rbac.authorization.k8s.io', 'rbac.authorization.k8s.io/v1'];
  const binding = (kind: string, namespace?: string) => ({
    ...{ apiVersion, kind: `${kind}Binding`, metadata: { name: MARK, ...(namespace ? { namespace } : {}) } },
    ...{ roleRef: { apiGroup, kind, name: MARK }, subjects },
  });
  const pem = server.credentials.caPem ?? '';
  const metadata = { name: 'kube-root-ca.crt', namespace: 'kube-system' };
  await applyAll(admin, [
    ...[CLUSTER_ROLE!, ROLE!, binding('ClusterRole'), binding('Role', 'kube-system')],
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': pem } } as RoleManifest,
  ]);
  // Service accounts have the right to the keys by themselves; a user has not.
  const user = `system:serviceaccount:default:${account}`;
  const impersonated = { 'impersonate-user': user, 'impersonate-group': 'system:authenticated' };
  connection = connect({ ...server.credentials, headers: () => Promise.resolve(impersonated) });
}, 90_000);
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const read = () => readEvidence({ access: { ok: true, connection } }, Date.now, new AbortController().signal);

/** The members that a rule makes known, by the place of the rule: the ClusterRole's rules, then the Role's. */
const MEMBERS: Readonly<Record<string, readonly Member[]>> = {
  'list nodes': ['nodes'],
  'list certificatesigningrequests.certificates.k8s.io': ['signingRequests'],
  'get the URL /openid/v1/jwks': ['signingKeys'],
  'get ConfigMap extension-apiserver-authentication in namespace kube-system': ['clientCAs'],
  'get ConfigMap kube-root-ca.crt in namespace kube-system': ['clusterCA'],
};
const ALL = [CLUSTER_ROLE!, ROLE!].flatMap((role) => (role.rules ?? []).map((rule, index) => ({ role, index, rule })));
/** For what is checked before a rotation, and compared after it. */
const OF_ROTATIONS = ['apiservices', 'persistentvolumes', 'statefulsets', 'configmaps', 'deployments'].map((resource) =>
  ALL.find(({ rule }) => rule.resources?.includes(resource) && rule.verbs.includes('list'))!,
);
const RULES = ALL.filter((one) => !OF_ROTATIONS.includes(one));

describe('the roles for certificates', () => {
  it('have a rule for each source, and everything can be read with them', async () => {
    expect(RULES).toHaveLength(Object.keys(MEMBERS).length);
    const evidence = await eventually(async () => {
      const seen = await read();
      return (
        Object.values(MEMBERS)
          .flat()
          .every((member) => isKnown(seen, member)) && seen
      );
    });
    // The API server of the tests has no front proxy of its own.
    const { readAt: _, frontProxyCA: __, ...others } = evidence;
    expect(Object.keys(others).sort()).toEqual(Object.values(MEMBERS).flat().sort());
  });

  it('change nothing and read no Secret', () => {
    const verbs = RULES.flatMap(({ role, index }) => role.rules![index]!.verbs);
    expect([...new Set(verbs)].sort()).toEqual(['get', 'list']);
    expect(JSON.stringify(FILES)).not.toMatch(/secrets|\*/);
  });

  it.each(Object.keys(MEMBERS).map((right, position) => [right, position] as const))(
    'are missed without the right to %s, which the finding names',
    async (right, position) => {
      const { role, index } = RULES[position]!;
      const less = { ...role, rules: role.rules!.filter((_, place) => place !== index) };
      await put(less);
      try {
        for (const member of MEMBERS[right]!) {
          const finding = await eventually(async () => {
            const seen = await read();
            return !isKnown(seen, member) && seen[member];
          });
          expect(finding).toMatchObject({
            known: false,
            why: expect.stringMatching(/^The API server does not show .* 403 Forbidden: .*forbidden: User /),
            fix: expect.stringContaining(`certificates-role.yaml, which has the right to ${right},`),
          });
        }
        // Nothing else is missed.
        const others = Object.values(MEMBERS)
          .flat()
          .filter((member) => !MEMBERS[right]!.includes(member));
        const seen = await read();
        expect(others.filter((member) => !isKnown(seen, member))).toEqual([]);
      } finally {
        await put(role);
        await eventually(async () => isKnown(await read(), MEMBERS[right]![0]!));
      }
    },
  );
});

describe('the rights to list what is compared after a rotation', () => {
  const facts = () => readFacts({ ok: true, connection }, new AbortController().signal);

  it.each([
    ['APIServices', 0, 'available', 'the APIServices'],
    ['the ConfigMaps of one name', 3, 'namespaceCAs', 'ConfigMap kube-root-ca.crt of all namespaces'],
    ['Deployments and DaemonSets', 4, 'incomplete', 'the Deployments, StatefulSets and DaemonSets'],
    ['StatefulSets', 2, 'incomplete', 'the Deployments, StatefulSets and DaemonSets'],
  ] as const)('show it, and are named where they are missing: %s', async (_, position, member, noun) => {
    const { role, index } = OF_ROTATIONS[position]!;
    await eventually(async () => (await facts())[member].known);
    await put({ ...role, rules: role.rules!.filter((_one, place) => place !== index) });
    try {
      const why = await eventually(async () => {
        const fact = (await facts())[member];
        return !fact.known && fact.why;
      });
      expect(why).toContain(`The API server does not show ${noun}: `);
      expect(why).toContain('403 Forbidden');
    } finally {
      await put(role);
      await eventually(async () => (await facts())[member].known);
    }
  });

  it('show no ConfigMap of another name', async () => {
    const list = (query: Record<string, string>) => connection.request({ path: '/api/v1/configmaps', query });
    await list({ fieldSelector: 'metadata.name=kube-root-ca.crt' });
    await expect(list({})).rejects.toThrow('403 Forbidden');
    await expect(list({ fieldSelector: 'metadata.name!=kube-root-ca.crt' })).rejects.toThrow('403 Forbidden');
    await expect(list({ fieldSelector: 'metadata.name=other' })).rejects.toThrow('403 Forbidden');
  });
});

describe('the rights to list what a rotation would lose', () => {
  const look = () => readLocalData(connection, new AbortController().signal);

  it.each([
    ['PersistentVolumes', OF_ROTATIONS[1]!, ['localSets']],
    ['StatefulSets', OF_ROTATIONS[2]!, ['localVolumes']],
  ])('are missed one by one: %s', async (_, { role, index }, left) => {
    const read = async () =>
      Object.entries(await look()).flatMap(([member, found]) => (found === 'Forbidden' ? [] : [member]));
    await eventually(async () => (await read()).length === 2);
    await put({ ...role, rules: role.rules!.filter((_one, place) => place !== index) });
    try {
      const members = await eventually(async () => {
        const found = await read();
        return found.length < 2 && found;
      });
      expect(members).toEqual(left);
    } finally {
      await put(role);
    }
  });
});

describe('the Azure role for certificates', () => {
  it('has the same rights, as far as Azure RBAC has them', () => {
    const file = new URL('../../deploy/target-cluster/azure-certificates-role.json', import.meta.url);
    const text = readFileSync(file, 'utf8');
    const { DataActions } = JSON.parse(text) as { DataActions: string[] };
    const resources = ALL.flatMap(({ role, index }) => {
      const { apiGroups: [group = ''] = [], resources: named = [] } = role.rules![index]!;
      return named.map((one) => [group, one].filter((part) => part !== '').join('/'));
    });
    const expected = [...new Set(resources)].map((one) => `Microsoft.ContainerService/managedClusters/${one}/read`);
    expect(DataActions).toEqual(expected.sort());
  });
});

function isKnown(evidence: Evidence, member: Member): boolean {
  return evidence[member]?.known === true;
}

async function put(role: RoleManifest): Promise<void> {
  await server.connection.request({ method: 'PUT', path: pathOf(role), body: role });
}
