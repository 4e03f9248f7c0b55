import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import {
  canRender,
  deploymentOf,
  deploymentsOf,
  render,
  renderOverlay,
  renderWith,
  type Manifest,
} from './kustomize.ts';
import { flagsOf } from './flags-of.ts';
import { accountsIn, ingressOf } from './limits.ts';
import { applyAll, pathOf } from './object-path.ts';
import { readConfig } from '../../src/commands/controller/config.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { leaseNameOf, type Shard } from '../../src/runtime/shard.ts';

/** What the workload identity webhook puts into the pod. azure.github.io/azure-workload-identity */
const WEBHOOK = {
  AZURE_CLIENT_ID: 'client',
  AZURE_TENANT_ID: 'tenant',
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
  AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
};
const POD = { ...WEBHOOK, POD_NAMESPACE: 'aks-ca-trust-system' };

// Needs kubectl, for the kustomize in it.
const withKubectl = canRender() ? describe : describe.skip;

withKubectl('the rendered manifests', () => {
  it('are these objects, with the kinds first', () => {
    const names = render('base').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names).toEqual([
      'Namespace aks-ca-trust-system',
      'ServiceAccount aks-ca-trust',
      'Role aks-ca-trust-leader-election',
      'ClusterRole aks-ca-trust-controller',
      'ClusterRole aks-ca-trust-editor',
      'ClusterRole aks-ca-trust-kubeconfig-reader',
      'ClusterRole aks-ca-trust-kubeconfig-writer',
      'ClusterRole aks-ca-trust-metrics-auth',
      'ClusterRole aks-ca-trust-metrics-reader',
      'ClusterRole aks-ca-trust-rotation-editor',
      'ClusterRole aks-ca-trust-viewer',
      'RoleBinding aks-ca-trust-leader-election',
      'ClusterRoleBinding aks-ca-trust-controller',
      'ClusterRoleBinding aks-ca-trust-metrics-auth',
      'Deployment aks-ca-trust',
      'ValidatingAdmissionPolicy aks-ca-trust-controller',
      'ValidatingAdmissionPolicy aks-ca-trust-records',
      'ValidatingAdmissionPolicy aks-ca-trust-secrets',
      'ValidatingAdmissionPolicyBinding aks-ca-trust-controller',
      'ValidatingAdmissionPolicyBinding aks-ca-trust-records',
      'ValidatingAdmissionPolicyBinding aks-ca-trust-secrets',
      'NetworkPolicy aks-ca-trust',
    ]);
  });

  it('have the resource definitions apart, so that deleting the controller deletes no object', () => {
    const names = render('crds').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names).toEqual([
      'CustomResourceDefinition certificaterotations.aks-ca-trust.dev',
      'CustomResourceDefinition customcatrusts.aks-ca-trust.dev',
      'CustomResourceDefinition targetclusters.aks-ca-trust.dev',
    ]);
  });

  it('configure the controller rightly, together with what the workload identity webhook adds', () => {
    for (const folder of ['base', 'overlays/example']) {
      const [container] = deploymentOf(render(folder)).spec.template.spec.containers;
      expect(readConfig(flagsOf(container?.args.slice(1) ?? []), POD)).toMatchObject({
        config: { leaseNamespace: 'aks-ca-trust-system' },
      });
    }
  });

  it('have probes and scrapes asked where the controller serves them', () => {
    const { template } = deploymentOf(render('base')).spec;
    const [container] = template.spec.containers;
    const reading = readConfig(flagsOf(container?.args.slice(1) ?? []), POD);
    const portOf = (name: string) => container?.ports.find((port) => port.name === name)?.containerPort;
    expect(reading).toMatchObject({
      config: {
        healthAddress: `0.0.0.0:${portOf('health')}`,
        metricsAddress: `0.0.0.0:${portOf('metrics')}`,
        metricsPlainHttp: false,
      },
    });
    expect(container).toMatchObject({
      livenessProbe: { httpGet: { port: 'health' } },
      readinessProbe: { httpGet: { port: 'health' } },
    });
    // A scrape without a token is refused: these annotations would make a target that is down from the first minute.
    expect(Object.keys(template.metadata.annotations ?? {}).filter((name) => /prometheus/.test(name))).toEqual([]);
  });

  it('take image and identity from the example overlay, which is the public cloud and nothing else', () => {
    const manifests = render('overlays/example');
    const [container] = deploymentOf(manifests).spec.template.spec.containers;
    const account = manifests.find(({ kind }) => kind === 'ServiceAccount');
    expect(container?.image).toBe('registry.example.com/aks-ca-trust:0.1.0');
    expect(readConfig(flagsOf(container?.args.slice(1) ?? []), POD)).toMatchObject({
      config: { cloud: { endpoint: 'https://management.azure.com' }, logLevel: 'info' },
    });
    expect(account?.metadata.annotations).toHaveProperty(['azure.workload.identity/client-id']);
  });

  it('run two replicas on different nodes, with the component', () => {
    const manifests = renderWith('components/high-availability');
    const { replicas, template } = deploymentOf(manifests).spec;
    expect(replicas).toBe(2);
    expect(template.spec).toHaveProperty('topologySpreadConstraints');
    expect(manifests.map(({ kind }) => kind)).toContain('PodDisruptionBudget');
  });

  it('run a process for each share of the clusters, with the component, each with the right to its own Lease', () => {
    const manifests = renderWith('components/sharding');
    const shards = deploymentsOf(manifests).map(({ spec }) => {
      const [container] = spec.template.spec.containers;
      const reading = readConfig(flagsOf(container?.args.slice(1) ?? []), POD);
      return reading.ok ? reading.config.shard : reading.faults;
    });
    expect(shards).toEqual([1, 2, 3].map((index) => ({ index, count: 3 })));
    const leases = shards.map((shard) => leaseNameOf('aks-ca-trust', shard as Shard));
    expect(JSON.stringify(manifests.find(({ kind }) => kind === 'Role'))).toContain(JSON.stringify(leases));
  });

  it.each([['base'], ['overlays/example']])('are all for the namespace of an overlay: %s', (folder) => {
    const all = ['policy', 'sharding', 'high-availability', 'monitoring', 'network-policy', 'node-access-secrets'];
    const components = all.map((name) => `components/${name}`);
    // As the page on policies shows it.
    const page = readFileSync(new URL('../../docs/how-to/policy.md', import.meta.url), 'utf8');
    expect(page).toContain('```yaml\nnamespace: trust\nresources: [../../base]\ntransformers: [../../namespace]\n```');
    const overlay = { resources: [folder], components, transformers: ['namespace'], namespace: 'trust' };
    const manifests = renderOverlay(overlay);
    expect(JSON.stringify(manifests)).not.toContain('aks-ca-trust-system');
    expect(accountsIn(manifests)).toEqual([
      'request.userInfo.username == "system:serviceaccount:trust:aks-ca-trust"',
      'request.userInfo.username != "system:serviceaccount:trust:aks-ca-trust"',
      'request.userInfo.username == "system:serviceaccount:trust:aks-ca-trust"',
    ]);
  });

  it('need no more than the namespace where the overlay is a copy of the example', () => {
    const text = readFileSync(new URL('../../deploy/kustomize/overlays/example/kustomization.yaml', import.meta.url));
    expect(parse(text.toString())).toMatchObject({ transformers: ['../../namespace'] });
  });

  it('let the network reach the ports of the container, and no others', () => {
    const manifests = render('base');
    const ports = deploymentOf(manifests).spec.template.spec.containers[0]?.ports;
    expect(ports).toHaveLength(2);
    expect(ingressOf(manifests)).toEqual(
      ports?.map(({ containerPort: port }) => ({ ports: [{ port, protocol: 'TCP' }] })),
    );
  });

  it('mount a policy file that the controller reads, with the component', () => {
    const manifests = renderWith('components/policy');
    const [container] = deploymentOf(manifests).spec.template.spec.containers;
    expect(readConfig(flagsOf(container?.args.slice(1) ?? []), POD)).toMatchObject({
      config: { policyFile: '/etc/aks-ca-trust/policy/policy.yaml' },
    });
    expect(container).toHaveProperty('volumeMounts', [
      { name: 'policy', mountPath: '/etc/aks-ca-trust/policy', readOnly: true },
    ]);
    const policy = manifests.find(({ metadata }) => metadata.name === 'aks-ca-trust-policy');
    const { 'policy.yaml': text = '' } = (policy as unknown as { data: Record<string, string> }).data;
    expect(readPolicy(text)).toMatchObject({ ok: true, warnings: [] });
  });

  it('show a policy on the page about it that can be read', () => {
    const page = readFileSync(new URL('../../docs/how-to/policy.md', import.meta.url), 'utf8');
    const [, text = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    expect(readPolicy(text)).toMatchObject({ ok: true, warnings: [] });
  });

  it('take the rules of a patch as the page about policies shows it', () => {
    const page = readFileSync(new URL('../../docs/how-to/policy.md', import.meta.url), 'utf8');
    const patch = [...page.matchAll(/```yaml\n(.*?)```/gs)]
      .map(([, text = '']) => text)
      .find((text) => /ConfigMap/.test(text));
    const manifests = renderOverlay({ components: ['components/policy'], patch: patch ?? '' });
    const policy = manifests.find(({ metadata }) => metadata.name === 'aks-ca-trust-policy');
    const { 'policy.yaml': text = '' } = (policy as unknown as { data: Record<string, string> }).data;
    const reading = readPolicy(text);
    if (!reading.ok) throw new Error(text);
    const cluster = `/subscriptions/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c`;
    const allowed = (namespace: string) => reading.policy.grants(namespace, cluster).target;
    expect([allowed('platform'), allowed('team-a')]).toEqual([true, false]);
  });

  it('let no Deployment of a share take the pods of another for its own', () => {
    const deployments = deploymentsOf(renderWith('components/sharding'));
    for (const { spec } of deployments) {
      const own = Object.entries(spec.selector.matchLabels);
      const found = deployments.filter(({ spec: { template } }) =>
        own.every(([label, value]) => template.metadata.labels[label] === value),
      );
      expect(found.map((deployment) => deployment.spec)).toEqual([spec]);
    }
    // What is there from an installation without shares becomes the first: a selector cannot be changed.
    const [before] = deploymentsOf(render('base'));
    expect(deployments[0]).toMatchObject({ metadata: before!.metadata, spec: { selector: before!.spec.selector } });
  });
});

