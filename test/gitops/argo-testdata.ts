import { API_VERSION } from '../../src/api/names.ts';
import { BAD_PEM, HOUR, MINUTE, recordObject, second, START, trust } from '../harness/build.ts';
import { endure } from '../harness/condition.ts';
import { passesFor, put, worldOf } from '../harness/follow.ts';
import type { World } from '../harness/world.ts';
import { rotationIn, type RotationState } from './rotation-states.ts';
import type { ArgoHealth, Judged } from './verdicts.ts';

/** An object as the controller left it, and the health that Argo CD has to show. */
export interface Testdata {
  /** Name of the file, without its ending. */
  readonly name: string;
  readonly object: Judged;
  readonly health: { readonly status: ArgoHealth; readonly message: string };
}

const NOT_SEEN = 'The controller has not seen this version of the object yet';

/** Statuses that the reconciles of a cluster in memory write. */
export async function argoTestdata(): Promise<Testdata[]> {
  const settling = worldOf({ a: [[0], { settleSeconds: 30 }] });
  const created = fresh();
  await settling.pass();
  const updating = worldOf({ a: [0] });
  await passesFor(updating, 4 * MINUTE);
  const trusted = worldOf({ a: [0] });
  await passesFor(trusted, HOUR);
  const edited = worldOf({ a: [0] });
  await passesFor(edited, HOUR);
  put(edited, 'a', [0, 1]);
  const suspended = worldOf({ a: [0] });
  await passesFor(suspended, HOUR);
  put(suspended, 'a', [0, 1], { suspend: true });
  await suspended.pass();
  const invalid = worldOf({ a: { ca: BAD_PEM } });
  await invalid.pass();
  const stopped = worldOf({ a: [0] });
  stopped.cluster.stopped = true;
  await passesFor(stopped, 3 * HOUR);
  const unreachable = worldOf({ a: [0] });
  await passesFor(unreachable, HOUR);
  await endure(unreachable, { fault: () => 'Unreachable' }, HOUR);
  return [
    { name: 'progressing_new', object: created, health: { status: 'Progressing', message: NOT_SEEN } },
    ofObject('progressing_settling', settling, 'Progressing'),
    ofObject('progressing_updating', updating, 'Progressing'),
    {
      name: 'progressing_edited',
      object: objectOf(edited),
      health: { status: 'Progressing', message: NOT_SEEN },
    },
    ofObject('healthy_trusted', trusted, 'Healthy'),
    ofObject('suspended', suspended, 'Suspended'),
    ofObject('degraded_invalid', invalid, 'Degraded'),
    ofObject('degraded_cluster_stopped', stopped, 'Degraded'),
    ofRecord('healthy_idle', trusted, 'Healthy', 'Idle'),
    ofRecord('progressing_updating', updating, 'Progressing', 'Idle'),
    ofRecord('degraded_unreachable', unreachable, 'Degraded', 'Reachable'),
    ofRotation('progressing_new', {}, 'Progressing'),
    ofRotation('healthy_watched', { daysLeft: 600 }, 'Healthy'),
    // It needs an action, which no edit of the object can be.
    ofRotation('healthy_expiring', { daysLeft: 20 }, 'Healthy'),
    ofRotation('suspended', { daysLeft: 600, suspend: true }, 'Suspended'),
    ofRotation('degraded_not_allowed', { allowed: false }, 'Degraded'),
    ofRotation('progressing_cluster_not_found', { daysLeft: 600, goneForMs: MINUTE }, 'Progressing'),
    ofRotation('degraded_cluster_not_found', { daysLeft: 600, goneForMs: HOUR }, 'Degraded'),
  ];
}

function fresh(): Judged {
  const object = { ...trust('a', [0]), status: { observedGeneration: -1 } };
  return { ...object, metadata: { ...object.metadata, creationTimestamp: second(START) } } as Judged;
}

function objectOf(world: World): Judged {
  const object = world.objects.get('team/a')!;
  return { ...object, metadata: { ...object.metadata, creationTimestamp: second(START) } } as Judged;
}

function ofObject(name: string, world: World, status: ArgoHealth): Testdata {
  const object = objectOf(world);
  return { name, object, health: { status, message: saidBy(object, 'Ready') } };
}

function ofRecord(name: string, world: World, status: ArgoHealth, condition: string): Testdata {
  const object = { ...recordObject(world.record)!, apiVersion: API_VERSION } as unknown as Judged;
  return { name, object, health: { status, message: saidBy(object, condition) } };
}

function ofRotation(name: string, state: RotationState, status: ArgoHealth): Testdata {
  const object = rotationIn(state) as unknown as Judged;
  return { name, object, health: { status, message: saidBy(object, 'Ready') } };
}

function saidBy({ status }: Judged, type: string): string {
  const { reason, message } = status!.conditions!.find((one) => one.type === type)!;
  return `${reason}: ${message}`;
}
