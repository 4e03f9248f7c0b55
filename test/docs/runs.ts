import type { SimulatedCluster } from '../../simulator/index.ts';
import { API_VERSION, objectPath } from '../../src/api/names.ts';
import { toolPath } from '../go-tools/find.ts';
import { roots } from '../integration/rig.ts';
import { blocksOf } from './commands.ts';
import type { RunOptions, World } from './world.ts';

/** What a page needs so that its commands run as they stand, in their order. */
export interface PageRun {
  readonly before?: (world: World) => Promise<void>;
  /** Values of its placeholders. */
  readonly fill?: Readonly<Record<string, string>>;
  /** What commands are run with, by their beginnings. */
  readonly options?: Readonly<Record<string, RunOptions>>;
  /** What is done right before a command, by its beginning. */
  readonly steps?: Readonly<Record<string, (world: World) => Promise<void>>>;
  /** What a command prints, by its beginning. */
  readonly prints?: Readonly<Record<string, RegExp>>;
  /** Refuses what is wrong when all commands have run. */
  readonly after?: (world: World) => Promise<void>;
}

const TUTORIAL = 'docs/tutorial/first-change.md';
const WATCHING = 'docs/how-to/watch-certificates.md';
/** Without a user that commands of the Azure CLI print. */
const PRINCIPAL = { env: { PRINCIPAL: '9f0c1a6e-0000-0000-0000-000000000001' } };
/** The controller here has no Lease, and there is no Azure CLI. */
const NOT_INSTALLED = { 'aks-ca-trust check': { exits: [3] } };
const NO_CLUSTER =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c';
const CLIENT_ID = '11111111-1111-1111-1111-111111111111';
const OBJECT = 'corporate-roots.yaml';

/** Saves the object of a page, with a cluster and one of Mozilla's certificates in place of `…`. */
function saveObject(world: World, page: string, root: number, cluster: SimulatedCluster = world.cluster): void {
  const block = blocksOf(page).find(
    ({ language, text }) => language === 'yaml' && text.includes('kind: CustomCATrust'),
  );
  if (!block) throw new Error(`${page} shows no object`);
  const pem = roots(root).join('').trim().replaceAll('\n', '\n        ');
  const text = block.text
    .replace(/resourceId: .*/, `resourceId: ${cluster.resourceId}`)
    .replace(/-----BEGIN CERTIFICATE-----\n\s*…/, () => pem)
    // Waiting is what the pages are about, and not what a test should do.
    .replace('  certificates:', '  settleSeconds: 0\n  certificates:');
  world.write(OBJECT, text);
}

/** Saves the object of the page on watching, with a cluster. */
function saveRotation(world: World, name = 'prod-weu'): void {
  const block = blocksOf(WATCHING).find(({ text }) => text.includes('kind: CertificateRotation'));
  if (!block) throw new Error(`${WATCHING} shows no object`);
  const text = block.text
    .replace('name: prod-weu', `name: ${name}`)
    .replace(/resourceId: .*/, `resourceId: ${world.cluster.resourceId}`);
  world.write('prod-weu-certificates.yaml', text);
}

/** Saves the values of the chart that a page shows. */
function saveValues(world: World, page: string): void {
  const block = blocksOf(page).find(({ language, text }) => language === 'yaml' && /^image:/m.test(text));
  if (!block) throw new Error(`${page} shows no values`);
  world.write(
    'values.yaml',
    block.text.replace('<client-id>', CLIENT_ID).replace('<registry>', 'registry.example.com'),
  );
}

/** The Secret of the retired preview, as kubectl prints it. */
function previewSecret(pem: string): string {
  const metadata = { name: 'custom-ca-trust-secret', namespace: 'kube-system' };
  const data = { 'roots.crt': Buffer.from(pem).toString('base64') };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, data });
}

