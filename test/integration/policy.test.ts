import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { API_VERSION, customCATrustPath } from '../../src/api/names.ts';
import { createPolicy, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { get } from '../../src/kubernetes/client/verbs.ts';
import { condition, entry, eventually, fingerprints, isReady, listed, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(120_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const SERVICE_ACCOUNT = 'system:serviceaccount:';

/** Refuses every write of the controller to the objects of a namespace; `subresources` with their status. */
async function refuseWrites(namespace: string, resources: readonly string[]): Promise<() => Promise<void>> {
  const name = `deny-${namespace}`;
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        resourceRules: [
          { apiGroups: ['aks-ca-trust.dev'], apiVersions: ['*'], operations: ['UPDATE'], resources: [...resources] },
        ],
      },
      validations: [
        {
          expression: `object.metadata.name != 'probe' && !request.userInfo.username.startsWith('${SERVICE_ACCOUNT}')`,
          message: 'objects here are frozen',
        },
      ],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  };
  await rig.admin.request({ method: 'POST', path: `${ADMISSION}/validatingadmissionpolicies`, body: policy });
  await rig.admin.request({ method: 'POST', path: `${ADMISSION}/validatingadmissionpolicybindings`, body: binding });
  return async () => {
    for (const kind of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
      await rig.admin.request({ method: 'DELETE', path: `${ADMISSION}/${kind}/${name}` });
  };
}

async function addNamespace(): Promise<string> {
  const name = `o-${Math.random().toString(36).slice(2, 10)}`;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await rig.admin.request({ method: 'POST', path: '/api/v1/namespaces', body });
  return name;
}

async function applyIn(namespace: string, name: string, resourceId: string, root: number): Promise<void> {
  await rig.admin.request({
    method: 'PATCH',
    path: customCATrustPath(namespace, name),
    query: { fieldManager: 'kubectl', force: 'true' },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: API_VERSION,
      kind: 'CustomCATrust',
      metadata: { name, namespace },
      spec: { target: { resourceId }, certificates: [entry('a', ...roots(root))], settleSeconds: 0 },
    },
  });
}

const objectIn = (namespace: string, name: string) => get<CustomCATrust>(rig.admin, customCATrustPath(namespace, name));

/** A policy takes a moment until it is enforced; to updates of `probe` it applies for all clients. */
async function untilEnforced(namespace: string): Promise<void> {
  const request = {
    method: 'PATCH',
    path: customCATrustPath(namespace, 'probe'),
    query: { dryRun: 'All' },
    contentType: 'application/merge-patch+json',
    body: { metadata: { labels: { probe: 'true' } } },
  } as const;
  await eventually(() =>
    rig.admin.request(request).then(
      () => false,
      () => true,
    ),
  );
}

/** Removes an object whose finaliser stays. */
async function removeIn(namespace: string, name: string): Promise<void> {
  const path = customCATrustPath(namespace, name);
  await rig.admin.request({ method: 'DELETE', path });
  await rig.admin
    .request({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    })
    .catch(() => undefined);
}

describe('an admission policy that refuses our writes in one namespace', () => {
  it.each([
    ['the object', ['customcatrusts'], true],
    ['the object and its status', ['customcatrusts', 'customcatrusts/status'], false],
  ] as const)(
    'to %s: objects of other namespaces on the same cluster get what they want',
    async (_, resources, says) => {
      const other = await addNamespace();
      const allow = await refuseWrites(other, resources);
      const cluster = await rig.addCluster();
      await applyIn(other, 'probe', cluster.resourceId, 5);
      await untilEnforced(other);
      await rig.startController();
      await applyIn(other, 'frozen', cluster.resourceId, 1);
      await eventually(async () =>
        rig.logs.some((line) => line.includes('refuses a write') && line.includes(`${other}/frozen`)),
      );
      await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
      await rig.until('one', isReady, 'Ready');
      expect(listed(cluster)).toContain(fingerprints(0)[0]);
      expect(listed(cluster)).not.toContain(fingerprints(1)[0]);
      const frozen = await objectIn(other, 'frozen');
      expect(frozen?.metadata.finalizers).toBeUndefined();
      if (says) {
        const object = await eventually(async () => {
          const one = await objectIn(other, 'frozen');
          return one && condition(one, 'Applied') && one;
        });
        expect(condition(object, 'Applied')).toMatchObject({ status: 'False', reason: 'Held' });
        expect(condition(object, 'Applied')?.message).toContain('objects here are frozen');
      } else expect(frozen?.status?.conditions).toBeUndefined();
      await allow();
      for (const name of ['frozen', 'probe']) await removeIn(other, name);
    },
  );
});

describe('a policy that changes', () => {
  const allowing = (...namespaces: string[]): Policy =>
    createPolicy({
      rules: [
        { namespaces, clusters: ['/subscriptions/*/resourceGroups/*/*'], nodeAccess: [], verify: [], adopt: false },
      ],
      nodeAccess: [],
    });

  it('freezes and frees the objects that it is about, and ARM is not asked about a cluster that no namespace may name', async () => {
    let policy = allowing('elsewhere');
    const cluster = await rig.addCluster();
    const controller = await rig.startController({ policy: () => policy });
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    const refused = await rig.until('one', (one) => condition(one, 'Ready')?.reason === 'TargetNotAllowed', 'refused');
    expect(refused.status).not.toHaveProperty('cluster');
    expect(refused.metadata.finalizers).toBeUndefined();
    expect(
      rig.simulator.journal().filter(({ path }) => path.toLowerCase().includes(cluster.resourceId.toLowerCase())),
    ).toEqual([]);
    expect(await rig.record(cluster)).toBeUndefined();

    const change = (next: Policy) => {
      const before = policy;
      policy = next;
      controller.policyChanged(before, next);
    };
    change(allowing(rig.namespace));
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);

    change(allowing('elsewhere'));
    await rig.until('one', (one) => condition(one, 'Ready')?.reason === 'TargetNotAllowed', 'refused again');
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(1))], deletionPolicy: 'Remove' });
    await rig.remove('one');
    await rig.untilGone('one');
    expect(listed(cluster)).toEqual(fingerprints(0));
    const events = await eventually(async () => {
      const all = await rig.events('one');
      return all.some(({ reason }) => reason === 'Retained') && all;
    });
    expect(events.find(({ reason }) => reason === 'Retained')?.type).toBe('Warning');
    change(OPEN_POLICY);
  });
});
