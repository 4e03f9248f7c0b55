import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { customCATrustPath, FINALIZER } from '../../src/api/names.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLeaderElection } from '../../src/runtime/leader-election.ts';
import { createLogger } from '../../src/runtime/logging.ts';
import { createMetricsServer } from '../../src/runtime/metrics-server.ts';
import { createScrapeReview } from '../../src/runtime/scrape-review.ts';
import { selfSignedCertificates } from '../../src/runtime/serving-certificate.ts';
import { condition, entry, eventually, isReady, roots, SEES_NODES, startRig, type Rig } from '../integration/rig.ts';
import { OPEN_GRANTS, OPEN_POLICY } from '../../src/policy/policy.ts';
import { controllerCredentials, letWriteKubeconfigs } from '../integration/roles.ts';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { applyRotation, getRotation, removeRotation } from '../integration/rotation-object.ts';
import { bearer, scrape } from '../runtime/scraper.ts';
import { manifestsIn, putRole, rightsOf, withoutRight, type RoleManifest } from './granted.ts';
import { installMetricsRoles, tokenOfReader } from './metrics-roles.ts';
import { pathOf } from './object-path.ts';
import { startRecordingProxy } from './recording-proxy.ts';

jest.setTimeout(60_000);

const ACCOUNT = 'system:serviceaccount:aks-ca-trust-system:aks-ca-trust';
const ROLES = [
  'kustomize/base/rbac.yaml',
  'kustomize/base/kubeconfig-rbac.yaml',
  'kustomize/base/leader-election-rbac.yaml',
  'kustomize/base/metrics-rbac.yaml',
].flatMap((file) => manifestsIn(file).filter(({ rules }) => rules !== undefined));

