import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { toolPath } from '../go-tools/find.ts';
import type { Manifest } from './kustomize.ts';

export const CHART = fileURLToPath(new URL('../../deploy/helm/aks-ca-trust', import.meta.url));
export const NAMESPACE = 'aks-ca-trust-system';

export interface HelmRun {
  readonly ok: boolean;
  readonly output: string;
  readonly errors: string;
}

/** Runs Helm, with no configuration or cache of the machine's user. */
export function helm(args: readonly string[], env: Readonly<Record<string, string>> = {}): HelmRun {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-helm-'));
  const homes = { HELM_CONFIG_HOME: folder, HELM_CACHE_HOME: folder, HELM_DATA_HOME: folder };
  try {
    const { status, stdout, stderr } = spawnSync(toolPath('helm') ?? 'helm', args, {
      encoding: 'utf8',
      env: { ...process.env, ...homes, ...env },
    });
    return { ok: status === 0, output: stdout, errors: stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls `run` with the path of a file that has these values. */
export function withValues<T>(values: object, run: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-values-'));
  try {
    writeFileSync(join(folder, 'values.yaml'), stringify(values));
    return run(join(folder, 'values.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `helm template`, as a cluster of a version that we support would have it. */
export function template(values: object = {}, namespace = NAMESPACE): HelmRun {
  return withValues(values, (file) =>
    helm(['template', 'aks-ca-trust', CHART, '--namespace', namespace, '--kube-version', '1.36.1', '--values', file]),
  );
}

/**
 * The objects of the chart.
 *
 * @throws Error with Helm's message when there are none
 */
export function renderChart(values: object = {}, namespace?: string): Manifest[] {
  const { ok, output, errors } = template(values, namespace);
  if (!ok) throw new Error(errors);
  return parseAllDocuments(output).flatMap((document) => {
    const object = document.toJS() as Manifest | null;
    return object === null ? [] : [object];
  });
}
