import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { showStatus } from '../../src/commands/status/command.ts';
import type { ResolvedScope } from '../../src/commands/status/read.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { makeServiceAccount, tokenOf } from '../deploy/metrics-roles.ts';
import { eventually } from './rig.ts';
import { applyRotation } from './rotation-object.ts';
import { BLOCKED, ID, MOVING, pipe, READY, REQUEST, ROLE, startStatusRig, type StatusRig } from './status-rig.ts';

let rig: StatusRig;
beforeAll(async () => {
  rig = await startStatusRig();
}, 180_000);
afterEach(async () => {
  await rig.cleanUp();
});
afterAll(async () => {
  await rig.stop();
});

describe('status, once', () => {
  it('says by its exit code whether all is converged, in progress or stuck', async () => {
    await rig.makeTrust('fine', READY);
    expect(await rig.run('fine', ...rig.inNamespace())).toMatchObject({ code: 0, err: '' });
    await rig.makeTrust('moving', MOVING);
    expect(await rig.run('moving', ...rig.inNamespace())).toMatchObject({ code: 2, err: '' });
    expect(await rig.run(...rig.inNamespace())).toMatchObject({ code: 2 });
    await rig.makeTrust('blocked', { status: 'False', reason: 'ReimageBlocked', message: 'by a budget' }, [BLOCKED]);
    const all = await rig.run('-A', '-o', 'json');
    expect(all).toMatchObject({ code: 3, err: '' });
    const { outcome, clusters } = JSON.parse(all.out) as {
      outcome: string;
      clusters: { objects: { name: string }[] }[];
    };
    expect(outcome).toBe('Stuck');
    expect(clusters[0]?.objects.map(({ name }) => name)).toEqual(['blocked', 'fine', 'moving']);
  }, 30_000);

  it('shows CertificateRotation objects beside the others, and one by its name', async () => {
    await rig.makeTrust('fine', READY);
    await applyRotation(rig, 'own', { resourceId: ID });
    const all = await rig.run(...rig.inNamespace());
    expect(all.code).toBe(2);
    expect(all.out).toContain(`  ${rig.namespace}/fine  Ready: Trusted\n`);
    expect(all.out).toContain(`  crot ${rig.namespace}/own  generation 1 is not processed yet`);
    const one = await rig.run('crot/own', ...rig.inNamespace(), '-o', 'json');
    const { clusters } = JSON.parse(one.out) as { clusters: { objects: unknown[]; rotations: unknown[] }[] };
    expect(clusters).toMatchObject([{ name: 'prod', objects: [], rotations: [{ name: 'own', mode: 'Monitor' }] }]);
    expect(await rig.run('crot/fine', ...rig.inNamespace())).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no CertificateRotation fine') as unknown,
    });
  }, 30_000);

  it('is an error with one line for what is not there', async () => {
    expect(await rig.run('no-such', ...rig.inNamespace())).toEqual({
      code: 1,
      out: '',
      err: `aks-ca-trust: There is no CustomCATrust no-such in namespace ${rig.namespace} of ${rig.plane.config.server}\n`,
    });
    await rig.makeTrust('one', READY);
    expect(await rig.run('--cluster', 'moon')).toMatchObject({
      code: 1,
      err: `aks-ca-trust: No cluster moon is known at ${rig.plane.config.server}; there are prod\n`,
    });
  }, 30_000);

  it('shows nothing, ends with 0 and says so where a namespace is empty, as kubectl does', async () => {
    const { server } = rig.plane.config;
    const err = `aks-ca-trust: No CustomCATrust or CertificateRotation objects in namespace empty of ${server}; --all-namespaces shows those of all namespaces.\n`;
    expect(await rig.run('-n', 'empty')).toEqual({ code: 0, out: '', err });
    const json = await rig.run('-n', 'empty', '-o', 'json');
    expect([json.code, (JSON.parse(json.out) as { clusters: unknown[] }).clusters]).toEqual([0, []]);
  }, 30_000);

  it('asks the context that was named, and reads where the kubeconfig says', async () => {
    await rig.makeTrust('fine', READY);
    const config = parse(rig.plane.config.kubeconfigYaml) as { contexts: { context: object }[] };
    const { context } = config.contexts[0]!;
    const gone = { name: 'gone', cluster: { server: 'https://127.0.0.1:1' } };
    const file = join(rig.folder, 'contexts');
    const contexts = [
      { name: 'mgmt', context: { ...context, namespace: rig.namespace } },
      { name: 'gone', context: { ...context, cluster: 'gone' } },
    ];
    const clusters = [...(config as unknown as { clusters: object[] }).clusters, gone];
    writeFileSync(file, JSON.stringify({ ...config, contexts, clusters, 'current-context': 'gone' }));
    const [found, unreachable, unknown] = await Promise.all([
      rig.run('fine', '--kubeconfig', file, '--context', 'mgmt'),
      rig.run('fine', '--kubeconfig', file),
      rig.run('fine', '--kubeconfig', file, '--context', 'prod'),
    ]);
    expect(found).toMatchObject({ code: 0, err: '' });
    expect(found.out).toContain(`${rig.namespace}/fine  Ready: Trusted`);
    expect(unreachable).toMatchObject({ code: 1, out: '' });
    expect(unreachable.err).toContain('ECONNREFUSED');
    expect(unknown).toEqual({
      code: 1,
      out: '',
      err: `aks-ca-trust: ${file}: there is no context "prod"; its contexts are "mgmt", "gone"\n`,
    });
  }, 30_000);

  it('is an error where the answer cannot be written', async () => {
    await rig.makeTrust('fine', READY);
    const full = openSync('/dev/full', 'w');
    const { code, err } = await rig.startWith(full, 'fine', ...rig.inNamespace()).ended;
    closeSync(full);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'aks-ca-trust: The output cannot be written: ENOSPC: no space left on device, write\n',
    });
  }, 30_000);

  it('goes by the clock of the API server, whatever that of the user says', async () => {
    await rig.makeTrust('moving', MOVING);
    const soon = new Date(Date.now() + 600_000).toISOString();
    await rig.makeRecord();
    const nodes = { total: 2, reimaged: 1, excluded: 0, summary: '1/2' };
    await rig.sayOfRecord({ nodes, nodePools: [], estimate: { nodesLeft: 1, earliest: soon, likely: soon } });
    const { signal } = new AbortController();
    const show = async (aheadMs: number) => {
      let out = '';
      const clock = { ...systemClock, now: () => Date.now() + aheadMs };
      const output = pipe((text) => (out += text));
      const scope: ResolvedScope = { kind: 'Cluster', cluster: 'prod' };
      await showStatus({ connection: rig.admin, scope, request: REQUEST, output, clock, signal });
      return out;
    };
    const right = await show(0);
    expect(right).toContain('ends      likely');
    expect(await show(3_600_000)).toBe(right);
    expect(await show(-3_600_000)).toBe(right);
  }, 30_000);

  it('shows a cluster by name or resource id with all its objects, and asks which of two of a name', async () => {
    await rig.makeTrust('one', READY);
    await rig.makeRecord();
    for (const name of ['prod', 'PROD', ID.toUpperCase()]) {
      const { code, out } = await rig.run('--cluster', name);
      expect({ code, lines: out.split('\n').slice(0, 3) }).toEqual({
        code: 0,
        lines: ['prod  Updating', `  ${ID}`, `  ${rig.namespace}/one  Ready: Trusted`],
      });
    }
    // Made just now, without a record.
    await rig.apply('new', ID.replace('/prod', '/fresh'), {});
    expect(await rig.run('--cluster', 'fresh')).toMatchObject({ code: 2, err: '' });
    const other = ID.replace('/g/', '/h/');
    await rig.makeRecord('prod', other);
    const { code, err } = await rig.run('--cluster', 'prod');
    expect(code).toBe(1);
    expect(err).toContain('2 clusters have the name prod; name one by its resource id');
    expect(err).toContain(other);
  }, 30_000);
});

