import { CONTROLLER_NAME } from '../../api/names.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { readLease, versionOf, type Lease } from '../../kubernetes/client/lease.ts';
import { leaseNameOf } from '../../runtime/shard.ts';
import type { Management } from '../client/session.ts';
import type { Checking } from './checking.ts';
import { failed, isForbidden, messageOf, passed, skipped, type Finding } from './finding.ts';

const CHECK = 'Controller';

/** Whether a controller leads: it renews its Lease every two seconds. */
export async function checkRunning(
  { connection }: Management,
  { request: { config }, signal, now, limit }: Checking,
): Promise<readonly Finding[]> {
  const { ownNamespace: namespace, shard } = config;
  const name = leaseNameOf(CONTROLLER_NAME, shard);
  const where = `Lease ${name} in namespace ${namespace}`;
  const start = `kubectl get pods -n ${namespace} shows its pods, and their log the cause`;
  let lease: Lease | undefined;
  try {
    lease = await readLease({ connection, namespace, name }, limit());
  } catch (error) {
    signal.throwIfAborted();
    if (isForbidden(error)) return [skipped(CHECK, `This user may not read the ${where}.`)];
    return [failed(CHECK, `The ${where} cannot be read: ${messageOf(error)}.`)];
  }
  if (lease === undefined)
    return [failed(CHECK, `There is no ${where}: no controller has led here.`, `Install or start it; ${start}.`)];
  const { holderIdentity = '', leaseDurationSeconds = 0, renewTime = '' } = lease.spec ?? {};
  const age = (connection.lastResponseDate ?? now()) - Date.parse(renewTime);
  const seconds = Math.max(0, Math.round(age / 1000));
  if (holderIdentity === '')
    return [failed(CHECK, `The ${where} has no holder: the controller was stopped.`, `Start it; ${start}.`)];
  // The date of the answer has whole seconds.
  if (!(age <= (leaseDurationSeconds + 1) * 1000))
    return [failed(CHECK, `The ${where} was renewed ${seconds} s ago: no controller runs.`, `Start it; ${start}.`)];
  const version = versionOf(lease);
  const which = version === undefined ? '' : ` version ${escapeForDisplay(version, 64)},`;
  return [passed(CHECK, `It runs:${which} ${where}, held by ${holderIdentity}, was renewed ${seconds} s ago.`)];
}
