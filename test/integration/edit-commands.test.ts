import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { customCATrustPath, FINALIZER, RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { editObject } from '../../src/commands/edit/edit-object.ts';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import { entry, isReady, listed, roots } from './rig.ts';
import { applyRotation, getRotation } from './rotation-object.ts';
import { ID, READY, startStatusRig, type StatusRig } from './status-rig.ts';

let rig: StatusRig;
beforeAll(async () => {
  rig = await startStatusRig();
}, 180_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const run = (command: string, ...words: string[]) => rig.runCommand(command, ...words, ...rig.inNamespace());
const merge = (name: string, body: object) =>
  rig.admin.request({
    method: 'PATCH',
    path: customCATrustPath(rig.namespace, name),
    contentType: 'application/merge-patch+json',
    body,
  });

describe('reconcile', () => {
  it('asks for a fresh read, and with --wait ends when the controller has handled it and the cluster is right', async () => {
    const cluster = await rig.addCluster();
    await rig.startController({ timing: { drift: 3_600_000 } });
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('roots', isReady, 'Ready');
    cluster.setListSilently([]);

    const ended = await run('reconcile', 'roots', '--wait');
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toContain(`A fresh read was requested for ${rig.namespace}/roots.\n`);
    // The answer before the request said Ready as well: the command has waited for the one after it.
    expect(ended.out).toContain('its reconcile request is not handled yet');
    expect(ended.out).toContain('Ready: Trusted');
    expect(listed(cluster)).toHaveLength(1);
    const { metadata, status } = (await rig.get('roots'))!;
    const requested = metadata.annotations?.[RECONCILE_REQUESTED_AT];
    expect(requested).toMatch(/^\d{4}-.*Z$/);
    expect(status?.lastHandledReconcileAt).toBe(requested);
  }, 60_000);

  it('waits no longer than asked to, and ends with 2 while no controller runs', async () => {
    await rig.makeTrust('alone', READY);
    const ended = await run('reconcile', 'alone', '--wait', '--timeout', '500ms');
    expect(ended).toMatchObject({
      code: 2,
      err: 'aks-ca-trust: The timeout has passed before everything was done.\n',
    });
  }, 30_000);
});

describe('the commands that wait', () => {
  it('wait for a CertificateRotation until the controller has handled the request, and show it', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('own', cluster, { certificates: [] });
    await applyRotation(rig, 'own', cluster, { suspend: true });
    const resumed = await run('resume', 'crot/own', '--wait', '--timeout', '30s');
    expect(resumed).toMatchObject({ code: 0, err: '' });
    expect(resumed.out).toMatch(new RegExp(`crot ${rig.namespace}/own: Ready: (?:NotKnown|Watched)`));
    const asked = await run('reconcile', 'crot/own', '--wait', '--timeout', '30s');
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toContain(`crot ${rig.namespace}/own: rotation: mode Monitor`);
    expect(asked.out).not.toContain(`: ${rig.namespace}/own: `);
    const { metadata, status } = (await getRotation(rig, 'own'))!;
    expect(status?.lastHandledReconcileAt).toBe(metadata.annotations?.[RECONCILE_REQUESTED_AT]);
  }, 60_000);
});

describe('suspend and resume', () => {
  it('pause an object and end the pause, as a field manager of their own', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('roots', isReady, 'Ready');

    expect(await run('suspend', 'roots')).toMatchObject({ code: 0, err: '' });
    const { spec, metadata } = (await rig.get('roots'))!;
    expect(spec.suspend).toBe(true);
    expect(JSON.stringify(metadata)).toContain('"manager":"aks-ca-trust-cli","operation":"Update"');
    expect(await run('suspend', 'roots')).toEqual({
      code: 0,
      out: `${rig.namespace}/roots is suspended already.\n`,
      err: '',
    });
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0, 1))] });
    await rig.until('roots', ({ status }) => status?.observedGeneration === 3, 'seen');
    expect(listed(cluster)).toHaveLength(1);

    const resumed = await run('resume', 'roots', '--wait');
    expect(resumed).toMatchObject({ code: 0, err: '' });
    expect(resumed.out).toContain(`${rig.namespace}/roots is resumed.\n`);
    expect(listed(cluster)).toHaveLength(2);
    expect((await rig.get('roots'))?.spec.suspend).toBe(false);
  }, 60_000);

  it.each([
    ['kustomize.toolkit.fluxcd.io/name', 'Flux'],
    ['argocd.argoproj.io/tracking-id', 'Argo CD'],
  ])('say what the tool that has set %s does to the edit', async (key, tool) => {
    await rig.makeTrust('managed', READY);
    await merge('managed', { metadata: { annotations: { [key]: 'apps\u001b[2J' } } });
    const { code, err } = await run('suspend', 'managed');
    expect(code).toBe(0);
    expect(err).toBe(
      `aks-ca-trust: ${tool} applies this object (${key}: apps\\u{1b}[2J). Where its manifest sets spec.suspend, ${tool} sets that value again at its next sync; write suspend: true there to keep it.\n`,
    );
  });
});

