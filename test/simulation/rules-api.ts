import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { RecordStatus } from '../../src/cluster/model/record.ts';
import type { KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import { addressOf } from './api-requests.ts';
import type { Stored } from './api-server.ts';
import type { Process } from './process.ts';
import { checkFinalizer, checkStatus } from './rules-object.ts';
import { checkRecord, checkRecordRemoval } from './rules-record.ts';
import { violate, type World } from './world.ts';

/** Right before a request leaves a process. */
export function beforeRequest(world: World, process: Process, { method = 'GET', path }: KubernetesRequest): void {
  if (method === 'GET' || addressOf(path).kind === 'leases') return;
  checkLease(world, process, `${method} ${path}`);
}

/** Only the holder of the lease writes. */
export function checkLease(world: World, process: Process, what: string): void {
  const lease = world.api.get('leases', 'system/aks-ca-trust');
  if (!lease) return;
  const holder = lease.spec?.['holderIdentity'];
  if (holder !== process.name)
    violate(world, `only the leader writes: ${what} by ${process.name}, led by ${String(holder)}`);
}

const records = new WeakMap<World, Map<string, RecordStatus>>();

/** What a write made of an object, and what was there before. */
export function afterWrite(world: World, process: Process, request: KubernetesRequest, result: Stored): void {
  const { kind, status, name } = addressOf(request.path);
  const method = request.method ?? 'GET';
  if (kind === 'targetclusters') {
    const cluster = String(result.spec?.['resourceId']).toLowerCase();
    const aks = world.aks.find(({ key }) => key === cluster);
    if (!aks) return violate(world, `a record belongs to a cluster: ${cluster}`);
    const known = records.get(world) ?? new Map<string, RecordStatus>();
    records.set(world, known);
    const before = known.get(result.metadata.uid ?? '') ?? {};
    if (method === 'DELETE') return checkRecordRemoval(world, aks, before);
    const after = (result.status ?? {}) as RecordStatus;
    known.set(result.metadata.uid ?? '', after);
    checkRecord(world, process, aks, before, after);
    if (after.operation && !before.operation) world.signal('RecordWritten');
    return;
  }
  if (kind !== 'customcatrusts' || name === undefined) return;
  if (status) checkStatus(world, process, result);
  else if (!(result as unknown as CustomCATrust).metadata.finalizers?.length) {
    world.signal('FinaliserWritten');
    checkFinalizer(world, process, result);
  } else world.signal('FinaliserWritten');
}
