import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { createNodeReader } from '../../src/cluster/node-access/node-reader.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createPassRig, type PassRig } from '../cluster/verify/pass-rig.ts';
import { CLUSTER_ID, element, entriesOf, pem } from '../harness/build.ts';
import { condition } from '../integration/rig.ts';
import { startApiServer, type ApiServer } from '../kubernetes/api-server.ts';
import { manifestsIn, putRole, rightsOf, untilMay, withoutRight } from './granted.ts';
import { makeServiceAccount, tokenOf } from './metrics-roles.ts';
import { applyAll, pathOf } from './object-path.ts';
import { startRecordingProxy, type RecordingProxy } from './recording-proxy.ts';

jest.setTimeout(60_000);

const MARK = `t-${randomUUID().slice(0, 8)}`;
const SIGNAL = new AbortController().signal;
const [FROM_FILE] = manifestsIn('target-cluster/role.yaml');
// Other tests of the same API server have the role as well.
const ROLE = { ...FROM_FILE!, metadata: { name: MARK } };
const RIGHTS = rightsOf([ROLE]);

let server: ApiServer;
let proxy: RecordingProxy;
let connection: Connection;
let user: string;
beforeAll(async () => {
  server = await startApiServer();
  const admin = server.connection;
  proxy = await startRecordingProxy({ caPem: '', ...server.credentials });
  const account = await makeServiceAccount(admin, 'default');
  user = `system:serviceaccount:default:${account}`;
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'default' }];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: MARK };
  const post = (path: string, body: object) => admin.request({ method: 'POST', path, body });
  await applyAll(admin, [
    ROLE,
    { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: MARK }, roleRef, subjects } as typeof ROLE,
  ]);
  connection = connect({ server: proxy.server, caPem: proxy.caPem, token: await tokenOf(admin, 'default', account) });

  // A node whose drain a budget holds up, as AKS reports it: with the pod's namespace, and without.
  await post('/api/v1/nodes', { metadata: { name: MARK, labels: { 'kubernetes.azure.com/agentpool': 'system' } } });
  const labels = { app: MARK };
  for (const name of ['named', 'nameless'].map((pod) => `${MARK}-${pod}`)) {
    const spec = { nodeName: MARK, containers: [{ name: 'c', image: 'registry.example.com/app:1' }] };
    await post('/api/v1/namespaces/default/pods', { metadata: { name, labels }, spec });
  }
  await post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
    metadata: { name: MARK },
    spec: { maxUnavailable: 0, selector: { matchLabels: labels } },
  });
  for (const pod of [`default/${MARK}-named`, `${MARK}-nameless`])
    await post('/api/v1/namespaces/default/events', event(pod));
}, 90_000);
afterAll(async () => {
  const forced = { method: 'DELETE', query: { gracePeriodSeconds: '0' } } as const;
  for (const pod of ['named', 'nameless'])
    await server.connection.request({ ...forced, path: `/api/v1/namespaces/default/pods/${MARK}-${pod}` });
  await server.connection.request({ method: 'DELETE', path: `/api/v1/nodes/${MARK}` });
  await connection.close();
  await proxy.stop();
  await server.stop();
});

/** Two readings of the progress of the nodes: what they show, and what was asked for. */
async function read() {
  const from = proxy.requests.length;
  const access = {
    connectionFor: async () => ({ kind: 'Open', connection }) as const,
    retain: async () => {},
    close: async () => {},
  };
  const reader = createNodeReader(access, systemClock);
  const source = { cluster: CLUSTER_ID, reconcile: {}, group: 'Operator', ways: [{ kind: 'InCluster' }] } as const;
  await reader.read(source, 'Progress', SIGNAL);
  const seen = await reader.read({ ...source, reconcile: {} }, 'Progress', SIGNAL);
  reader.close();
  const asked = proxy.requests.slice(from);
  const count = (right: string) =>
    asked.filter((one) => `${one.verb} ${one.resource} ${one.group}`.trim() === right).length;
  if (seen.kind !== 'Read') return { seen, count, asked, text: JSON.stringify(seen) };
  const events = seen.events?.filter(({ node }) => node === MARK);
  const refusals = [...(seen.refusals ?? [])].filter(([pod]) => pod.includes(MARK)).sort();
  return { seen, count, asked, events, refusals, forbidden: seen.refusalsForbidden };
}

const BUDGETED = ['named', 'nameless'].map((pod) => [`default/${MARK}-${pod}`, [`default/${MARK}`]]);

