import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';

/** Any object of a rendering; a test names the members that it reads. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

export interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly spec: PodSpec;
      readonly metadata: Required<Pick<Manifest['metadata'], 'labels' | 'annotations'>>;
    };
  };
}

export interface PodSpec {
  readonly securityContext: { readonly runAsUser: number };
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly {
    readonly image: string;
    readonly args: readonly string[];
    readonly env?: readonly { readonly name: string }[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  }[];
}

const root = fileURLToPath(new URL('../../deploy/kustomize/', import.meta.url));

/** Whether there is a kubectl, whose kustomize renders. */
export function canRender(): boolean {
  try {
    execFileSync('kubectl', ['kustomize', '--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Renders a folder of deploy/kustomize. */
export function render(folder: string): Manifest[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { cwd: root, encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** Renders the base with components on top, as an overlay of a user's own, elsewhere on the disk. */
export function renderWith(...components: readonly string[]): Manifest[] {
  return renderOverlay({ components });
}

/** The same, with a patch in a file beside it, or with members of its own. */
export function renderOverlay(overlay: {
  readonly components?: readonly string[];
  readonly patch?: string;
  /** Folders of deploy/kustomize. */
  readonly resources?: readonly string[];
  readonly transformers?: readonly string[];
  readonly namespace?: string;
}): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-overlay-'));
  try {
    const from = (name: string) => relative(folder, join(root, name));
    const patches = overlay.patch === undefined ? [] : [{ path: 'patch.yaml' }];
    const { resources = ['base'], components = [], transformers = [], namespace } = overlay;
    const folders = { resources: resources.map(from), components: components.map(from) };
    const kustomization = { ...folders, transformers: transformers.map(from), patches, namespace };
    writeFileSync(join(folder, 'patch.yaml'), overlay.patch ?? '');
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
    return render(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The only one. */
export function deploymentOf(manifests: readonly Manifest[]): Deployment {
  const [found, ...others] = deploymentsOf(manifests);
  if (found === undefined || others.length > 0) throw new Error('there is not one Deployment');
  return found;
}

export function deploymentsOf(manifests: readonly Manifest[]): Deployment[] {
  return manifests.filter(({ kind }) => kind === 'Deployment') as Deployment[];
}
