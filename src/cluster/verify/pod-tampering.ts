import { escapeForDisplay } from '../../api/display.ts';
import type { NodeView } from '../model/observation.ts';
import { taskOf } from './pod-spec.ts';
import { trustFolder } from './trust-store.ts';
import type { NodeResult, PodView } from './types.ts';
import type { WantedVerification } from './request.ts';

/**
 * What a pod is good for that is not the one that was sent: nothing. Webhooks and policies of the cluster may rewrite what they
 * let in, and a pull from another registry says nothing of the one that was named. Undefined for a pod that is as it was sent.
 */
export function alterationOf(
  pod: PodView,
  wanted: WantedVerification,
  object: string,
  node: NodeView,
): NodeResult | undefined {
  const what = changedIn(pod, wanted, object, node);
  if (what === undefined) return undefined;
  return { outcome: 'Unclear', message: `a webhook or policy of the cluster changed the pod: ${what}` };
}

function changedIn(
  { task, object, key, node: where, nodeUid }: PodView,
  wanted: WantedVerification,
  uid: string,
  node: NodeView,
): string | undefined {
  if (object !== uid || key !== wanted.key || nodeUid !== node.uid) return 'its labels and annotations are not ours';
  if (where !== node.name) return `it was sent to ${escapeForDisplay(where === '' ? 'no node' : where)}`;
  const { image, pullPolicy, command, folder } = taskOf(wanted, trustFolder(node.osSku ?? '') ?? '');
  if (wanted.spec.trustStore === undefined) {
    // A policy may pin the image by its digest: that is pulled from the same registry.
    if (registryOf(task.image) !== registryOf(image))
      return `its image is ${escapeForDisplay(task.image)}; where that is what workloads get, name it in spec.verify.image`;
    return task.pullPolicy === pullPolicy ? undefined : `its image is pulled ${escapeForDisplay(task.pullPolicy)}`;
  }
  // Where the check's image comes from does not matter: what it writes is judged.
  if (task.folder !== folder) return `it mounts ${escapeForDisplay(task.folder === '' ? 'nothing' : task.folder)}`;
  const same = task.command.length === command.length && task.command.every((part, index) => part === command[index]);
  return same ? undefined : 'its command is not ours';
}

function registryOf(image: string): string {
  return image.slice(0, image.indexOf('/')).toLowerCase();
}
