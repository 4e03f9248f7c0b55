import type { AccessRules } from '../../cluster/model/way.ts';
import type { Policy } from '../../policy/policy.ts';
import type { ControllerConfig } from './config.ts';

/** The rules of flags and policy file for access to target clusters. The policy file is read each time, because it may change. */
export function accessRules(
  { inClusterResourceId, verifyNamespace, verifyTrustStoreImage, ownNamespace }: ControllerConfig,
  policy: () => Policy | undefined,
): AccessRules {
  return {
    operatorSecretFor: ({ resourceId }) => {
      const secret = policy()?.kubeconfigSecretFor(resourceId);
      return secret && { namespace: ownNamespace, ...secret };
    },
    isOwnCluster: ({ key }) => key === inClusterResourceId,
    verification: {
      namespace: verifyNamespace,
      ...(verifyTrustStoreImage === undefined ? {} : { trustStoreImage: verifyTrustStoreImage }),
    },
  };
}