describe('the commands that edit', () => {
  it.each(['reconcile', 'suspend', 'resume'])('make no object that is not there: %s', async (command) => {
    expect(await run(command, 'missing')).toEqual({
      code: 1,
      out: '',
      err: `aks-ca-trust: There is no CustomCATrust missing in namespace ${rig.namespace} of ${rig.plane.config.server}\n`,
    });
    expect(await rig.get('missing')).toBeUndefined();
  });

  it.each(['reconcile', 'suspend', 'resume'])('leave an object alone that is being deleted: %s', async (command) => {
    await rig.makeTrust('leaving', READY);
    await merge('leaving', { metadata: { finalizers: [FINALIZER] } });
    await rig.remove('leaving');
    const before = await rig.get('leaving');
    const { code, err } = await run(command, 'leaving');
    expect(code).toBe(1);
    expect(err).toMatch(/^aks-ca-trust: CustomCATrust leaving .* is being deleted, so it is not changed\./);
    expect(await rig.get('leaving')).toEqual(before);
  });

  it('name the role that has the rights, where they are missing', async () => {
    await rig.makeTrust('roots', READY);
    const { server, caPem } = rig.plane.config;
    const connection = connect({ server, caPem, token: await rig.viewerToken() });
    const { signal } = new AbortController();
    const target = { connection, kind: 'CustomCATrust', namespace: rig.namespace, name: 'roots', signal } as const;
    await expect(editObject(target, 'Suspend', Date.now())).rejects.toThrow(
      /denies access; the ClusterRole aks-ca-trust-editor has the needed rights/,
    );
    await connection.close();
  });

  it('do not change another object that has taken the name meanwhile', async () => {
    await rig.makeTrust('roots', READY);
    const swapping: Connection = {
      ...rig.admin,
      async request(request) {
        if (request.method === 'PATCH') {
          await rig.remove('roots');
          await rig.apply('roots', ID, {});
        }
        return rig.admin.request(request);
      },
    };
    const { signal } = new AbortController();
    const kind = 'CustomCATrust';
    const target = { connection: swapping, kind, namespace: rig.namespace, name: 'roots', signal } as const;
    await expect(editObject(target, 'Suspend', Date.now())).rejects.toThrow(/deleted and created again/);
    expect((await rig.get('roots'))?.spec.suspend).toBe(false);
  });

  it('change a CertificateRotation that is named as crot/NAME, and no CustomCATrust of the same name', async () => {
    await rig.makeTrust('own', READY);
    await applyRotation(rig, 'own', { resourceId: ID });
    const before = await rig.get('own');
    expect(await run('suspend', 'crot/own')).toEqual({
      code: 0,
      out: `${rig.namespace}/own is suspended: the cluster's certificates are not watched for it, and its status stays as it is. An operation that runs in Azure goes on.\n`,
      err: '',
    });
    expect((await getRotation(rig, 'own'))?.spec.suspend).toBe(true);
    expect((await run('reconcile', 'certificaterotations.aks-ca-trust.dev/own')).err).toMatch(/not read\..*resume/);
    expect((await getRotation(rig, 'own'))?.metadata.annotations?.[RECONCILE_REQUESTED_AT]).toMatch(/^\d{4}-.*Z$/);
    expect(await run('resume', 'crot/own')).toMatchObject({ code: 0, out: `${rig.namespace}/own is resumed.\n` });
    expect((await getRotation(rig, 'own'))?.spec.suspend).toBe(false);
    expect(await rig.get('own')).toEqual(before);
    expect(await run('suspend', 'crot/missing')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`There is no CertificateRotation missing in namespace ${rig.namespace}`) as unknown,
    });
  });
});
