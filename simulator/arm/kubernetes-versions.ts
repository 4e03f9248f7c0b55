import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import type { KubernetesVersionSeed } from '../kubernetes-versions.ts';
import type { ArmRequest } from './arm-request.ts';

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
