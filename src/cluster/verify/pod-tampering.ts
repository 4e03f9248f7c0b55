import { escapeForDisplay } from '../../api/display.ts';
import type { NodeView } from '../model/observation.ts';
import { taskOf } from './pod-spec.ts';
import { trustFolder } from './trust-store.ts';
import type { NodeResult, PodView } from './types.ts';
import type { WantedVerification } from './request.ts';

/**
 * The result for a pod that a webhook or policy of the cluster changed: it proves nothing, because a pull from another registry
 * says nothing about the one in the spec. Undefined for a pod that is as it was sent.
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
    // A policy may pin the image by its digest, which is pulled from the same registry.
    if (registryOf(task.image) !== registryOf(image))
      return `its image is ${escapeForDisplay(task.image)}; if workloads get the same image, name it in spec.verify.image`;
    return task.pullPolicy === pullPolicy ? undefined : `its imagePullPolicy is ${escapeForDisplay(task.pullPolicy)}`;
  }
  // The registry of the check's image does not matter: only its output is judged.
  if (task.folder !== folder) return `it mounts ${escapeForDisplay(task.folder === '' ? 'nothing' : task.folder)}`;
  const same = task.command.length === command.length && task.command.every((part, index) => part === command[index]);
  return same ? undefined : 'its command is not ours';
}

function registryOf(image: string): string {
  return image.slice(0, image.indexOf('/')).toLowerCase();
}