describe('the rights of a viewer', () => {
  async function show(token: string, scope: ResolvedScope): Promise<{ code: number; out: string }> {
    const { server, caPem } = rig.plane.config;
    const connection = connect({ server, caPem, token });
    let out = '';
    const output = pipe((text) => (out += text));
    const { signal } = new AbortController();
    try {
      const code = await showStatus({ connection, scope, request: REQUEST, output, clock: systemClock, signal });
      return { code, out };
    } finally {
      await connection.close();
    }
  }
  const scopes = (): ResolvedScope[] => [
    { kind: 'Object', namespace: rig.namespace, name: 'fine' },
    { kind: 'Namespace', namespace: rig.namespace },
    { kind: 'Everywhere' },
    { kind: 'Cluster', cluster: 'prod' },
    { kind: 'Cluster', cluster: ID },
  ];

  it('are to read the three kinds and nothing else, and part of the role view', () => {
    expect(ROLE).toMatchObject({ metadata: { labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } } });
    expect(ROLE.rules).toEqual([
      {
        apiGroups: ['aks-ca-trust.dev'],
        resources: ['customcatrusts', 'certificaterotations', 'targetclusters'],
        verbs: ['get', 'list', 'watch'],
      },
    ]);
  });

  it('suffice for every view', async () => {
    await rig.makeTrust('fine', READY);
    await rig.makeRecord();
    const token = await rig.viewerToken();
    for (const scope of scopes()) expect(await show(token, scope)).toMatchObject({ code: 0 });
  }, 30_000);

  it('in one namespace only suffice for its objects; what is left out is said', async () => {
    await rig.makeTrust('fine', READY);
    await rig.makeRecord();
    const name = await makeServiceAccount(rig.admin, rig.namespace);
    await rig.bind('rolebindings', name);
    const token = await tokenOf(rig.admin, rig.namespace, name);
    const [object, namespace, ...others] = scopes();
    for (const scope of [object!, namespace!]) {
      const { code, out } = await show(token, scope);
      expect(code).toBe(0);
      expect(out).toContain('aks-ca-trust: Reading TargetCluster objects is forbidden');
    }
    const { server, caPem } = rig.plane.config;
    const connection = connect({ server, caPem, token });
    const watch = rig.watchHere(connection, 'fine', { forever: true });
    await eventually(async () => watch.out().includes('Reading TargetCluster objects is forbidden'));
    await rig.say('fine', MOVING);
    await eventually(async () => watch.out().includes('fine: not Ready: Updating'));
    watch.stop.abort();
    await watch.ended;
    await connection.close();
    expect(watch.out()).not.toContain('may be out of date');
    await rig.say('fine', READY);
    for (const scope of others)
      await expect(show(token, scope)).rejects.toThrow(
        /denies access; the ClusterRole aks-ca-trust-viewer has the needed rights/,
      );
  }, 30_000);

  it('are read by name where the user has no right to them', async () => {
    await rig.makeTrust('fine', READY);
    const name = await makeServiceAccount(rig.admin, rig.namespace);
    const token = await tokenOf(rig.admin, rig.namespace, name);
    for (const scope of scopes()) await expect(show(token, scope)).rejects.toThrow('aks-ca-trust-viewer');
    await expect(show('no-token', { kind: 'Everywhere' })).rejects.toThrow('does not accept these credentials');
  }, 30_000);
});
