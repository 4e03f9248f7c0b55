import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { canRender } from '../deploy/kustomize.ts';
import { eventually, fingerprints, isReady, listed, startRig, type Controller, type Rig } from '../integration/rig.ts';
import { installRoles } from '../integration/roles.ts';
import { applyRotation, getRotation } from '../integration/rotation-object.ts';
import { commandsOf, notRunOf, shellWith } from './kubectl.ts';
import { trustManifest } from './trust-manifest.ts';

const PAGE = 'docs/how-to/uninstall.md';
const PATIENCE = 120_000;

// Needs kubectl.
const withKubectl = canRender() ? describe : describe.skip;

withKubectl('uninstalling', () => {
  let rig: Rig;
  let shell: ReturnType<typeof shellWith>;
  let controller: Controller;
  /** Its object keeps its certificates when it is deleted. */
  let keeping: SimulatedCluster;
  /** Its object removes them. */
  let removing: SimulatedCluster;
  let uids: Readonly<Record<string, string>>;

  beforeAll(async () => {
    rig = await startRig({}, { workloads: true });
    shell = shellWith(rig.plane.config.kubeconfigPath);
  }, 180_000);
  afterAll(() => rig.stop());
  beforeEach(async () => {
    await rig.cleanUp();
    controller = await rig.startController();
    [keeping, removing] = [await rig.addCluster(), await rig.addCluster()];
  });

  async function run(lines: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await shell(lines, input);
    if (code !== 0) throw new Error(`${lines} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Two objects in a namespace, as the docs have them applied, and their certificates in both clusters. */
  async function applyBoth(namespace = rig.namespace): Promise<void> {
    const manifests = [
      trustManifest({ namespace, name: 'keeps', cluster: keeping, roots: [0] }),
      trustManifest({ namespace, name: 'removes', cluster: removing, roots: [1], deletionPolicy: 'Remove' }),
    ];
    await run('kubectl apply --server-side -f -', manifests.join('---\n'));
    await run(`kubectl wait cct --all -n ${namespace} --for=condition=Ready --timeout=60s`);
    const { items } = JSON.parse(await run(`kubectl get cct -n ${namespace} -o json`)) as { items: CustomCATrust[] };
    uids = Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.uid ?? '']));
  }

  const lists = () => [listed(keeping), listed(removing)];
  const names = async () => (await run('kubectl get cct -A -o name')).split('\n').filter((line) => line !== '');
  const notes = async (name: string) =>
    (await rig.events(name))
      .filter(({ regarding }) => regarding.uid === uids[name])
      .map(({ type, reason }) => `${type} ${reason}`);

  it(
    'with the controller gone first leaves the objects, until it is back, or until their finalizers are taken off',
    async () => {
      await applyBoth();
      await controller.stop();
      await run('kubectl delete cct --all -A --wait=false');
      const { metadata } = (await rig.get('removes'))!;
      expect(metadata).toMatchObject({ finalizers: ['aks-ca-trust.dev/trust'] });
      expect(metadata.deletionTimestamp).toBeDefined();
      controller = await rig.startController();
      await Promise.all([rig.untilGone('keeps'), rig.untilGone('removes')]);
      expect(lists()).toEqual([fingerprints(0), []]);

      await applyBoth();
      await controller.stop();
      await run('kubectl delete cct --all -A --wait=false');
      await run(commandsOf(PAGE, 'kubectl patch cct'));
      expect(await names()).toEqual([]);
      expect(lists()).toEqual([fingerprints(0), fingerprints(1)]);
    },
    PATIENCE,
  );

  it(
    'a namespace with objects ends, with the controller by itself, and without it once the finalizers are off',
    async () => {
      await run('kubectl create namespace team-a');
      await applyBoth('team-a');
      await run('kubectl delete namespace team-a --timeout=60s');
      expect(lists()).toEqual([fingerprints(0), []]);

      await run('kubectl create namespace team-b');
      await applyBoth('team-b');
      await applyRotation({ admin: rig.admin, namespace: 'team-b' }, 'watches', keeping);
      await controller.stop();
      await run('kubectl delete namespace team-b --wait=false');
      const said = `kubectl get namespace team-b -o jsonpath='{.status.conditions[?(@.type=="NamespaceFinalizersRemaining")].message}'`;
      await eventually(async () => (await run(said)).includes('aks-ca-trust.dev/trust in 2 resource instances'));
      await run(commandsOf(PAGE, 'kubectl patch cct'));
      await run('kubectl wait --for=delete namespace/team-b --timeout=60s');
      expect(lists()).toEqual([fingerprints(0), fingerprints(1)]);
    },
    PATIENCE,
  );

  it(
    'the resource definitions with objects present, the records first, removes nothing and says what stays',
    async () => {
      await applyBoth();
      const sent = () => [...rig.puts(keeping), ...rig.puts(removing)].length;
      const before = sent();
      // In the other order, the objects are deleted as by any other command, and `Remove` removes.
      await run('kubectl delete crd targetclusters.aks-ca-trust.dev --timeout=60s');
      await run('kubectl delete crd customcatrusts.aks-ca-trust.dev --timeout=60s');
      await run('kubectl delete crd certificaterotations.aks-ca-trust.dev --timeout=60s');
      expect([sent(), ...lists()]).toEqual([before, fingerprints(0), fingerprints(1)]);
      await eventually(async () => (await notes('removes')).includes('Warning Retained'));
      expect((await notes('removes')).join()).not.toContain('Removed');
      expect(await notes('keeps')).toContain('Normal Retained');

      // An object is refused while its kind is not there, and the same manifest works once it is.
      const manifest = trustManifest({ namespace: rig.namespace, name: 'keeps', cluster: keeping, roots: [0, 1] });
      // With a cache of its own: kubectl keeps the kinds of a server for minutes.
      const early = await shell('KUBECACHEDIR=$(mktemp -d) kubectl apply --server-side -f -', manifest);
      expect(early.code).toBe(1);
      expect(early.stderr).toContain('ensure CRDs are installed first');
      await controller.stop();
      await run(commandsOf('docs/how-to/upgrade.md', 'kubectl wait --for=condition=Established'));
      controller = await rig.startController();
      await run('kubectl apply --server-side -f -', manifest);
      await rig.until('keeps', isReady, 'Ready');
      expect(listed(keeping)).toEqual(fingerprints(0, 1));
    },
    PATIENCE,
  );

  it(
    'in the order of the page loses nothing, and leaves nothing behind',
    async () => {
      await applyBoth();
      await applyRotation(rig, 'watches', keeping);
      await eventually(async () => (await getRotation(rig, 'watches'))?.status?.observedGeneration === 1);
      const policies = await run(commandsOf(PAGE, 'custom-columns'));
      expect(policies).toMatch(/keeps +Retain\n.*removes +Remove\n/);
      await run(commandsOf(PAGE, 'kubectl delete cct --all'));
      expect(await names()).toEqual([]);
      expect(lists()).toEqual([fingerprints(0), []]);
      await eventually(async () => (await notes('removes')).includes('Normal Removed'));
      expect(await notes('keeps')).toContain('Normal Retained');

      await controller.stop();
      // It holds nothing up, whenever it is deleted.
      expect((await getRotation(rig, 'watches'))?.metadata.finalizers).toBeUndefined();
      await run('kubectl apply --server-side --force-conflicts -k deploy/kustomize/overlays/example');
      await run(commandsOf(PAGE, 'overlays/mine').replace('overlays/mine', 'overlays/example'));
      await run(commandsOf(PAGE, 'kubectl delete -k deploy/kustomize/crds'));
      const kinds = 'crd,namespace,clusterrole,clusterrolebinding,validatingadmissionpolicy';
      expect(await run(`kubectl get ${kinds} -o name`)).not.toContain('aks-ca-trust');

      expect(notRunOf(PAGE)).toEqual([]);

      // For what the rig cleans up.
      await run('kubectl apply --server-side -k deploy/kustomize/crds');
      await installRoles(rig.admin);
    },
    PATIENCE,
  );
});
