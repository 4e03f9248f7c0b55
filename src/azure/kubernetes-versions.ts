import { armText } from './arm-text.ts';
import { readObject } from './read-object.ts';

/** A minor version of Kubernetes that AKS supports in a region. */
export interface SupportedVersion {
  /** Such as `1.33`. */
  readonly minor: string;
  /** The support plans that have it: `KubernetesOfficial`, `AKSLongTermSupport`. Empty where ARM names none. */
  readonly plans: readonly string[];
  readonly isPreview: boolean;
}

/** The most versions that are read. AKS supports about ten. */
const MOST = 100;
/** The most plans of one version, and characters of one. */
const [MOST_PLANS, PLAN] = [8, 64];
const MINOR = /^\d{1,3}\.\d{1,3}$/;

/**
 * The path of the versions that AKS supports in a region.
 * learn.microsoft.com/rest/api/aks/managed-clusters/list-kubernetes-versions
 *
 * @param location as {@link ClusterModel.location} has it
 */
export function kubernetesVersionsPath(subscriptionId: string, location: string): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/locations/${encodeURIComponent(location)}/kubernetesVersions`;
}

/** The versions in the text of an answer; undefined where it is no such answer, or has no version that can be read. */
export function readKubernetesVersions(text: string): readonly SupportedVersion[] | undefined {
  const values = readObject(text)?.['values'];
  if (!Array.isArray(values)) return undefined;
  const versions = values.slice(0, MOST).flatMap(readVersion);
  return versions.length === 0 ? undefined : versions;
}

function readVersion(value: unknown): SupportedVersion[] {
  const { version, capabilities, isPreview } = (value ?? {}) as Record<string, unknown>;
  if (typeof version !== 'string' || !MINOR.test(version)) return [];
  const { supportPlan } = (capabilities ?? {}) as Record<string, unknown>;
  const named: readonly unknown[] = Array.isArray(supportPlan) ? supportPlan.slice(0, MOST_PLANS) : [];
  const plans = named.map((plan) => armText(plan)).filter((plan) => plan !== '' && plan.length <= PLAN);
  return [{ minor: version, plans, isPreview: isPreview === true }];
}
