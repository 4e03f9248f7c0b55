import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { ROOT } from './paths.ts';

/** Helm on the PATH, or the one that the tests have. */
const HELM = process.env['AKS_CA_TRUST_HELM'] ?? 'helm';

export function hasHelm(): boolean {
  return spawnSync(HELM, ['version']).status === 0;
}

/** The image that the chart installs unless a user names another. */
export interface ChartImage {
  readonly repository: string;
  /** Empty: the image is named by the tag of the chart's appVersion. */
  readonly digest: string;
}

/**
 * Packages the chart with this image in its values.
 *
 * @returns path of the package
 */
export function packageChart({ repository, digest }: ChartImage, dist = join(ROOT, 'dist')): string {
  const target = join(dist, 'chart');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const chart = join(target, 'aks-ca-trust');
  cpSync(join(ROOT, 'deploy/helm/aks-ca-trust'), chart, { recursive: true });
  const values = parseDocument(readFileSync(join(chart, 'values.yaml'), 'utf8'));
  for (const [name, value] of Object.entries({ repository, digest })) {
    if (!values.hasIn(['image', name])) throw new Error(`values.yaml of the chart has no image.${name}`);
    values.setIn(['image', name], value);
  }
  writeFileSync(join(chart, 'values.yaml'), values.toString({ lineWidth: 0 }));
  const printed = execFileSync(HELM, ['package', chart, '--destination', target], { encoding: 'utf8' });
  return printed.trim().split(' ').at(-1) ?? '';
}
