import { faultsOfRotation, type Asked, type EarlierRotation } from '../rules/rotate-rules.ts';
import type { Aks, Operation } from './aks.ts';
import type { Process } from './process.ts';
import { postsOf, type Post } from './posts.ts';
import { putsOf, recordOf } from './puts.ts';
import type { RotationVersion } from './rotations.ts';
import { checkLease } from './rules-api.ts';
import { violate, type World } from './world.ts';
import { isOpenBetween } from './windows.ts';

const MINUTE = 60_000;
const FRESH = 5000;
/** From a decision to its request. */
const IN_TIME = 30_000;
/** A request to rotate that ARM does not show within this time counts as lost. */
export const ARRIVES = 5 * MINUTE;
/** A rotation that takes longer keeps no other one from beginning. */
const HANGS = 90 * MINUTE;

/** Every rule about a request to rotate, asked when it leaves the process. */
export function checkPost(world: World, process: Process, aks: Aks, sent: Post): void {
  const check = (right: boolean, rule: string) => {
    if (!right) violate(world, `POST by ${process.name}: ${rule}`);
  };
  checkLease(world, process, 'a POST');
  const { scheduler, rotations, clockStepped } = world;
  const { now } = scheduler;
  const read = process.reads.get(aks.key);
  const pass = process.passes.get(aks.key);
  if (!read || !pass || !rotations || !aks.ca) return violate(world, 'a POST follows a GET');
  if (!clockStepped) check(now - read.requestedAt <= FRESH, `its GET is ${now - read.requestedAt} ms old`);
  const operation = recordOf(world, aks)?.operation;
  // A person took the record away this very moment.
  if (!operation && world.ledger.isDisturbed(aks.key)) return;
  const clock = now + process.clockOffset;
  const to = process.newest.get('certificaterotations') ?? 0;
  const points = rotations.ledger.between(aks.key, pass.rotations, to);
  const faults = faultsOfRotation({
    operation,
    earlier: earlierThan(world, aks, sent, Date.parse(operation?.startedAt ?? '')),
    state: read.snapshot.shown.state,
    ca: aks.ca,
    asked: points.map((objects) => objects.map((version) => askedBy(version, rotations.mayRotate, clock))),
    editedAt: rotations.ledger.editedAt(aks.key),
    now: clock,
    clockStepped,
  });
  for (const fault of faults) check(false, fault);
  checkAlone(world, aks, sent, check);
}

/** A rotation of another client that runs in the place of ours cannot be told apart from it, and the request is as open after it. */
function earlierThan(world: World, aks: Aks, sent: Post, startedAt: number): readonly EarlierRotation[] {
  const own = postsOf(world, aks)
    .filter((post) => post !== sent && post.operation === sent.operation)
    .map(({ attempt, started }) => ({ attempt, ...endOf(started) }));
  const { rotation } = aks;
  return rotation && rotation.begunAt > startedAt - MINUTE ? [...own, { attempt: 0, ...endOf(rotation) }] : own;
}

function endOf(operation: Operation | undefined): Pick<EarlierRotation, 'end' | 'endedAt'> {
  const { status, endedAt } = operation ?? {};
  if (status === undefined || status === 'InProgress') return {};
  return { end: status, ...(endedAt === undefined ? {} : { endedAt }) };
}

function askedBy({ spec, namespace, deleting }: RotationVersion, may: ReadonlySet<string>, clock: number): Asked {
  const { mode, acceptDowntime, suspend, request, requestedAt, window } = spec;
  return {
    rotates: mode === 'Rotate',
    acceptsDowntime: acceptDowntime === true,
    allowed: may.has(namespace),
    isOff: suspend === true || deleting,
    windowIsOpen: isOpenBetween(window, clock - IN_TIME, clock),
    ...(request ? { replaceCA: request.replaceCA } : {}),
    ...(requestedAt === undefined ? {} : { requestedAt: Date.parse(requestedAt) }),
  };
}

/** No other write of ours may still arrive, and no other cluster of ours is being rotated. */
function checkAlone(world: World, aks: Aks, sent: Post, check: (right: boolean, rule: string) => void): void {
  if (world.clockStepped || world.ledger.isDisturbed(aks.key)) return;
  const { now } = world.scheduler;
  for (const put of putsOf(world, aks))
    if (put.fate === 'Travels') check(now - put.sentAt >= MINUTE, 'a PUT may still arrive');
  for (const post of postsOf(world, aks))
    if (post !== sent && post.fate === 'Travels') check(now - post.sentAt >= ARRIVES, 'another POST may still arrive');
  for (const other of world.aks) {
    if (other === aks || world.ledger.isDisturbed(other.key)) continue;
    const operation = recordOf(world, other)?.operation;
    const runs = postsOf(world, other).some(
      ({ operation: id, started, landedAt = 0 }) =>
        id === operation?.id && started?.status === 'InProgress' && now - landedAt < HANGS,
    );
    check(operation?.kind !== 'RotateCertificates' || !runs, `${other.options.name} is being rotated`);
  }
}
