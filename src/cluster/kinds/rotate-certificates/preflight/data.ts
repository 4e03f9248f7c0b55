import { spelledOut } from '../../../../api/spelled-out.ts';
import type { Found } from '../../../model/observation.ts';
import { passed, unknown, warned, type PreflightCheck } from './check.ts';
import { nodesUnknown } from './nodes-unknown.ts';

/** The most names that a message has. */
const NAMED = 3;

/** A rotation recreates the machines with their disks and addresses. */
export const localData: PreflightCheck = {
  name: 'LocalData',
  check(input) {
    const { model, nodes, mayName } = input;
    const { localVolumes, localSets } = nodes.kind === 'Read' ? nodes : {};
    const exposed = model.pools.filter(({ nodePublicIP }) => nodePublicIP).map(({ name }) => name);
    const found = [
      ...shown(localVolumes, 'PersistentVolume is', 'PersistentVolumes are', 'on disks of nodes', mayName),
      ...shown(localSets, 'StatefulSet keeps', 'StatefulSets keep', 'data in emptyDir volumes alone', mayName),
      ...(exposed.length > 0
        ? [`Nodes of these node pools get other public addresses: ${spelledOut(exposed, NAMED)}.`]
        : []),
    ];
    if (found.length > 0)
      return warned(
        `AKS recreates the nodes, and what is on their disks is lost. ${found.join(' ')} Back up that data, and change firewall rules that name such addresses.`,
      );
    if (nodes.kind !== 'Read') return nodesUnknown(input, 'Whether data is kept on disks of nodes is not known');
    const unread = [...(localVolumes ? [] : ['persistentvolumes']), ...(localSets ? [] : ['statefulsets.apps'])];
    return unread.length > 0
      ? unknown(
          `Whether data is kept on disks of nodes is not known. Allow the controller to list ${unread.join(' and ')} (deploy/target-cluster/certificates-role.yaml).`,
        )
      : passed('No PersistentVolume, and no StatefulSet without claims, keeps data on disks of nodes.');
  },
};

function shown(found: Found | undefined, one: string, several: string, where: string, mayName: boolean): string[] {
  if (!found || found.count === 0) return [];
  const { count, first } = found;
  const what = `${count} ${count === 1 ? one : several} ${where}`;
  if (!mayName) return [`${what}.`];
  const names = first.slice(0, NAMED);
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  return [`${what}: ${names.join(', ')}${more}.`];
}