withKubectl('a real API server', () => {
  let plane: ControlPlane;
  let admin: Connection;
  beforeAll(async () => {
    // Without our kinds: the manifests bring them.
    plane = await startControlPlane('target', () => {});
    admin = connect(plane.config);
  }, 180_000);
  afterAll(async () => {
    await admin.close();
    await plane.stop();
  });

  it.each(['high-availability', 'sharding', 'policy', 'ca-bundle', 'network-policy', 'node-access-secrets'])(
    'takes each manifest with strict validation, and finds nothing to change the second time: %s',
    async (component) => {
      const manifests = renderWith(`components/${component}`);
      const first = await versionsOf(manifests);
      const second = await versionsOf(manifests);
      expect(second).toEqual(first);
      for (const deployment of deploymentsOf(manifests))
        await admin.request({ method: 'DELETE', path: pathOf(deployment) });
    },
  );

  it('admits the pod under the restricted standard, and not one that is less hardened', async () => {
    const { metadata, spec } = deploymentOf(render('base')).spec.template;
    await applyAll(
      admin,
      render('base').filter(({ kind }) => kind === 'Namespace' || kind === 'ServiceAccount'),
    );
    const create = (podSpec: object) =>
      admin.request({
        method: 'POST',
        path: '/api/v1/namespaces/aks-ca-trust-system/pods',
        query: { dryRun: 'All', fieldValidation: 'Strict' },
        body: { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'controller' }, spec: podSpec },
      });
    await expect(create(spec)).resolves.toMatchObject({ kind: 'Pod' });
    await expect(create({ ...spec, securityContext: {} })).rejects.toThrow('violates PodSecurity "restricted:latest"');
  });

  it('keeps the objects when the controller is deleted with its manifests', async () => {
    const kubectl = (...args: string[]) =>
      execFileSync('kubectl', args, {
        cwd: fileURLToPath(new URL('../../deploy/kustomize', import.meta.url)),
        env: { ...process.env, KUBECONFIG: plane.config.kubeconfigPath },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    kubectl('apply', '--server-side', '-k', 'crds');
    kubectl('wait', '--for=condition=Established', 'crd/customcatrusts.aks-ca-trust.dev');
    // The test before has applied parts of it, as another manager of fields.
    kubectl('apply', '--server-side', '--force-conflicts', '-k', 'overlays/example');
    const path = '/apis/aks-ca-trust.dev/v1alpha1/namespaces/default/customcatrusts';
    const resourceId =
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c';
    const body = {
      apiVersion: 'aks-ca-trust.dev/v1alpha1',
      kind: 'CustomCATrust',
      metadata: { name: 'kept' },
      spec: { target: { resourceId }, certificates: [] },
    };
    await admin.request({ method: 'POST', path, body });
    kubectl('delete', '-k', 'overlays/example', '--wait=false');
    expect(kubectl('get', 'deployments', '-A', '-o', 'name')).toBe('');
    expect(kubectl('get', 'customcatrusts', '-n', 'default', '-o', 'name')).toBe(
      'customcatrust.aks-ca-trust.dev/kept\n',
    );
  });

  /** Returns their versions. */
  async function versionsOf(manifests: readonly Manifest[]): Promise<string[]> {
    const applied = await applyAll(admin, manifests);
    return applied.map(({ kind, metadata }) => {
      const { name, uid, generation, resourceVersion } = metadata as Manifest['metadata'] & {
        uid: string;
        generation?: number;
        resourceVersion: string;
      };
      // A definition's own controller goes on writing its status.
      return `${kind} ${name} ${uid} ${kind === 'CustomResourceDefinition' ? generation : resourceVersion}`;
    });
  }
});
