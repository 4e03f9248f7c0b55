import { spelledOut } from '../../../../api/spelled-out.ts';
import type { Found } from '../../../model/observation.ts';
import { NAMED, passed, unknown, warned, type PreflightCheck } from './check.ts';
import { whyUnread } from './nodes-unknown.ts';

/** A rotation recreates the machines with their disks and addresses. */
export const localData: PreflightCheck = {
  name: 'LocalData',
  check(input) {
    const { model, nodes, mayName } = input;
    const { localVolumes, localSets } = nodes.kind === 'Read' ? nodes : {};
    const what = 'Whether data is kept on disks of nodes is not known';
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
    // It only warns, so it holds nothing either where it cannot be read.
    if (nodes.kind !== 'Read') return unknown(`${what}. ${whyUnread(input)}`);
    const lists = [
      { name: 'persistentvolumes', found: localVolumes },
      { name: 'statefulsets.apps', found: localSets },
    ];
    const forbidden = lists.filter(({ found }) => found === 'Forbidden').map(({ name }) => name);
    if (forbidden.length > 0)
      return unknown(
        `${what}. Allow the controller to list ${forbidden.join(' and ')} (deploy/target-cluster/certificates-role.yaml).`,
      );
    const unread = lists.filter(({ found }) => found === undefined).map(({ name }) => name);
    return unread.length > 0
      ? unknown(`${what}: ${unread.join(' and ')} could not be read.`)
      : passed('No PersistentVolume, and no StatefulSet without claims, keeps data on disks of nodes.');
  },
};

function shown(
  found: Found | 'Forbidden' | undefined,
  one: string,
  several: string,
  where: string,
  mayName: boolean,
): string[] {
  if (!found || found === 'Forbidden' || found.count === 0) return [];
  const { count, first } = found;
  const what = `${count} ${count === 1 ? one : several} ${where}`;
  if (!mayName) return [`${what}.`];
  const names = first.slice(0, NAMED);
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  return [`${what}: ${names.join(', ')}${more}.`];
}