/** The object of the tutorial, created and Ready. */
async function withObject(world: World): Promise<void> {
  saveObject(world, TUTORIAL, 0);
  await world.run(`kubectl apply --server-side --force-conflicts -f ${OBJECT}`);
  await world.run('kubectl wait cct/corporate-roots -n platform --for=condition=Ready --timeout=60s');
}

/** A CertificateRotation as a controller has reported on it. */
async function makeRotation({ rig: { admin } }: World): Promise<void> {
  const metadata = { name: 'prod-weu', namespace: 'platform' };
  const path = objectPath({ kind: 'CertificateRotation', metadata });
  const certificates = [{ name: 'ClusterCA', maintainedBy: 'You', health: 'Unknown', message: 'It was not read.' }];
  await admin.request({
    method: 'POST',
    path: path.replace(/\/prod-weu$/, ''),
    body: {
      apiVersion: API_VERSION,
      kind: 'CertificateRotation',
      metadata,
      spec: { target: { resourceId: NO_CLUSTER } },
    },
  });
  await admin.request({
    method: 'PATCH',
    path: `${path}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { observedGeneration: 1, certificates } },
  });
}

/** By page, or by folder. The tutorial comes first: it makes the namespace that the other pages use. Uninstalling comes last. */
export const RUNS: Readonly<Record<string, PageRun>> = {
  [TUTORIAL]: {
    before: (world) => Promise.resolve(saveObject(world, TUTORIAL, 0)),
    options: { 'kubectl get cct -n platform -w': { stopAfterMs: 1500 } },
    prints: { 'aks-ca-trust status': /1\/10 in use/ },
  },
  'README.md': {
    before: (world) => {
      saveValues(world, 'README.md');
      return Promise.resolve(saveObject(world, 'README.md', 0));
    },
  },
  'docs/how-to/kubeconfig.md': {
    before: async (world) => {
      await world.run('kubectl create secret generic prod-weu-kubeconfig -n platform --from-literal=value=old');
    },
  },
  'docs/concepts/changes.md': { before: withObject },
  'docs/how-to/install.md': {
    options: NOT_INSTALLED,
    before: async (world) => {
      saveValues(world, 'docs/how-to/install.md');
      await world.run('cp -r deploy/kustomize/overlays/example deploy/kustomize/overlays/mine');
    },
  },
  'docs/how-to/migrate.md': {
    before: async (world) => {
      await world.run('kubectl delete cct --all -A');
      const [root = ''] = roots(1);
      const list = [Buffer.from(root).toString('base64')];
      const cluster = await world.rig.addCluster({ name: 'by-hand', customCATrustCertificates: list });
      saveObject(world, TUTORIAL, 1, cluster);
      world.write('old.crt', root);
      await world.run('kubectl -n kube-system create secret generic custom-ca-trust-secret --from-file=old.crt');
    },
    prints: {
      'kubectl get cct corporate-roots': /^Adopted /,
      'kubectl -n kube-system get secret': /^-----BEGIN CERTIFICATE-----$/m,
    },
    after: async (world) => {
      const sent = world.rig.simulator
        .journal()
        .filter(({ operation, resourceId }) => operation === 'PutManagedCluster' && resourceId?.endsWith('/by-hand'));
      if (sent.length > 0) throw new Error('the migration has sent a change');
      await world.run('kubectl delete cct --all -A');
    },
  },
  'docs/how-to/node-access.md': {
    options: { 'kubectl create clusterrolebinding': PRINCIPAL },
    before: async (world) => {
      await world.run('kubectl create namespace team');
      world.write('prod-weu.kubeconfig', world.rig.plane.config.kubeconfigYaml);
    },
    steps: {
      // Two ways, of which a reader takes one, with a binding of the same name.
      'kubectl create clusterrolebinding aks-ca-trust-nodes --clusterrole=aks-ca-trust-nodes --serviceaccount': async (
        world,
      ) => void (await world.run('kubectl delete clusterrolebinding aks-ca-trust-nodes')),
    },
  },
  // Where it would refuse the objects of other pages, it is not installed.
  'docs/how-to/policy.md': { options: { 'kubectl apply': { onEmpty: true } } },
  'docs/how-to/proxy.md': {
    fill: { '<file>': 'proxy.crt' },
    before: (world) => Promise.resolve(world.write('proxy.crt', roots(2).join(''))),
  },
  'docs/how-to/check.md': {
    before: withObject,
    fill: { '<resource-id>': NO_CLUSTER },
    options: NOT_INSTALLED,
    prints: { 'aks-ca-trust check': /^passed {3}API server/ },
  },
  'docs/how-to/certs.md': {
    before: async (world) => {
      world.write('prod-weu.kubeconfig', world.rig.plane.config.kubeconfigYaml);
      await makeRotation(world);
    },
    fill: { '<resource-id>': NO_CLUSTER, '<query endpoint>': 'https://127.0.0.1:1' },
    // The certificates of a test API server are valid for days; there is no Azure CLI.
    options: { 'aks-ca-trust certs': { exits: [1, 2, 3] } },
    prints: {
      'aks-ca-trust certs -f': /^APIServer .* Expiring/m,
      'aks-ca-trust certs prod-weu': /as CertificateRotation platform.prod-weu has it/,
    },
    after: async (world) => void (await world.run('kubectl delete crot --all -A')),
  },
  'docs/how-to/convert.md': {
    fill: { '<resource-id>': NO_CLUSTER },
    before: (world) => {
      const pem = roots(2).join('');
      for (const [file, text] of Object.entries({
        'roots.pem': pem,
        'roots.p7b': pem,
        'roots.p12': pem,
        password: 'x',
      }))
        world.write(file, text);
      world.write('preview.yaml', previewSecret(pem));
      return Promise.resolve();
    },
    prints: {
      'aks-ca-trust convert roots.p7b --to pem': /^$/,
      'aks-ca-trust convert preview.yaml': /^$/,
    },
  },
  'docs/how-to/lint.md': {
    before: (world) => {
      world.write('roots.pem', roots(2).join('\n'));
      saveObject(world, TUTORIAL, 0);
      world.write('overlays/prod/kustomization.yaml', 'resources: [corporate-roots.yaml]\n');
      return world.run(`cp ${OBJECT} overlays/prod`).then(() => undefined);
    },
    prints: {
      'aks-ca-trust lint roots.pem': /^1 file: 0 errors/m,
      'kubectl kustomize': /^1 file: 0 errors/m,
    },
  },
  'docs/how-to/commands.md': {
    before: withObject,
    prints: { 'aks-ca-trust reconcile': /Ready: Trusted/, 'aks-ca-trust version': /^client {15}\d/ },
  },
  [WATCHING]: {
    before: (world) => Promise.resolve(saveRotation(world)),
    // The API server of the simulated cluster is in memory, so that not every certificate is known.
    options: {
      'kubectl wait crot/prod-weu -n platform --for=condition=CertificatesHealthy': { exits: [0, 1] },
      'kubectl create': PRINCIPAL,
    },
    prints: {
      'kubectl get crot -n platform': /^NAME +READY .*\nprod-weu +True /,
      "kubectl get crot prod-weu -n platform -o jsonpath='{range .status.certificates[*]}": /^ClusterCA\t/,
    },
    after: async (world) => void (await world.run('kubectl delete crot --all -A')),
  },
  'docs/how-to/rotate-certificates.md': {
    before: async (world) => {
      saveRotation(world);
      await world.run('kubectl apply --server-side -n platform -f prod-weu-certificates.yaml');
      await world.run('kubectl wait crot/prod-weu -n platform --for=condition=Ready --timeout=60s');
    },
    after: async (world) => void (await world.run('kubectl delete crot --all -A')),
  },
  'docs/how-to/rotate-by-policy.md': {
    before: async (world) => {
      saveRotation(world);
      await world.run('kubectl apply --server-side -n platform -f prod-weu-certificates.yaml');
      await world.run('kubectl wait crot/prod-weu -n platform --for=condition=Ready --timeout=60s');
    },
    prints: { 'kubectl get crot -A': /ANNOUNCED\nplatform +prod-weu / },
    after: async (world) => void (await world.run('kubectl delete crot --all -A')),
  },
  'docs/how-to/who-holds-the-ca.md': {
    options: { 'kubectl create clusterrolebinding': PRINCIPAL },
    before: async (world) => {
      saveRotation(world);
      await world.run('kubectl apply --server-side -n platform -f prod-weu-certificates.yaml');
      await world.run('kubectl wait crot/prod-weu -n platform --for=condition=Ready --timeout=60s');
    },
    after: async (world) => void (await world.run('kubectl delete crot --all -A')),
  },
  'docs/how-to/status.md': { before: withObject },
  'docs/how-to/troubleshoot.md': { before: withObject, options: NOT_INSTALLED },
  'docs/how-to/gitops.md': {
    fill: { '<name>': 'corporate-roots', '<namespace>': 'platform' },
    before: async (world) => {
      await withObject(world);
      await world.run('kubectl create namespace argocd');
      await world.run('kubectl create configmap argocd-cm -n argocd');
    },
  },
  'docs/how-to/staged-rollout.md': {
    fill: { '<namespace>': 'platform' },
    before: async (world) => {
      await withObject(world);
      for (const stage of ['stages/1-test', 'stages/2-canary']) {
        world.write(`${stage}/kustomization.yaml`, `resources: [${OBJECT}]\n`);
        await world.run(`cp ${OBJECT} ${stage}`);
      }
    },
  },
  'docs/how-to/upgrade.md': {
    before: withObject,
    // Neither the upgrade nor the downgrade has lost a value.
    after: async (world) => {
      const has = async (kind: string, value: string) => {
        const text = await world.run(`kubectl get ${kind} aks-ca-trust -n aks-ca-trust-system -o yaml`, {
          onEmpty: true,
        });
        if (!text.includes(value)) throw new Error(`the ${kind} has no ${value}`);
      };
      if (toolPath('helm') === undefined) return;
      await has('deployment', 'image: registry.example.com/aks-ca-trust:');
      await has('serviceaccount', CLIENT_ID);
    },
  },
  'docs/how-to/before-a-rotation.md': {},
  'docs/how-to/windows.md': {
    before: withObject,
    prints: { 'kubectl get cct': /every certificate of this object|update is in progress|replaced|sent/i },
  },
  'docs/how-to/verify.md': { options: { 'kubectl create rolebinding': PRINCIPAL } },
  'docs/runbooks/': {
    before: async (world) => {
      await withObject(world);
      saveRotation(world, 'corporate-roots');
      await world.run('kubectl apply --server-side -n platform -f prod-weu-certificates.yaml');
      await world.run('kubectl wait crot/corporate-roots -n platform --for=condition=Ready --timeout=60s');
    },
    after: async (world) => void (await world.run('kubectl delete crot --all -A')),
    fill: {
      '<kind>': 'customcatrust',
      '<name>': 'corporate-roots',
      '<namespace>': 'platform',
      '<record>': '$(kubectl get targetclusters -o jsonpath={.items[0].metadata.name})',
    },
  },
  'docs/reference/health.md': {},
  'docs/how-to/monitor.md': {
    before: async (world) => {
      await withObject(world);
      await world.run('kubectl create namespace monitoring');
    },
    prints: { 'kubectl get events -n platform': /UpdateSent/ },
  },
};

/** Pages whose commands another test runs, all of them: they take away what the other pages need. */
export const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/how-to/uninstall.md': 'test/lifecycle/uninstall.test.ts',
};
