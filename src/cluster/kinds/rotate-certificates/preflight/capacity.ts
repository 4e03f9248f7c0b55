import { sentences } from '../../../../api/sentences.ts';
import type { ClusterModel } from '../../../../azure/cluster-model.ts';
import { unknown, warned, type PreflightCheck, type PreflightFinding } from './check.ts';

/** Codes and words of AKS for machines that cannot be had: quota, and capacity of the region. */
const QUOTA =
  /quota|AllocationFailed|AllocationFailure|SkuNotAvailable|VMSizeNotSupported|CapacityNotAvailable|PublicIPCountLimit/i;
/** … and for addresses. */
const ADDRESSES = /SubnetIsFull|InsufficientSubnetSize|\bsubnet\b.{0,80}\b(?:full|enough|insufficient|exhausted)\b/i;

/** The most characters of a cause in a message. */
const SHOWN = 300;

/** The quota may be enough for the nodes that are there, and not for those that are made besides them. */
export const surgeQuota: PreflightCheck = {
  name: 'SurgeQuota',
  check: ({ model }) =>
    shortageOf(model, QUOTA, {
      fix: 'Nodes that are recreated may not come back. Raise the quota (az vm list-usage), or choose another size.',
      unseen: `Whether the quota suffices to recreate nodes cannot be read from the cluster. See az vm list-usage --location ${model.location ?? '<region>'}.`,
    }),
};

export const subnetIPs: PreflightCheck = {
  name: 'SubnetIPs',
  check: ({ model }) =>
    shortageOf(model, ADDRESSES, {
      fix: 'Nodes that are recreated may not come back. Make room in the subnet, or use a larger one.',
      unseen:
        'Whether the subnets have addresses for extra nodes cannot be read from the cluster. See az network vnet subnet show.',
    }),
};

/** A warning where the last operation on the cluster or on one of its pools has failed for want of something. */
function shortageOf(
  { provisioningError, pools }: ClusterModel,
  words: RegExp,
  { fix, unseen }: { readonly fix: string; readonly unseen: string },
): PreflightFinding {
  const causes = [
    { of: 'the cluster', error: provisioningError },
    ...pools.map(({ name, provisioningError: error }) => ({ of: `node pool ${name}`, error })),
  ];
  const found = causes.find(({ error }) => error && words.test(`${error.code} ${error.message}`));
  if (!found?.error) return unknown(unseen);
  const { code, message } = found.error;
  const why = [code, message].filter((text) => text !== '').join(': ');
  return warned(sentences(`The last operation on ${found.of} has failed (${why.slice(0, SHOWN)})`, fix));
}
