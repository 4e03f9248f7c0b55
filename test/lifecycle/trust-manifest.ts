import { stringify } from 'yaml';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { entry, roots } from '../integration/rig.ts';

/** The manifest of an object, as a person keeps it in a repository. */
export function trustManifest(object: {
  readonly namespace: string;
  readonly name: string;
  readonly cluster: SimulatedCluster;
  readonly roots: readonly number[];
  readonly deletionPolicy?: 'Retain' | 'Remove';
}): string {
  const { namespace, name, cluster, deletionPolicy } = object;
  return stringify({
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CustomCATrust',
    metadata: { namespace, name },
    spec: {
      target: { resourceId: cluster.resourceId },
      certificates: [entry('ca', ...roots(...object.roots))],
      settleSeconds: 0,
      ...(deletionPolicy === undefined ? {} : { deletionPolicy }),
    },
  });
}
