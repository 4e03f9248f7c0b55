import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canRender } from '../deploy/kustomize.ts';
import { commandsOf, shellWith } from '../lifecycle/kubectl.ts';
import { trustManifest } from '../lifecycle/trust-manifest.ts';
import { condition, entry, fingerprints, isReady, listed, roots, startRig, type Rig } from '../integration/rig.ts';
import { CUSTOMIZATIONS, JUDGED_KINDS } from './verdicts.ts';

// Needs kubectl.
const withKubectl = canRender() ? describe : describe.skip;

withKubectl('what a GitOps tool applied', () => {
  let rig: Rig;
  let shell: ReturnType<typeof shellWith>;
  beforeAll(async () => {
    rig = await startRig();
    shell = shellWith(rig.plane.config.kubeconfigPath);
  }, 180_000);
  afterEach(() => rig.cleanUp());
  afterAll(() => rig.stop());

  async function run(lines: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await shell(lines, input);
    if (code !== 0) throw new Error(`${lines} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  it('is as it was applied after the controller has worked, by the comparison of server-side apply', async () => {
    const cluster = await rig.addCluster();
    const folders = ['deploy/kustomize/crds', 'deploy/kustomize/overlays/example'];
    const as = '--server-side --force-conflicts --field-manager=argocd-controller';
    const manifest = trustManifest({ namespace: rig.namespace, name: 'a', cluster, roots: [0] });
    for (const folder of folders) await run(`kubectl apply ${as} -k ${folder}`);
    await run(`kubectl apply ${as} -f -`, manifest);
    await rig.startController();
    await run(`kubectl wait cct/a -n ${rig.namespace} --for=condition=Ready --timeout=60s`);
    // Ends with 1 where there is a difference.
    for (const folder of folders) expect(await run(`kubectl diff ${as} -k ${folder}`)).toBe('');
    expect(await run(`kubectl diff ${as} -f -`, manifest)).toBe('');
    const changed = trustManifest({ namespace: rig.namespace, name: 'a', cluster, roots: [0, 1] });
    expect(await shell(`kubectl diff ${as} -f -`, changed)).toMatchObject({ code: 1 });
  }, 120_000);

  it('before the controller, the cluster and the Secret becomes Ready once all are there, by itself', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    await cluster.delete();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late', namespace: rig.namespace } };
    const data = { value: Buffer.from(rig.plane.config.kubeconfigYaml).toString('base64') };
    const target = { resourceId: '', nodeAccess: { kubeconfigSecretRef: { name: 'late' } } };
    const early = await rig.apply('early', cluster, { target, certificates: [entry('ca', ...roots(0))] });
    expect(early.status).toEqual({ observedGeneration: -1 });
    await rig.startController();
    await rig.until('early', (object) => condition(object, 'Ready')?.reason === 'ClusterNotFound', 'without a cluster');
    await cluster.recreate();
    await rig.until('early', (object) => condition(object, 'Ready')?.reason === 'NodesUnreadable', 'without a Secret');
    expect(rig.puts(cluster)).toEqual([]);
    await rig.admin.request({
      method: 'POST',
      path: `/api/v1/namespaces/${rig.namespace}/secrets`,
      body: { ...secret, data },
    });
    await rig.until('early', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(0));
  }, 60_000);

  it('is judged by the health checks once the patch of the page is in the ConfigMap of Argo CD', async () => {
    await run(
      'kubectl create namespace argocd && kubectl create configmap argocd-cm -n argocd --from-literal=url=kept',
    );
    await run(commandsOf('docs/how-to/gitops.md', 'kubectl patch configmap argocd-cm'));
    const { data } = JSON.parse(await run('kubectl get configmap argocd-cm -n argocd -o json')) as {
      data: Record<string, string>;
    };
    const scripts = JUDGED_KINDS.map((kind) => [
      `resource.customizations.health.aks-ca-trust.dev_${kind}`,
      readFileSync(join(CUSTOMIZATIONS, kind, 'health.lua'), 'utf8'),
    ]);
    expect(data).toEqual({ url: 'kept', ...Object.fromEntries(scripts) });
  }, 60_000);
});
