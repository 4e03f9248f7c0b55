import { spelledOut } from '../../../../api/spelled-out.ts';
import { isState, isStopped, offTarget, runningOperation } from '../../../model/provisioning-state.ts';
import { NAMED, failed, passed, type PreflightCheck } from './check.ts';

/** AKS rotates the certificates of a running cluster only. */
export const clusterRunning: PreflightCheck = {
  name: 'ClusterRunning',
  check: ({ model }) =>
    isStopped(model) ? failed('The cluster is stopped. Start it (az aks start).') : passed('The cluster is running.'),
};

/** The nodes of a stopped pool keep their certificates, with which they cannot join the cluster again. */
export const poolsRunning: PreflightCheck = {
  name: 'PoolsRunning',
  check({ model }) {
    const stopped = model.pools.filter(isStopped).map(({ name }) => name);
    if (stopped.length === 0) return passed('Every node pool is running.');
    return failed(
      `The nodes of stopped node pools would keep the old certificates: ${spelledOut(stopped, NAMED)}. Start the pools (az aks nodepool start), or delete them.`,
    );
  },
};

export const idle: PreflightCheck = {
  name: 'Idle',
  check({ model }) {
    const running = runningOperation(model);
    if (running !== undefined) return failed(`The cluster is busy: ${running}.`);
    if (isState(model.provisioningState, 'Succeeded')) return passed('ARM reports Succeeded.');
    return failed(`The cluster is in state ${model.provisioningState}. Bring it to Succeeded (az aks update).`);
  },
};

/** A rotation recreates the nodes, which would take part in an upgrade that another client left half done. */
export const onTarget: PreflightCheck = {
  name: 'OnTarget',
  check({ model }) {
    const off = offTarget(model);
    return off === undefined
      ? passed('The control plane and every node pool run the versions that they are meant to run.')
      : failed(`An upgrade is not complete: ${off}. Finish it or undo it.`);
  },
};

export const noOtherOperation: PreflightCheck = {
  name: 'NoOtherOperation',
  check: ({ record: { operation } }) =>
    operation
      ? failed(`An operation of this controller is not complete (${operation.kind}). The rotation is sent after it.`)
      : passed('No operation of this controller is recorded.'),
};

/** The controller's own API server is away during the rotation. */
export const selfHosted: PreflightCheck = {
  name: 'SelfHosted',
  check: ({ ways }) =>
    ways.some(({ kind }) => kind === 'InCluster')
      ? {
          result: 'Warned',
          message:
            'The controller runs in this cluster, so it cannot report while the API server is unavailable. It follows the rotation by ARM, and reports afterwards. Run two replicas, so that one of them is there when the first node is recreated.',
        }
      : passed('No object reads the nodes of this cluster from inside of it.'),
};
