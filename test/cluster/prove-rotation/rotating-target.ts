import { afterAll, beforeAll } from '@jest/globals';
import { accountUser, kubeconfig } from '../../../simulator/arm/kubeconfig.ts';
import { startSimulator, type Simulator, type TargetAccess } from '../../../simulator/index.ts';
import { startTargetApiServer, type TargetApiServer } from '../../integration/target-api-server.ts';

/** A real API server that can be rotated; one for all tests of a file. */
export interface RotatingTarget {
  readonly target: TargetApiServer;
  /** Access to it from before any rotation. */
  readonly before: TargetAccess;
}

export function useRotatingTarget(): RotatingTarget {
  let simulator: Simulator;
  let target: TargetApiServer;
  let before: TargetAccess;
  beforeAll(async () => {
    simulator = await startSimulator();
    target = await startTargetApiServer(simulator);
    before = await target.access();
  });
  afterAll(async () => {
    await target.stop();
    await simulator.stop();
  });
  return {
    get target() {
      return target;
    },
    get before() {
      return before;
    },
  };
}

/** The kubeconfig that ARM returns for it; `user` are the fields of its user. */
export function kubeconfigOf(access: TargetAccess, user = accountUser(access)): string {
  return kubeconfig({ cluster: 'prod', userName: 'u', server: access.server, caPem: access.caPem, user });
}
