import { sentences } from '../../../../api/sentences.ts';
import { spelledOut } from '../../../../api/spelled-out.ts';
import { READ_AGAIN } from './nodes-unknown.ts';
import { NAMED, ESTIMATE, failed, passed, unknown, warned, type PreflightCheck } from './check.ts';

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

/**
 * The controller follows a rotation by ARM. In the cluster that it runs in, the keys that sign its token for signing in change with the
 * certificates, so that it may not be able to sign in for a while.
 */
export const armTokenFresh: PreflightCheck = {
  name: 'ArmTokenFresh',
  check({ arm, now }) {
    const token = arm?.token;
    if (!token) return unknown('How long the token for ARM lasts is not known. Without one, the progress is not seen.');
    if (!token.ok)
      return failed(
        sentences(
          `The token for ARM ends soon, and the controller cannot sign in for another one: ${token.message}`,
          'A rotation could not be followed. Correct the identity of the controller (aks-ca-trust check).',
        ),
      );
    return token.endsAt - now >= ESTIMATE
      ? passed('The token for ARM lasts longer than a rotation is expected to take.')
      : warned(
          `The token for ARM lasts less than ${ESTIMATE / 60_000} minutes, although it is new. Where the controller runs in this cluster, the progress of the rotation may not be seen for a while.`,
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
    if (arm.locks === 'Unread')
      return failed(
        `The locks of the node resource group could not be read, because ARM does not answer, asks for a pause, or the limit of calls to it is reached. A lock would keep AKS from recreating the nodes. ${READ_AGAIN}`,
      );
    if (arm.locks.length === 0) return passed('The node resource group has no lock.');
    return failed(
      `Locks of the node resource group would keep AKS from recreating the nodes: ${spelledOut(arm.locks, NAMED)}. Remove them until the rotation is complete (az lock delete).`,
    );
  },
};
