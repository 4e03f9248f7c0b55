import type { ForeignOperation } from '../cluster/foreign-operation.ts';
import type { ClusterSeed } from '../cluster/cluster-seed.ts';
import type { Left } from '../cluster/left-nodes.ts';
import type { LockSeed } from '../cluster/lock-seed.ts';
import type { OperationEnd } from '../cluster/operation-end.ts';
import type { EndlessTargetOptions } from '../endless-target.ts';
import type { Shortage } from '../cluster/shortage.ts';
import type { Delay, KubeletRenewal, SimulatedCluster, StateChange } from '../simulated-cluster.ts';
import { elementOf, sentAccess } from './cluster-file.ts';

/** The actions on a cluster, by a control request or a scenario. Each is the method of SimulatedCluster of that name. */
export type ClusterAction =
  | ({ readonly action: 'setState' } & StateChange)
  | ({ readonly action: 'startForeignOperation' } & ForeignOperation)
  | ({ readonly action: 'renewKubelet'; readonly node: string } & KubeletRenewal)
  | { readonly action: 'interceptTls' | 'shutOut'; readonly on: boolean }
  | { readonly action: 'setTunnel'; readonly works: boolean }
  | { readonly action: 'changeList'; readonly elements: readonly string[] }
  | { readonly action: 'setListSilently'; readonly elements: readonly string[] }
  | { readonly action: 'scale'; readonly pool: string; readonly count: number }
  | {
      readonly action: 'failNextOperation';
      readonly code: string;
      readonly message: string;
      readonly afterNodes?: number;
    }
  | ({ readonly action: 'endOperations' } & OperationEnd)
  | { readonly action: 'leaveNode'; readonly pool: string; readonly how: Left; readonly node?: string }
  | { readonly action: 'attachNode'; readonly pool: string }
  | { readonly action: 'takeNodeUp'; readonly node: string }
  | ({ readonly action: 'serveEndlessTarget' } & EndlessTargetOptions)
  | { readonly action: 'serveOwnTarget' }
  | { readonly action: 'autoscale'; readonly pool: string; readonly by: number }
  | { readonly action: 'evictMachine'; readonly pool: string; readonly node?: string }
  | ({ readonly action: 'beginShortage' } & Shortage)
  | { readonly action: 'endShortage'; readonly pool?: string }
  | { readonly action: 'setLocks'; readonly locks: readonly LockSeed[] }
  | ({ readonly action: 'delayMachines' } & Delay)
  | { readonly action: 'setNodeReady'; readonly node: string; readonly ready: boolean }
  | { readonly action: 'stopPool' | 'startPool'; readonly pool: string }
  | { readonly action: 'recreate'; readonly seed?: Partial<ClusterSeed> }
  | {
      readonly action:
        | 'rotateCertificates'
        | 'publishRootCa'
        | 'abort'
        | 'stop'
        | 'start'
        | 'delete'
        | 'loseEvents'
        | 'letOperationsEnd';
    };

export const ACTIONS: ReadonlySet<string> = new Set([
  'setState',
  'startForeignOperation',
  'rotateCertificates',
  'renewKubelet',
  'interceptTls',
  'shutOut',
  'setTunnel',
  'publishRootCa',
  'changeList',
  'setListSilently',
  'scale',
  'failNextOperation',
  'endOperations',
  'letOperationsEnd',
  'leaveNode',
  'attachNode',
  'takeNodeUp',
  'serveEndlessTarget',
  'serveOwnTarget',
  'autoscale',
  'evictMachine',
  'beginShortage',
  'endShortage',
  'setLocks',
  'delayMachines',
  'setNodeReady',
  'stopPool',
  'startPool',
  'loseEvents',
  'recreate',
  'abort',
  'stop',
  'start',
  'delete',
] satisfies ClusterAction['action'][]);

/** Does it. Throws when the cluster does not take it now. */
export async function perform(cluster: SimulatedCluster, action: ClusterAction): Promise<void> {
  switch (action.action) {
    case 'setState':
      return cluster.setState(action);
    case 'startForeignOperation':
      return cluster.startForeignOperation(action);
    case 'rotateCertificates':
      return cluster.rotateCertificates();
    case 'renewKubelet':
      return cluster.renewKubelet(action.node, action);
    case 'interceptTls':
      return cluster.interceptTls(action.on);
    case 'shutOut':
      return cluster.shutOut(action.on);
    case 'setTunnel':
      return cluster.setTunnel(action.works);
    case 'publishRootCa':
      return cluster.publishRootCa();
    case 'changeList':
      return cluster.changeList(action.elements.map(elementOf));
    case 'setListSilently':
      return cluster.setListSilently(action.elements.map(elementOf));
    case 'scale':
      return cluster.scale(action.pool, action.count);
    case 'failNextOperation':
      return cluster.failNextOperation(action);
    case 'endOperations':
      return cluster.endOperations(action);
    case 'letOperationsEnd':
      return cluster.letOperationsEnd();
    case 'leaveNode':
      return void (await cluster.leaveNode(action.pool, action.how, action.node));
    case 'attachNode':
      return void (await cluster.attachNode(action.pool));
    case 'takeNodeUp':
      return cluster.takeNodeUp(action.node);
    case 'serveEndlessTarget':
      return void (await cluster.serveEndlessTarget(action));
    case 'serveOwnTarget':
      return cluster.setAccess(undefined);
    case 'autoscale':
      return cluster.autoscale(action.pool, action.by);
    case 'evictMachine':
      return cluster.evictMachine(action.pool, action.node);
    case 'beginShortage':
      return cluster.beginShortage(action);
    case 'endShortage':
      return cluster.endShortage(action.pool);
    case 'setLocks':
      return cluster.setLocks(action.locks);
    case 'delayMachines':
      return cluster.delayMachines(action);
    case 'setNodeReady':
      return cluster.setNodeReady(action.node, action.ready);
    case 'stopPool':
      return cluster.stopPool(action.pool);
    case 'startPool':
      return cluster.startPool(action.pool);
    case 'loseEvents':
      return cluster.loseEvents();
    case 'recreate':
      return cluster.recreate(recreatedSeed(action.seed ?? {}));
    case 'abort':
      return cluster.abort();
    case 'stop':
      return cluster.stop();
    case 'start':
      return cluster.start();
    case 'delete':
      return cluster.delete();
  }
}

/** A path is refused, as in a request that adds a cluster. */
function recreatedSeed({ kubeconfig, apiServer, ...seed }: Partial<ClusterSeed>): Partial<ClusterSeed> {
  if (apiServer !== undefined) throw new TypeError('API servers are started for clusters of scenario files only.');
  return kubeconfig === undefined ? seed : { ...seed, kubeconfig: sentAccess(kubeconfig) };
}