const CONSEQUENCES: Record<string, (reading: Awaited<ReturnType<typeof read>>) => void> = {
  'list nodes': ({ seen }) =>
    expect(seen).toMatchObject({
      kind: 'Unreadable',
      message: expect.stringContaining('cannot list resource "nodes"'),
    }),
  // Nothing is missing, but each reading costs a list.
  'watch nodes': ({ count }) => expect([count('list nodes'), count('list events')]).toEqual([2, 1]),
  'watch events': ({ count }) => expect([count('list nodes'), count('list events')]).toEqual([1, 2]),
  'list events': ({ seen, events }) => expect([seen.kind, events]).toEqual(['Read', undefined]),
  'get pods': ({ refusals, forbidden }) => expect([refusals, forbidden]).toEqual([BUDGETED.slice(1), true]),
  'list pods': ({ refusals, forbidden }) => expect([refusals, forbidden]).toEqual([BUDGETED.slice(0, 1), true]),
  'list poddisruptionbudgets policy': ({ refusals, forbidden }) => expect([refusals, forbidden]).toEqual([[], true]),
};

describe('the role in a target cluster', () => {
  it('lets the nodes be watched, and the budgets that block their drain be named, and all of it is used', async () => {
    const { count, asked, refusals, forbidden } = await read();
    expect([refusals, forbidden, count('list nodes')]).toEqual([BUDGETED, undefined, 1]);
    const used = new Set(asked.map(({ verb, resource, group }) => `${verb} ${resource} ${group}`.trim()));
    expect([...used].sort()).toEqual(RIGHTS);
  });

  it('has no right without a consequence', () => {
    expect(Object.keys(CONSEQUENCES).sort()).toEqual(RIGHTS);
  });

  it.each(Object.keys(CONSEQUENCES).map((right) => [right]))('is missed without %s', async (right) => {
    const as = { user, namespace: 'default' };
    await putRole(server.connection, withoutRight(ROLE, right), as, right, false);
    try {
      CONSEQUENCES[right]?.(await read());
    } finally {
      await putRole(server.connection, ROLE, as, right, true);
    }
  });
});

describe('the role for verification', () => {
  const verbs = ['create', 'delete', 'list'];
  let rig: PassRig;
  beforeEach(async () => {
    rig = await createPassRig(server);
    await rig.addNode(`aks-${rig.arm.pools[0]!.name}-0`, { trusted: [pem(0)] });
    rig.arm = { ...rig.arm, elements: [element(0)] };
    rig.registry = { signedBy: pem(0) };
  });

  it('has these rights', () => {
    const roles = manifestsIn('target-cluster/verify-role.yaml');
    expect(rightsOf(roles)).toEqual(verbs.map((verb) => `${verb} pods`));
  });

  it.each(verbs)('is missed without the right to %s pods', async (verb) => {
    // The role for nodes includes a right to list pods; who narrows it still needs this one.
    const narrowed = {
      ...withoutRight(FROM_FILE!, 'list pods'),
      metadata: { name: `aks-ca-trust-nodes-${rig.target}` },
    };
    await server.connection.request({ method: 'PUT', path: pathOf(narrowed), body: narrowed });
    await rig.grant(verbs.filter((one) => one !== verb));
    const asker = { user: `system:serviceaccount:${rig.target}:controller`, namespace: rig.target };
    await untilMay(server.connection, asker, `${verb} pods`, false);
    await rig.apply({ certificates: entriesOf([0]), verify: { image: 'images.example.com/app:1' } });
    const isDenied = (object: CustomCATrust) => condition(object, 'NodesTrust')?.reason === 'AccessDenied';
    const object = await rig.until(isDenied, 'refused');
    const { message } = condition(object, 'NodesTrust') ?? {};
    expect(message).toContain(`cannot ${verb} resource "pods"`);
    expect(message).toContain('deploy/target-cluster/verify-role.yaml');
    // Without the right to delete, the pod stays until its own deadline.
    expect(await rig.pods()).toHaveLength(verb === 'delete' ? 1 : 0);
  });
});

function event(pod: string): object {
  const now = new Date(Date.now() + 1000).toISOString();
  return {
    metadata: { name: `${MARK}-${randomUUID().slice(0, 8)}`, namespace: 'default' },
    involvedObject: { apiVersion: 'v1', kind: 'Node', name: MARK, uid: MARK },
    ...{ type: 'Warning', reason: 'Drain', source: { component: 'upgrader' }, count: 1 },
    message: `Eviction blocked by Too Many Requests (usually a pdb): ${pod}`,
    ...{ firstTimestamp: now, lastTimestamp: now },
  };
}
