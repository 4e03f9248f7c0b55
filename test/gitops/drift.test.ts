import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { canRender } from '../deploy/kustomize.ts';
import { commandsOf, shellWith } from '../lifecycle/kubectl.ts';
import { trustManifest } from '../lifecycle/trust-manifest.ts';
import { fingerprints, listed, startRig, type Rig } from '../integration/rig.ts';

// Needs kubectl.
const withKubectl = canRender() ? describe : describe.skip;

withKubectl('what a GitOps tool applied', () => {
  let rig: Rig;
  let shell: ReturnType<typeof shellWith>;
  beforeAll(async () => {
    rig = await startRig();
    shell = shellWith(rig.plane.config.kubeconfigPath);
  }, 180_000);
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

  it('is waited for with kubectl wait, by a condition or by a field', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const waiting = run(`kubectl wait cct/early -n ${rig.namespace} --for=create --timeout=60s`);
    const manifest = trustManifest({ namespace: rig.namespace, name: 'early', cluster, roots: [0] });
    await run('kubectl apply --server-side -f -', manifest);
    await waiting;
    const lines = commandsOf('docs/how-to/gitops.md', "--for=jsonpath='{.status.certificateCount.summary}'");
    await run(lines.replaceAll('<namespace>', rig.namespace).replaceAll('<name>', 'early').replace('3/3', '1/1'));
    expect(listed(cluster)).toEqual(fingerprints(0));
  }, 120_000);

  it('is judged by the health checks once the patch of the page is in the ConfigMap of Argo CD', async () => {
    await run(
      'kubectl create namespace argocd && kubectl create configmap argocd-cm -n argocd --from-literal=url=kept',
    );
    await run(commandsOf('docs/how-to/gitops.md', 'kubectl patch configmap argocd-cm'));
    const { data } = JSON.parse(await run('kubectl get configmap argocd-cm -n argocd -o json')) as {
      data: Record<string, string>;
    };
    const script = readFileSync(
      new URL('../../deploy/argocd/resource_customizations/aks-ca-trust.dev/CustomCATrust/health.lua', import.meta.url),
      'utf8',
    );
    expect(data).toMatchObject({
      url: 'kept',
      'resource.customizations.health.aks-ca-trust.dev_CustomCATrust': script,
    });
  }, 60_000);
});
