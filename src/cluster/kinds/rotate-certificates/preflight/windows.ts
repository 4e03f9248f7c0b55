import type { ClusterModel } from '../../../../azure/cluster-model.ts';
import { sentences } from '../../../../api/sentences.ts';
import type { MaintenanceReading } from '../../../../azure/maintenance-windows.ts';
import { momentOf } from '../../../model/record.ts';
import { READ_AGAIN } from './nodes-unknown.ts';
import { ESTIMATE, failed, passed, unknown, warned, type PreflightCheck } from './check.ts';

const AUTO_UPGRADE = 'aksManagedAutoUpgradeSchedule';
const NODE_OS = 'aksManagedNodeOSUpgradeSchedule';

/**
 * The maintenance configurations in which AKS upgrades the cluster or its nodes by itself. One whose channel is off opens without effect;
 * a cluster without a channel for the images of its nodes has one by default. learn.microsoft.com/azure/aks/auto-upgrade-node-os-image
 */
function upgradeWindows({ upgradeChannel = 'none', nodeOSUpgradeChannel = '' }: ClusterModel): readonly string[] {
  return [
    ...(upgradeChannel.toLowerCase() === 'none' ? [] : [AUTO_UPGRADE]),
    ...(['none', 'unmanaged'].includes(nodeOSUpgradeChannel.toLowerCase()) ? [] : [NODE_OS]),
  ];
}

/** The maintenance configurations that the checks before a rotation need. */
export function checkedWindows(model: ClusterModel): readonly string[] {
  return [...new Set([...upgradeWindows(model), ...(isInWindowOnly(model) ? [NODE_OS] : [])])];
}

/** An upgrade that AKS begins by itself would meet the rotation half-way. */
export const noUpgradeWindow: PreflightCheck = {
  name: 'NoUpgradeWindow',
  check({ model, maintenance, chosenWindows, now }) {
    const windows = upgradeWindows(model).map((name) => ({ name, reading: maintenance?.get(name) }));
    if (windows.length === 0) return passed('AKS upgrades nothing in this cluster by itself.');
    const due = windows.flatMap(({ name, reading }) => {
      const when = dueIn(reading, now);
      return when === undefined ? [] : [{ name, when, isChosen: chosenWindows.has(name) }];
    });
    const [first] = due.filter(({ isChosen }) => !isChosen);
    if (first)
      return failed(
        `The maintenance configuration ${first.name} of the cluster ${first.when}. AKS may begin an upgrade then, and a rotation may take ${ESTIMATE / 60_000} minutes. It waits for the end of the window. To rotate in it, name it in spec.window.maintenanceConfiguration.`,
      );
    const unread = windows.flatMap(({ name, reading }) => {
      if (reading === undefined) return [{ name, isForbidden: false, why: '' }];
      if (reading.kind !== 'Unreadable') return [];
      const { code, message } = reading.failure;
      return [{ name, isForbidden: reading.forbidden === true, why: shortened(`${code}: ${message}`) }];
    });
    const failure = unread.find(({ isForbidden }) => !isForbidden);
    if (failure)
      return failed(
        sentences(
          `The maintenance configuration ${failure.name} of the cluster could not be read, so that AKS may begin an upgrade during the rotation`,
          failure.why,
          READ_AGAIN,
        ),
      );
    const [forbidden] = unread;
    if (forbidden)
      return unknown(
        `The maintenance configuration ${forbidden.name} of the cluster cannot be read (Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read). AKS may begin an upgrade during the rotation.`,
      );
    const [chosen] = due;
    if (chosen)
      return warned(
        `AKS may begin an upgrade during the rotation: the maintenance configuration ${chosen.name}, which spec.window names, ${chosen.when}.`,
      );
    const open = windows.filter(({ reading }) => reading?.kind === 'Missing').map(({ name }) => name);
    return open.length === windows.length
      ? passed(`The cluster has no maintenance configuration ${open.join(' or ')}, so AKS may upgrade it at any time.`)
      : passed('No maintenance configuration in which AKS upgrades the cluster opens soon.');
  },
};

/** The most characters of ARM's words that are shown. */
const WORDS = 300;

function shortened(text: string): string {
  return text.length > WORDS ? `${text.slice(0, WORDS)}…` : text;
}

/** The policy of the cluster refuses what recreates nodes, or lets it begin in a window only. */
export const nodeDisruptionPolicy: PreflightCheck = {
  name: 'NodeDisruptionPolicy',
  check({ model, maintenance }) {
    const { nodeDisruptionPolicy: policy } = model;
    if (policy === undefined)
      return unknown(
        'ARM does not show the node disruption policy of the cluster in this api-version. With Block it may refuse the rotation.',
      );
    if (policy.toLowerCase() === 'block')
      return failed(
        'The node disruption policy of the cluster is Block, which forbids what recreates nodes. Set nodeDisruptionProfile.nodeDisruptionPolicy to Allow.',
      );
    if (!isInWindowOnly(model)) return passed(`The node disruption policy of the cluster is ${policy}.`);
    const reading = maintenance?.get(NODE_OS);
    // Without the window, everything is allowed. learn.microsoft.com/azure/aks/node-disruption-policy
    if (reading?.kind === 'Missing' || (reading?.kind === 'Read' && reading.state.kind === 'Open'))
      return passed('The node disruption policy of the cluster allows the rotation now.');
    return warned(
      `The node disruption policy of the cluster is ${policy}, so ARM may refuse the rotation outside of the maintenance configuration ${NODE_OS}. To rotate in it, name it in spec.window.maintenanceConfiguration.`,
    );
  },
};

function isInWindowOnly({ nodeDisruptionPolicy: policy }: ClusterModel): boolean {
  return policy?.toLowerCase() === 'allowduringmaintenancewindow';
}

/** When a window that concerns a rotation opens, or how long it is open; undefined for every other one. */
function dueIn(reading: MaintenanceReading | undefined, now: number): string | undefined {
  if (reading?.kind !== 'Read') return undefined;
  const { state } = reading;
  if (state.kind === 'Open') return `is open until ${momentOf(state.until)}`;
  if (state.kind === 'Closed' && state.opensAt - now < ESTIMATE) return `opens at ${momentOf(state.opensAt)}`;
  return undefined;
}
