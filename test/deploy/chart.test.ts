import { describe, expect, it } from '@jest/globals';
import { toolPath } from '../go-tools/find.ts';
import { renderChart } from './chart.ts';
import { canRender, render, type Manifest } from './kustomize.ts';

const withHelm = toolPath('helm') !== undefined ? describe : describe.skip;

withHelm('the chart', () => {
  (canRender() ? it : it.skip)("renders what the plain manifests have, besides the namespace and Helm's labels", () => {
    const plain = [...render('crds'), ...render('base')].filter(({ kind }) => kind !== 'Namespace');
    expect(byName(renderChart())).toEqual(byName(plain));
  });
});

/** The objects by kind and name, without the labels that only Helm's have. */
function byName(manifests: readonly Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(
    manifests.map(({ metadata: { labels, ...metadata }, ...object }) => {
      const own = Object.entries(labels ?? {}).filter(([name]) => !HELMS.has(name));
      const bare = { ...object, metadata: { ...metadata, labels: Object.fromEntries(own) } };
      return [`${object.kind} ${metadata.name}`, bare];
    }),
  );
}

const HELMS = new Set([
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
]);
