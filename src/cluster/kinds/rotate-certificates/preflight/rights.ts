import { spelledOut } from '../../../../api/spelled-out.ts';
import { failed, passed, unknown, type PreflightCheck } from './check.ts';

/** The most names that a message has. */
const NAMED = 3;

export const permission: PreflightCheck = {
  name: 'Permission',
  check({ arm }) {
    if (arm?.allowed === undefined)
      return unknown('ARM does not say whether the controller may rotate. It answers that when the rotation is sent.');
    return arm.allowed
      ? passed('A role assignment allows the rotation.')
      : failed(
          'No role assignment of the controller has the action Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action on the cluster. Assign a role that has it.',
        );
  },
};

/** A lock on the group of the nodes lets the CA be replaced, and keeps the old machines from being deleted. */
export const noLock: PreflightCheck = {
  name: 'NoLock',
  check({ arm }) {
    if (!arm?.locks)
      return unknown(
        'The locks of the node resource group cannot be read (Microsoft.Authorization/locks/read). A lock would keep AKS from recreating the nodes.',
      );
    if (arm.locks.length === 0) return passed('The node resource group has no lock.');
    return failed(
      `Locks of the node resource group would keep AKS from recreating the nodes: ${spelledOut(arm.locks, NAMED)}. Remove them until the rotation is complete (az lock delete).`,
    );
  },
};
