import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { findBuiltTool } from '../test/go-tools/find.ts';
import { objectsIn, type KubernetesObject } from './api-server.ts';
import type { Plane } from './control-planes.ts';
import type { Run } from './run.ts';

/** What the default installation has put into the management cluster, and how it starts the controller. */
export interface Installation {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Arguments of the container. */
  readonly args: readonly string[];
}

const NAMESPACE = 'aks-ca-trust-system';
const ROLE_BINDING = 'deploy/kustomize/components/node-access-secrets/role-binding.yaml';

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly serviceAccountName: string; readonly containers: readonly { args: string[] }[] };
    };
  };
}

/**
 * Installs every object of the default installation. No kubelet runs here, so the Deployment starts no pod: a process on this machine
 * takes its place, with its arguments and the token of its service account.
 *
 * @param secrets namespace of the kubeconfigs that the controller may read
 */
export async function install(run: Run, { admin }: Plane, secrets: string): Promise<Installation> {
  await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: secrets } });
  const { gitVersion } = (await admin.get('/version')) as { gitVersion: string };
  const objects = render(run, gitVersion, secrets);
  for (const object of objects) await admin.apply(object);
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as Deployment | undefined;
  const pod = deployment?.spec.template.spec;
  if (!pod) throw new Error('the installation has no Deployment');
  const kinds = new Set(objects.map(({ kind }) => kind));
  run.screen.say(`${objects.length} objects of ${kinds.size} kinds, from Namespace to ValidatingAdmissionPolicy`);
  return { namespace: NAMESPACE, serviceAccount: pod.serviceAccountName, args: pod.containers[0]?.args ?? [] };
}

/** By Helm where it is, and else from the manifests, which are the same objects (test/deploy/chart.test.ts). */
function render(run: Run, version: string, secrets: string): KubernetesObject[] {
  const { root, screen } = run;
  const namespace = objectsIn(readFileSync(join(root, 'deploy/kustomize/base/namespace.yaml'), 'utf8'));
  const helm = findBuiltTool('helm');
  if (helm !== undefined) {
    const values = ['--set', `nodeAccess.secretNamespaces={${secrets}}`];
    const release = ['aks-ca-trust', 'deploy/helm/aks-ca-trust', '--namespace', NAMESPACE];
    const args = ['template', ...release, '--kube-version', version, ...values];
    screen.say(`$ helm ${args.join(' ')} | kubectl apply --server-side -f -`);
    return [...namespace, ...definitionsFirst(objectsIn(execFileSync(helm, args, { cwd: root, encoding: 'utf8' })))];
  }
  screen.say('helm is not on this machine: the same objects are taken from deploy/kustomize');
  const binding = objectsIn(readFileSync(join(root, ROLE_BINDING), 'utf8'));
  const bound = binding.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: secrets } }));
  const base = kustomized(join(root, 'deploy/kustomize/base'));
  return [...kustomized(join(root, 'deploy/kustomize/crds')), ...namespace, ...base, ...bound];
}

function definitionsFirst(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const isDefinition = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition';
  return [...objects.filter(isDefinition), ...objects.filter((object) => !isDefinition(object))];
}

/** The objects of a kustomization's resources, without its labels. */
function kustomized(path: string): KubernetesObject[] {
  if (!statSync(path).isDirectory()) return objectsIn(readFileSync(path, 'utf8'));
  const file = ['kustomization.yaml', 'Kustomization'].map((name) => join(path, name)).find((one) => existsSync(one));
  if (file === undefined) throw new Error(`there is no kustomization in ${path}`);
  const { resources } = parse(readFileSync(file, 'utf8')) as { resources: string[] };
  return resources.flatMap((resource) => kustomized(join(path, resource)));
}
