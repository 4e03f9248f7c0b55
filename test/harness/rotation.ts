import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { readRotationIntent, type RotationIntent } from '../../src/cluster/model/rotation.ts';
import { OPEN_GRANTS, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { at, CLUSTER_ID, mark, START } from './build.ts';

export interface RotationOptions extends Partial<Omit<CertificateRotation['spec'], 'target' | 'request'>> {
  /** The root whose rotation is requested. */
  readonly replace?: number;
  readonly namespace?: string;
  readonly generation?: number;
  readonly deleting?: boolean;
  readonly createdAt?: number;
  readonly annotations?: Record<string, string>;
  /** True: a kubeconfig in the Secret `nodes`. */
  readonly nodeAccess?: boolean;
  readonly status?: CertificateRotation['status'];
}

/** An object with mode Rotate, if not said otherwise. */
export function rotation(name: string, options: RotationOptions = {}): CertificateRotation {
  const { replace, namespace = 'team', generation = 1, deleting, annotations, status, nodeAccess, ...more } = options;
  const { createdAt = START, ...spec } = more;
  return {
    apiVersion: API_VERSION,
    kind: 'CertificateRotation',
    metadata: {
      namespace,
      name,
      uid: `uid-rotation-${name}`,
      generation,
      creationTimestamp: at(createdAt),
      ...(annotations ? { annotations } : {}),
      ...(deleting ? { deletionTimestamp: at(START) } : {}),
    },
    spec: {
      target: {
        resourceId: CLUSTER_ID.resourceId,
        ...(nodeAccess ? { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } } } : {}),
      },
      mode: 'Rotate',
      acceptDowntime: true,
      ...(replace === undefined ? {} : { request: { replaceCA: mark(replace) } }),
      ...spec,
    },
    ...(status ? { status } : {}),
  };
}

/** The name of an object among the intents of its cluster. */
export function rotationName(name: string, namespace = 'team'): string {
  return `${namespace}/CertificateRotation:${name}`;
}

export const ROTATE_GRANTS = { ...OPEN_GRANTS, rotate: true };

/** Every namespace may rotate. */
export const ROTATE_POLICY: Policy = { ...OPEN_POLICY, grants: () => ROTATE_GRANTS };

export function rotationIntent(name: string, options: RotationOptions = {}, grants = ROTATE_GRANTS): RotationIntent {
  return readRotationIntent(rotation(name, options), grants);
}
