import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import type { ArmRequest } from './arm-request.ts';

/** A minor version that AKS supports. */
export interface KubernetesVersionSeed {
  /** Such as `1.33`. */
  readonly version: string;
  /** Default: patches 1 to 3. */
  readonly patches?: readonly string[];
  /** Default `KubernetesOfficial` and `AKSLongTermSupport`. */
  readonly supportPlan?: readonly string[];
  readonly isDefault?: boolean;
  readonly isPreview?: boolean;
}

/** Three minor versions with both plans, older ones for the long plan only, and a preview (learn.microsoft.com/azure/aks/supported-kubernetes-versions). */
export const KUBERNETES_VERSIONS: readonly KubernetesVersionSeed[] = [
  { version: '1.30', supportPlan: ['AKSLongTermSupport'] },
  { version: '1.31', supportPlan: ['AKSLongTermSupport'] },
  { version: '1.32' },
  { version: '1.33', isDefault: true },
  { version: '1.34' },
  { version: '1.35', isPreview: true },
];

/** The versions of every region. learn.microsoft.com/rest/api/aks/managed-clusters/list-kubernetes-versions */
export function listKubernetesVersions({ settings }: ArmRequest): Answer {
  const all = settings.kubernetesVersions;
  return json(200, { values: all.map((one, index) => served(one, all.slice(index + 1))) });
}

function served(one: KubernetesVersionSeed, newer: readonly KubernetesVersionSeed[]) {
  const { version, supportPlan = ['KubernetesOfficial', 'AKSLongTermSupport'], isDefault, isPreview } = one;
  const next = newer.slice(0, 1).flatMap(patchesOf);
  const patches = patchesOf(one);
  return {
    version,
    ...(isDefault === true ? { isDefault } : {}),
    ...(isPreview === true ? { isPreview } : {}),
    capabilities: { supportPlan },
    patchVersions: Object.fromEntries(
      patches.map((patch, index) => [patch, { upgrades: [...patches.slice(index + 1), ...next] }]),
    ),
  };
}

function patchesOf({
  version,
  patches = ['1', '2', '3'].map((patch) => `${version}.${patch}`),
}: KubernetesVersionSeed) {
  return patches;
}
