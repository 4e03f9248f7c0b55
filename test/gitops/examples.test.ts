import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

interface Kustomization {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly sourceRef: object;
    readonly wait: boolean;
    readonly prune: boolean;
    readonly path: string;
  };
}

interface ApplicationSet {
  readonly spec: {
    readonly strategy: {
      readonly rollingSync: {
        readonly steps: readonly { readonly matchExpressions: readonly { readonly values: readonly string[] }[] }[];
      };
    };
    readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
  };
}

function documents(file: string): unknown[] {
  const text = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

describe.each(['flux/install.yaml', 'flux/stages.yaml'])('the example %s', (file) => {
  const steps = documents(file) as Kustomization[];

  it('waits in each step for all objects, and begins each with the one before, from one source', () => {
    const before = steps.map(({ metadata }) => metadata.name);
    const chain = steps.map(({ spec }) => spec.dependsOn?.map(({ name }) => name));
    expect(chain).toEqual([undefined, ...before.slice(0, -1).map((name) => [name])]);
    expect(steps.map(({ spec }) => spec.wait)).toEqual(steps.map(() => true));
    expect(new Set(steps.map(({ spec }) => JSON.stringify(spec.sourceRef))).size).toBe(1);
  });

  it('prunes everything but the resource definitions', () => {
    const kept = steps.filter(({ spec }) => !spec.prune).map(({ spec }) => spec.path);
    expect(kept).toEqual(file === 'flux/install.yaml' ? ['./deploy/kustomize/crds'] : []);
  });
});

it('the stages of Flux and those of Argo CD are the same folders, in the same order', () => {
  const [set] = documents('argocd/stages.yaml') as [ApplicationSet];
  const steps = set.spec.strategy.rollingSync.steps.map(({ matchExpressions }) => matchExpressions[0]?.values);
  const stages = (documents('flux/stages.yaml') as Kustomization[]).map(({ spec }) => spec.path);
  expect(steps.map((values) => `./stages/${values?.join()}`)).toEqual(stages);
  expect(set.spec.template.metadata.labels).toEqual({ stage: '{{ .path.basename }}' });
});
