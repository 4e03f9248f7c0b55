import type { CustomCATrustSpec } from './generated/customcatrusts.ts';
import type { ObjectMeta } from './object-meta.ts';

/** An object of any kind that asks for something of a cluster. */
export interface ClusterObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: Pick<CustomCATrustSpec, 'target' | 'suspend' | 'window'>;
  status?: object;
}