let rig: Rig;
/** Of the object, another one in each test: events of an object stay. */
let name = '';
beforeAll(async () => {
  rig = await startRig();
  await installMetricsRoles(rig.admin);
  await letWriteKubeconfigs(rig.admin, rig.namespace);
}, 180_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

/** What stays undone without each right, and where people read why. `refused` resolves when the log has the API server's refusal. */
const CONSEQUENCES: Record<string, (takeAway: () => Promise<void>, refused: () => Promise<string>) => Promise<void>> = {
  async 'get customcatrusts aks-ca-trust.dev'(takeAway, refused) {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))], deletionPolicy: 'Remove' });
    await rig.until(name, isReady, 'Ready');
    await takeAway();
    // Another client takes the finalizer off and deletes the object: whether it is gone is asked before its certificates go.
    await rig.admin.request({
      method: 'PATCH',
      path: customCATrustPath(rig.namespace, name),
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    await rig.remove(name);
    await refused();
    expect(cluster.list()).toHaveLength(1);
  },
  async 'list customcatrusts aks-ca-trust.dev'(takeAway, refused) {
    await neverStarts(takeAway, refused, false);
  },
  async 'watch customcatrusts aks-ca-trust.dev'(takeAway, refused) {
    await neverStarts(takeAway, refused, true);
  },
  async 'patch customcatrusts aks-ca-trust.dev'(takeAway) {
    await takeAway();
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))] });
    const held = await rig.until(name, (object) => condition(object, 'Applied')?.reason === 'Held', 'held');
    expect(condition(held, 'Applied')?.message).toContain('cannot patch resource "customcatrusts"');
    expect(rig.puts(cluster)).toEqual([]);
  },
  async 'patch customcatrusts/status aks-ca-trust.dev'(takeAway, refused) {
    await takeAway();
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))] });
    expect(await refused()).toContain(`${rig.namespace}/${name}`);
    expect((await rig.get(name))?.status?.conditions).toBeUndefined();
  },
  async 'get certificaterotations aks-ca-trust.dev'(takeAway, refused) {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))] });
    await applyRotation(rig, name, cluster);
    await eventually(async () => (await rig.record(cluster))?.status?.objects?.length === 2);
    await takeAway();
    // Whether it is gone is asked before the record forgets it, and before anything is decided without it.
    await removeRotation(rig, name);
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(1))] });
    await refused();
    expect(rig.puts(cluster)).toHaveLength(1);
  },
  async 'list certificaterotations aks-ca-trust.dev'(takeAway, refused) {
    await neverStarts(takeAway, refused, false);
  },
  async 'watch certificaterotations aks-ca-trust.dev'(takeAway, refused) {
    await neverStarts(takeAway, refused, true);
  },
  async 'patch certificaterotations/status aks-ca-trust.dev'(takeAway, refused) {
    await takeAway();
    const cluster = await rig.addCluster();
    await rig.startController();
    await applyRotation(rig, name, cluster);
    expect(await refused()).toContain(`${rig.namespace}/${name}`);
    expect((await getRotation(rig, name))?.status?.conditions).toBeUndefined();
    await removeRotation(rig, name);
  },
  async 'get targetclusters aks-ca-trust.dev'(takeAway, refused) {
    await takeAway();
    const cluster = await rig.addCluster();
    await rig.apply(name, cluster, {});
    await rig.admin.request({
      method: 'PATCH',
      path: customCATrustPath(rig.namespace, name),
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: [FINALIZER] } },
    });
    await rig.remove(name);
    // No record is in the cache: whether there is none is asked before the object is released.
    await rig.startController();
    await refused();
    expect((await rig.get(name))?.metadata.finalizers).toEqual([FINALIZER]);
  },
  async 'list targetclusters aks-ca-trust.dev'(takeAway, refused) {
    await neverStarts(takeAway, refused, false);
  },
  async 'watch targetclusters aks-ca-trust.dev'(takeAway, refused) {
    await neverStarts(takeAway, refused, true);
  },
  async 'create targetclusters aks-ca-trust.dev'(takeAway, refused) {
    await takeAway();
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))] });
    await refused();
    expect(rig.puts(cluster)).toEqual([]);
  },
  async 'update targetclusters aks-ca-trust.dev'(takeAway, refused) {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until(name, isReady, 'Ready');
    await takeAway();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(1))] });
    await refused();
    expect(rig.puts(cluster)).toHaveLength(1);
  },
  async 'delete targetclusters aks-ca-trust.dev'(takeAway, refused) {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [] });
    await rig.until(name, isReady, 'Ready');
    await takeAway();
    await rig.remove(name);
    await refused();
    expect(await rig.record(cluster)).toBeDefined();
  },
  async 'create events events.k8s.io'(takeAway, refused) {
    await takeAway();
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until(name, isReady, 'Ready');
    expect(await refused()).toContain('An event was lost.');
    expect(await rig.events(name)).toEqual([]);
  },
  async 'patch events events.k8s.io'(takeAway, refused) {
    await takeAway();
    const cluster = await rig.addCluster();
    await rig.startController();
    for (const suspend of [false, true, false, true]) {
      await rig.apply(name, cluster, { certificates: [entry('a', ...roots(0))], suspend });
      const reason = suspend ? 'Suspended' : 'Trusted';
      await rig.until(name, (object) => condition(object, 'Ready')?.reason === reason, reason);
    }
    expect(await refused()).toContain('An event was lost.');
    const suspended = (await rig.events(name)).find(({ reason }) => reason === 'Suspended');
    expect(suspended?.series).toBeUndefined();
  },
  async 'get secrets'(takeAway) {
    await takeAway();
    const cluster = await rig.addCluster({ nodes: true });
    await rig.startController();
    await rig.apply(name, cluster, { target: SEES_NODES, certificates: [entry('a', ...roots(0))] });
    const says = 'aks-ca-trust-kubeconfig-reader';
    const object = await rig.until(name, ({ status }) => JSON.stringify(status ?? {}).includes(says), says);
    expect(JSON.stringify(object.status)).toContain('cannot get resource \\"secrets\\"');
  },
  async 'create secrets'(takeAway) {
    await takeAway();
    await asksForKubeconfig('cannot create resource \\"secrets\\"');
  },
  async 'update secrets'(takeAway) {
    await takeAway();
    const path = `/api/v1/namespaces/${rig.namespace}/secrets`;
    const cluster = await rig.addCluster({ nodes: true });
    const metadata = { name, annotations: { 'aks-ca-trust.dev/kubeconfig-of': cluster.resourceId } };
    await rig.admin.request({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'Secret', metadata } });
    await asksForKubeconfig('cannot update resource \\"secrets\\"', cluster);
  },
  'get leases coordination.k8s.io': neverLeads,
  'create leases coordination.k8s.io': neverLeads,
  async 'update leases coordination.k8s.io'(takeAway, refused) {
    // A leader of before has made the Lease, and has given it up.
    const before = await startElection();
    await before.election.acquired;
    await before.stop();
    await neverLeads(takeAway, refused);
  },
  'create tokenreviews authentication.k8s.io': (takeAway) => refusesScrapers(takeAway),
  'create subjectaccessreviews authorization.k8s.io': (takeAway) => refusesScrapers(takeAway),
};

