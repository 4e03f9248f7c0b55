import type { V1Secret } from '@kubernetes/client-node';
import { clusterKey } from '../../../api/resource-id.ts';

/**
 * Annotation of a Secret that the controller may write a kubeconfig into: the resource id of the cluster that it is for. The controller
 * sets it on Secrets that it creates; people set it on one of their own.
 */
export const KUBECONFIG_OF = 'aks-ca-trust.dev/kubeconfig-of';

/** The Secret that an object asks for, and what it shall hold. */
export interface WantedSecret {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly resourceId: string;
  /** A secret. */
  readonly kubeconfig: string;
}

/** What has to be done so that the Secret holds the kubeconfig. */
export type SecretStep =
  | { readonly kind: 'Create'; readonly secret: V1Secret }
  /** One key is replaced, if nothing else about the Secret has changed since it was read. */
  | { readonly kind: 'Replace'; readonly secret: V1Secret }
  | { readonly kind: 'Current' }
  | { readonly kind: 'Refused'; readonly message: string };

/**
 * The step from the Secret as it is (undefined: there is none). A Secret without the annotation belongs to a person, and one that names
 * another cluster would give its users access to the wrong one. No owner is set: deleting the object must not delete access.
 */
export function secretStep(present: V1Secret | undefined, wanted: WantedSecret): SecretStep {
  const { namespace, name, key, resourceId, kubeconfig } = wanted;
  const value = Buffer.from(kubeconfig).toString('base64');
  if (!present) {
    const metadata = { namespace, name, annotations: { [KUBECONFIG_OF]: resourceId } };
    return {
      kind: 'Create',
      secret: { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { [key]: value } },
    };
  }
  const where = `Secret ${namespace}/${name}`;
  const named = present.metadata?.annotations?.[KUBECONFIG_OF];
  if (named === undefined)
    return refused(
      `${where} exists and was not created by the controller, so it is not overwritten. To let the controller write it, annotate it: kubectl annotate secret ${name} -n ${namespace} ${KUBECONFIG_OF}=${resourceId}`,
    );
  if (clusterKey(named) !== clusterKey(resourceId))
    return refused(
      `The annotation ${KUBECONFIG_OF} of ${where} names another cluster, so it is not overwritten. Name another Secret in spec.kubeconfig.`,
    );
  if (present.metadata?.deletionTimestamp !== undefined)
    return refused(`${where} is being deleted. It is created again once it is gone.`);
  if (present.data?.[key] === value) return { kind: 'Current' };
  if (present.immutable) return refused(`${where} is immutable. Delete it, and the controller creates it again.`);
  return { kind: 'Replace', secret: { ...present, data: { ...present.data, [key]: value } } };
}

function refused(message: string): SecretStep {
  return { kind: 'Refused', message };
}
