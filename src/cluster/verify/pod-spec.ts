import { createHash } from 'node:crypto';
import type { V1Pod } from '@kubernetes/client-node';
import { CONTROLLER_NAME } from '../../api/names.ts';
import type { NodeView } from '../model/observation.ts';
import { POD_DEADLINE } from './judge-pod.ts';
import { TRUST_STORE_SCRIPT } from './trust-store.ts';
import { KEY_LABEL, NODE_UID, OBJECT_LABEL, type PodTask } from './types.ts';
import type { WantedVerification } from './request.ts';

/** A command that no image has: the container fails to start right after the pull, and no program of the image runs. */
const NOTHING = '/aks-ca-trust/pull-only';
const MOUNT = '/trust-store';
/** Name of the controller's own container; webhooks may add others. */
export const CONTAINER = 'verify';
export const VOLUME = 'trust-store';

/** The task of a pod of this verification. `folder` is the node's trust store. */
export function taskOf({ spec, image }: Pick<WantedVerification, 'spec' | 'image'>, folder: string): PodTask {
  if (!spec.trustStore) return { image, pullPolicy: 'Always', command: [NOTHING], folder: '' };
  const command = ['sh', '-c', TRUST_STORE_SCRIPT, 'verify', '/dev/termination-log', MOUNT];
  return { image, pullPolicy: 'IfNotPresent', command, folder };
}

/**
 * The pod that verifies one node. It sets `nodeName`: a scheduler would skip cordoned and full nodes, which pull images as well.
 * It meets the Pod Security Standard "restricted", except for the hostPath volume of the trust store, which only
 * "privileged" allows (kubernetes.io/docs/concepts/security/pod-security-standards).
 *
 * @param object uid of the object it is made for
 * @param folder of the node's trust store; not needed to pull an image
 */
export function podFor(wanted: WantedVerification, object: string, node: NodeView, folder = '') {
  const { spec, key, namespace, pullSecrets } = wanted;
  const readsStore = spec.trustStore !== undefined;
  const { image, pullPolicy, command } = taskOf(wanted, folder);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      // The name follows from object, verification and node, so a second create finds the same pod.
      name: `verify-${createHash('sha256').update(`${object}/${key}/${node.uid}`).digest('hex').slice(0, 20)}`,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': CONTROLLER_NAME, [OBJECT_LABEL]: object, [KEY_LABEL]: key },
      // Without this annotation, a pod without a controller keeps the autoscaler from removing its node.
      annotations: { [NODE_UID]: node.uid, 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' },
    },
    spec: {
      nodeName: node.name,
      restartPolicy: 'Never',
      activeDeadlineSeconds: POD_DEADLINE / 1000,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }],
      ...(pullSecrets.length > 0 ? { imagePullSecrets: pullSecrets.map((name) => ({ name })) } : {}),
      // These ids override the user that the image names.
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_532,
        runAsGroup: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: CONTAINER,
          image,
          imagePullPolicy: pullPolicy,
          command: [...command],
          resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          ...(readsStore ? { volumeMounts: [{ name: VOLUME, mountPath: MOUNT, readOnly: true }] } : {}),
        },
      ],
      // `Directory`: the kubelet does not create a missing folder.
      ...(readsStore ? { volumes: [{ name: VOLUME, hostPath: { path: folder, type: 'Directory' } }] } : {}),
    },
  } satisfies V1Pod;
}
