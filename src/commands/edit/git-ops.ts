import type { ClusterObject } from '../../api/cluster-object.ts';
import { escapeForDisplay } from '../../api/display.ts';

/** Labels and annotations by which GitOps tools mark the objects that they apply. */
const MARKS: readonly (readonly [tool: string, key: string])[] = [
  ['Flux', 'kustomize.toolkit.fluxcd.io/name'],
  ['Flux', 'helm.toolkit.fluxcd.io/name'],
  ['Argo CD', 'argocd.argoproj.io/tracking-id'],
  ['Argo CD', 'argocd.argoproj.io/instance'],
];

/** Says what a GitOps tool will do to an edit of spec.suspend; undefined where no tool has marked the object. */
export function gitOpsNote({ metadata }: ClusterObject, value: 'true' | 'false'): string | undefined {
  const marks = { ...metadata.labels, ...metadata.annotations };
  const [tool, key] = MARKS.find(([, name]) => marks[name] !== undefined) ?? [];
  if (tool === undefined || key === undefined) return undefined;
  const owner = escapeForDisplay(marks[key] ?? '', 128);
  return `${tool} applies this object (${key}: ${owner}). Where its manifest sets spec.suspend, ${tool} sets that value again at its next sync; write suspend: ${value} there to keep it.`;
}