function put(role: RoleManifest, right: string, has: boolean): Promise<void> {
  return putRole(rig.admin, role, { user: ACCOUNT, namespace: rig.namespace }, right, has);
}

describe('without the right to', () => {
  it('anything that the roles of the controller have, there is a consequence', () => {
    expect(Object.keys(CONSEQUENCES).sort()).toEqual(rightsOf(ROLES));
  });

  it.each(Object.keys(CONSEQUENCES).map((right) => [right]))('%s, its consequence is seen', async (right) => {
    const role = ROLES.find((one) => rightsOf([one]).includes(right));
    if (role === undefined) throw new Error(`no role has the right to ${right}`);
    const from = rig.logs.length;
    name = right.replace(/\W+/g, '-');
    const [verb = '', resource = ''] = right.split(' ');
    const refusal = `cannot ${verb} resource \\"${resource}\\"`;
    const refused = () => eventually(async () => rig.logs.slice(from).find((line) => line.includes(refusal)));
    try {
      await CONSEQUENCES[right]?.(() => put(withoutRight(role, right), right, false), refused);
    } finally {
      await put(role, right, true);
    }
  });
});

/** Its caches are never filled; with the right they are. */
async function neverStarts(
  takeAway: () => Promise<void>,
  refused: () => Promise<string>,
  streams: boolean,
): Promise<void> {
  const refuses = (url: URL) => !streams && url.searchParams.has('sendInitialEvents');
  const proxy = await startRecordingProxy(rig.plane.config, refuses);
  await takeAway();
  let started = false;
  const starting = rig.startController({ server: proxy }).then((controller) => {
    started = true;
    return controller;
  });
  const line = await refused();
  expect([JSON.parse(line), started]).toMatchObject([{ level: 'warn' }, false]);
  for (const role of ROLES) await rig.admin.request({ method: 'PUT', path: pathOf(role), body: role });
  await (await starting).stop();
  await proxy.stop();
}

/** The status of an object that asks for a kubeconfig names the right that is missing. */
async function asksForKubeconfig(refusal: string, at?: SimulatedCluster): Promise<void> {
  const cluster = at ?? (await rig.addCluster({ nodes: true }));
  const grants = { ...OPEN_GRANTS, writeKubeconfigs: true };
  await rig.startController({ policy: () => ({ ...OPEN_POLICY, grants: () => grants }) });
  await applyRotation(rig, name, cluster, { kubeconfig: { secretName: name } });
  await eventually(async () => {
    const status = JSON.stringify((await getRotation(rig, name))?.status ?? {});
    return status.includes(refusal) && status.includes('aks-ca-trust-kubeconfig-writer');
  });
  await removeRotation(rig, name);
}

async function neverLeads(takeAway: () => Promise<void>, refused: () => Promise<string>): Promise<void> {
  await takeAway();
  const started = await startElection();
  expect(await refused()).toContain('The lease could not be renewed or taken.');
  expect(started.election.isLeader()).toBe(false);
  await started.stop();
}

async function startElection() {
  const connection = connect(await controllerCredentials(rig.admin, rig.plane.config));
  const stop = new AbortController();
  const destination = { write: (line: string) => void (rig.logs as string[]).push(line) };
  const election = createLeaderElection({
    connection,
    namespace: 'aks-ca-trust-system',
    name: 'aks-ca-trust',
    identity: 'a',
    clock: systemClock,
    random: Math.random,
    logger: createLogger({ level: 'debug', format: 'json', destination }),
    retryMs: 100,
  });
  const running = election.run(stop.signal);
  return {
    election,
    async stop() {
      stop.abort();
      await running;
      await connection.close();
    },
  };
}

/** Answers 503 to a client that may scrape. */
async function refusesScrapers(takeAway: () => Promise<void>): Promise<void> {
  await takeAway();
  const connection: Connection = connect(await controllerCredentials(rig.admin, rig.plane.config));
  const logger = createLogger({ level: 'error', format: 'json', destination: { write: () => undefined } });
  const server = createMetricsServer({
    address: '127.0.0.1:0',
    metrics: { contentType: 'text/plain', metrics: () => Promise.resolve('up 1\n') },
    access: {
      kind: 'Reviewed',
      certificates: selfSignedCertificates('host', Date.now),
      review: createScrapeReview({ connection, logger, elapsed: () => 0 }),
    },
    clock: systemClock,
    logger,
  });
  const { port } = await server.start();
  const answer = await scrape(port, bearer(await tokenOfReader(rig.admin)));
  await server.stop();
  await connection.close();
  expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('could not review the token')]);
}
