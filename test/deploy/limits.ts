import type { Manifest } from './kustomize.ts';

/** How the admission policies name the account of the controller. */
export function accountsIn(manifests: readonly Manifest[]): string[] {
  const policies = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy') as unknown as {
    spec: { matchConditions: { expression: string }[] };
  }[];
  return policies.flatMap(({ spec }) => spec.matchConditions.map(({ expression }) => expression));
}

/** Who the bindings are for. */
export function subjectsIn(manifests: readonly Manifest[]): { readonly name: string }[] {
  return (manifests as readonly (Manifest & { subjects?: { name: string }[] })[]).flatMap(
    ({ subjects = [] }) => subjects,
  );
}

/** The rules of the NetworkPolicy for connections to the pods. */
export function ingressOf(manifests: readonly Manifest[]): unknown {
  const policy = manifests.find(({ kind }) => kind === 'NetworkPolicy');
  return (policy as (Manifest & { spec?: { ingress?: unknown } }) | undefined)?.spec?.ingress;
}
