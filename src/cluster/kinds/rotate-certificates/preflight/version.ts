import { spelledOut } from '../../../../api/spelled-out.ts';
import type { SupportedVersion } from '../../../../azure/kubernetes-versions.ts';
import { READ_AGAIN } from './nodes-unknown.ts';
import { failed, passed, unknown, warned, type PreflightCheck } from './check.ts';

/** The most versions and pools that a message names. */
const [VERSIONS, POOLS] = [12, 3];

/** The plan of a cluster for which ARM names none. */
const OFFICIAL = 'KubernetesOfficial';

/**
 * AKS may fail to recreate the nodes of a version that it supports no longer. Once the certificates have expired, it takes neither an
 * upgrade nor anything else but a rotation (Azure/AKS#2184), so nothing but a warning is left.
 */
export const versionSupported: PreflightCheck = {
  name: 'VersionSupported',
  check({ model, arm, isExpired }) {
    const { version, supportPlan = OFFICIAL, pools } = model;
    const minor = version && minorOf(version.current);
    if (minor === undefined) return unknown('ARM does not say which Kubernetes version the cluster runs.');
    const versions = arm?.versions;
    if (!versions)
      return unknown(
        'The Kubernetes versions that AKS supports in the region cannot be read (Microsoft.ContainerService/locations/kubernetesVersions/read on the subscription). AKS may not be able to recreate nodes of another version.',
      );
    if (versions === 'Unread') {
      const unread =
        'The Kubernetes versions that AKS supports in the region could not be read, because ARM does not answer, asks for a pause, or the limit of calls to it is reached.';
      // A version that is not supported would only warn.
      return isExpired ? warned(unread) : failed(`${unread} ${READ_AGAIN}`);
    }
    const why = whyUnsupported(minor, supportPlan, versions);
    if (why !== undefined) {
      if (!isExpired) return failed(`${why} Upgrade the cluster before its certificates are rotated (az aks upgrade).`);
      return warned(
        `${why} Certificates of the cluster have expired, so that AKS takes no upgrade before a rotation. Open a support request before it, because AKS may not bring the rotation to its end.`,
      );
    }
    const old = pools.filter(({ currentVersion }) => {
      const own = currentVersion === undefined ? undefined : minorOf(currentVersion);
      return own !== undefined && whyUnsupported(own, supportPlan, versions) !== undefined;
    });
    if (old.length > 0) {
      const named = old.map(({ name, currentVersion }) => `${name} (${currentVersion ?? ''})`);
      return warned(
        `AKS does not support the Kubernetes versions of these node pools any more, and their nodes are recreated: ${spelledOut(named, POOLS)}. Upgrade the pools first (az aks nodepool upgrade).`,
      );
    }
    return versions.some((one) => one.minor === minor && one.isPreview)
      ? warned(`Kubernetes ${minor} is a preview in the region of the cluster, for which AKS gives limited support.`)
      : passed(`AKS supports Kubernetes ${minor} in the region of the cluster.`);
  },
};

/** A whole sentence; undefined for a version that is supported. */
function whyUnsupported(minor: string, plan: string, versions: readonly SupportedVersion[]): string | undefined {
  const found = versions.find((one) => one.minor === minor);
  const minors = spelledOut(
    versions.map((one) => one.minor),
    VERSIONS,
  );
  if (!found) return `AKS does not support Kubernetes ${minor} in the region of the cluster. It supports ${minors}.`;
  const plans = found.plans.map((one) => one.toLowerCase());
  const has = (one: string) => plans.includes(one.toLowerCase());
  if (plans.length === 0 || has(OFFICIAL) || has(plan)) return undefined;
  const others = spelledOut(found.plans, POOLS);
  return `AKS supports Kubernetes ${minor} only with another support plan (${others}), and the cluster has ${plan}.`;
}

/** `1.33` of `1.33.3`; undefined for anything else. */
function minorOf(version: string): string | undefined {
  return /^v?(\d{1,3}\.\d{1,3})(?:\.|$)/.exec(version)?.[1];
}
