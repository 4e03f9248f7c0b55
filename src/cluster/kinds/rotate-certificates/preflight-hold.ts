import { spelledOut } from '../../../api/spelled-out.ts';
import type { ConditionValue } from '../../../api/conditions.ts';
import type { ClusterModel } from '../../../azure/cluster-model.ts';
import type { Hold } from '../../model/decision.ts';
import type { HoldInput } from '../../model/hold-check.ts';
import type { Intent } from '../../model/intent.ts';
import type { Observation } from '../../model/observation.ts';
import type { RecordStatus } from '../../model/record.ts';
import { rotationsOf, type RotationIntent } from '../../model/rotation.ts';
import { SHORTEST_WAIT } from '../../model/timing.ts';
import { accessKeyOf } from '../../model/rotation-access.ts';
import { dependentsOf } from './consumers.ts';
import { ACCEPTABLE, type Acceptable } from './preflight/check.ts';
import { preflight, type PreflightRow } from './preflight/index.ts';

/** The most messages that a hold spells out; the rows have all of them. */
const SPELLED_OUT = 3;

/**
 * The checks before a rotation that these objects ask for; undefined until what they need was read. What any of the objects accepts
 * is accepted, because each of them asks for this rotation.
 *
 * @param mayName whether they name what is in the cluster: see {@link maySeeNames}
 */
export function preflightRows(
  { nodes, ways, armBefore, noted, maintenance, arm }: Observation,
  model: ClusterModel,
  record: Pick<RecordStatus, 'operation' | 'refusal'>,
  intents: readonly Intent[],
  now: number,
  mayName: boolean,
): PreflightRow[] | undefined {
  // Without any way there is nothing to read.
  if (!armBefore || noted === 'NotYet' || (nodes.kind === 'NotRead' && ways.judge !== 'ARM')) return undefined;
  const rotations = rotationsOf(intents);
  const words = rotations.flatMap(({ object }) => object.spec.accept ?? []);
  return preflight({
    model,
    nodes,
    mayName,
    arm: armBefore,
    armAheadMs: arm.ok ? arm.reading.armAheadMs : undefined,
    maintenance,
    chosenWindows: new Set(rotations.flatMap(({ object }) => object.spec.window?.maintenanceConfiguration ?? [])),
    isExpired: hasExpired(record, rotations),
    dependents: mostDependents(rotations),
    noted,
    record,
    ways: ways.operator,
    accepted: new Set<Acceptable>(ACCEPTABLE.filter((word) => words.includes(word))),
    now,
  });
}

/** True for an object whose own access is the one over which the nodes were read: no other object sees names of what is in the cluster. */
export function maySeeNames(intent: RotationIntent, ways: Observation['ways']): boolean {
  return accessKeyOf(intent, ways) === ways.judge;
}

/** The objects of a cluster may search over different ways: the one that found most knows best. */
function mostDependents(rotations: readonly RotationIntent[]): number | undefined {
  const counts = rotations.flatMap(({ object }) => dependentsOf(object.status)?.count ?? []);
  return counts.length === 0 ? undefined : Math.max(...counts);
}

/** True where ARM refused a change because of expired certificates, or the objects report some on which all others depend. */
function hasExpired({ refusal }: Pick<RecordStatus, 'refusal'>, rotations: readonly RotationIntent[]): boolean {
  if (refusal?.reason === 'ClusterCertificatesExpired') return true;
  const rows = rotations.flatMap(({ object }) => object.status?.certificates ?? []);
  return rows.some(({ name, health }) => health === 'Expired' && DECISIVE.has(name));
}

const DECISIVE: ReadonlySet<string> = new Set(['ClusterCA', 'APIServer', 'KubeconfigClient']);

/** Why a rotation waits for its checks; undefined where none of them holds it. */
export function preflightHold({ observation, model, record, proposal, now, timing }: HoldInput): Hold | undefined {
  if (record.operation) {
    const message = `The rotation waits for the operation of the controller that is recorded (${record.operation.kind}).`;
    return { reason: 'Updating', message, stalled: false, afterMs: timing.busy[1] };
  }
  const rows = preflightRows(observation, model, record, proposal.intents, now, false);
  if (!rows) {
    const message = 'The rotation is due, and the cluster is checked before it.';
    // Noting asks ARM and the API server, and may fail for a long time.
    const afterMs = observation.noted === 'NotYet' ? timing.poll : SHORTEST_WAIT;
    return { reason: 'Updating', message, stalled: false, afterMs };
  }
  const blocking = rows.filter(({ blocks }) => blocks);
  if (blocking.length === 0) return undefined;
  return { reason: 'PreflightFailed', message: messageOf(blocking), stalled: false, afterMs: timing.busy[1] };
}

/** `PreflightPassed`, for an object whose rotation is due. */
export function preflightCondition(rows: readonly PreflightRow[]): ConditionValue {
  const blocking = rows.filter(({ blocks }) => blocks);
  if (blocking.length > 0) return { status: 'False', reason: 'PreflightFailed', message: messageOf(blocking) };
  const warned = rows.filter(({ result }) => result === 'Warned').map(({ name }) => name);
  const unknown = rows.filter(({ result }) => result === 'Unknown').map(({ name }) => name);
  const notes = [
    ...(warned.length > 0 ? [`Read the warnings of ${warned.join(', ')} (status.preflight).`] : []),
    ...(unknown.length > 0 ? [`Not known: ${unknown.join(', ')}.`] : []),
  ];
  return { status: 'True', reason: 'Passed', message: ['Nothing speaks against a rotation.', ...notes].join(' ') };
}

function messageOf(blocking: readonly PreflightRow[]): string {
  const names = spelledOut(
    blocking.map(({ name }) => name),
    blocking.length,
  );
  const messages = blocking.slice(0, SPELLED_OUT).map(({ message }) => message);
  return [`Checks before the rotation have failed: ${names}.`, ...messages].join(' ');
}
