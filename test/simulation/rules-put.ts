import { objectOf, type NamedCertificate, type RecordedOperation } from '../../src/cluster/model/record.ts';
import { readNames } from '../../src/cluster/reimage/node-names.ts';
import { nameOf } from '../rules/certificates.ts';
import { takeOutList } from '../rules/list-text.ts';
import { differenceOf, faultsOfList, faultsOfRepeat, faultsOfText } from '../rules/put-rules.ts';
import { faultsOfAttempt } from '../rules/record-rules.ts';
import type { Aks, Node } from './aks.ts';
import type { Process } from './process.ts';
import { postsOf } from './posts.ts';
import { putsOf, recordOf, type Put } from './puts.ts';
import { checkLease } from './rules-api.ts';
import { ARRIVES } from './rules-post.ts';
import { cameTooLate } from './rules-record.ts';
import { isInTime, objectionTo, reasonToAdd } from './rules-trust.ts';
import { violate, type World } from './world.ts';

const MINUTE = 60_000;
const FRESH = 5000;
/** From a decision to its write. */
const IN_TIME = 30_000;

export interface SentList {
  readonly body: string;
  readonly list: readonly string[];
  readonly ifMatch: string | undefined;
  readonly put: Put;
}

/** Every rule about a write to ARM, asked when it leaves the process. */
export function checkPut(world: World, process: Process, aks: Aks, sent: SentList): void {
  const check = (right: boolean, rule: string) => {
    if (!right) violate(world, `PUT by ${process.name}: ${rule}`);
  };
  checkLease(world, process, 'a PUT');
  const read = process.reads.get(aks.key);
  const pass = process.passes.get(aks.key);
  const base = read?.snapshot.text;
  if (!read || !pass || base === undefined) return violate(world, 'a PUT follows a GET');
  const { shown, at } = read.snapshot;
  const before = takeOutList(base).list;
  const difference = differenceOf(before, sent.list);
  const { now } = world.scheduler;

  const keep = (faults: readonly string[]) => {
    for (const fault of faults) check(false, fault);
  };
  keep(faultsOfText({ read: base, sent: sent.body, ifMatch: sent.ifMatch }));
  keep(faultsOfList(before, sent.list));
  keep(faultsOfRepeat(difference, base));
  if (!world.clockStepped) check(now - read.requestedAt <= FRESH, `its GET is ${now - read.requestedAt} ms old`);
  if (shown.state !== 'Succeeded')
    check(shown.targetVersion === shown.currentVersion, "somebody else's upgrade is not resumed");
  const operation = recordOf(world, aks)?.operation;
  // Somebody took the record away this very moment.
  if (!operation && world.ledger.isDisturbed(aks.key)) return;
  if (!operation) return violate(world, 'PUT without a recorded operation');
  check(operation.kind === 'UpdateTrust', `the record has a ${operation.kind}`);
  keep(faultsOfAttempt(operation, difference));
  if (operation.attempts > 1) checkResumed(world, aks, sent.put, operation, at, check);
  checkAlone(world, aks, sent.put, at, check);
  checkGuarded(world, operation.updateTrust?.adds ?? [], check);
  const views = { cluster: aks.key, from: pass.view, to: process.newest.get('customcatrusts') ?? 0 };
  // What was sent before goes on after its window.
  if (operation.attempts === 1 && !world.clockStepped) {
    const clock = now + process.clockOffset;
    const span = { from: clock - IN_TIME, to: clock };
    for (const one of [...difference.come, ...difference.gone])
      check(isInTime(world, views, one, span), `the windows of all who want ${nameOf(one)} in or out are closed`);
  }
  for (const one of difference.come) check(reasonToAdd(world, views, one), `nobody wants ${nameOf(one)}`);
  for (const one of difference.gone) {
    const objection = objectionTo(world, views, one);
    check(objection === undefined, `${nameOf(one)} must not leave: ${objection}`);
  }
}

type Check = (right: boolean, rule: string) => void;

/** Resumed is what is ours: its nodes are not all new, or its own status said that it ended badly. */
function checkResumed(world: World, aks: Aks, put: Put, operation: RecordedOperation, at: number, check: Check): void {
  const { baseline, countedNodes = [] } = operation;
  const sameList = ({ list }: Put) => list.join() === put.list.join();
  // What was given up and came too late after all is the same list.
  const earlier = putsOf(world, aks).filter(
    (one) => one !== put && (one.operation === put.operation || (cameTooLate(one) && sameList(one))),
  );
  check(
    earlier.some(({ fate, sentAt }) => fate === 'Landed' || aks.foreignAt >= sentAt),
    'only what arrived is resumed',
  );
  if (baseline === undefined) {
    const ended = earlier.some(({ started }) => started?.status === 'Failed' || started?.status === 'Canceled');
    check(ended, 'a failure of somebody else is not taken for ours');
    return;
  }
  // A machine that had no node when they were counted may have been made before, reimaged since or not.
  const [counted] = countedNodes.map(({ names }) => readNames(names));
  const mayBeOld = ({ name, createdAt }: Node) => createdAt <= Date.parse(baseline) || !counted?.(name);
  const old = aks.nodes.some(mayBeOld);
  const changed = aks.nodes.some(({ bornAt }) => bornAt > at);
  check(old || changed, 'every node is newer than the operation');
}

/** One write at a time, and none over a read that does not show the one before. */
function checkAlone(world: World, aks: Aks, put: Put, readAt: number, check: Check): void {
  if (world.clockStepped || world.ledger.isDisturbed(aks.key)) return;
  const { now } = world.scheduler;
  for (const other of putsOf(world, aks)) {
    if (other === put) continue;
    if (other.fate === 'Travels') check(now - other.sentAt >= MINUTE, 'another write may still arrive');
    if (other.fate === 'Landed' && !cameTooLate(other) && other.by !== put.by)
      check(other.landedAt! <= readAt, 'it is made over a read from before another write arrived');
    if (other.fate === 'Landed' && !cameTooLate(other) && other.by === put.by)
      check(other.landedAt! <= readAt, 'it is made over a read from before the last write arrived');
  }
  for (const { fate, sentAt } of postsOf(world, aks))
    if (fate === 'Travels') check(now - sentAt >= ARRIVES, 'a request to rotate may still arrive');
}

/** Whoever wants it cannot go unseen. */
function checkGuarded(world: World, adds: readonly NamedCertificate[], check: Check): void {
  const namers = new Set(adds.flatMap(({ namedBy = [] }) => namedBy.map(objectOf)));
  for (const { metadata } of world.api.list('customcatrusts')) {
    const name = `${metadata.namespace}/${metadata.name}`;
    // What was taken away by force, or made again under the same name, is another object than the one that was read.
    const meddled = world.ledger.named(name).length > 1;
    if (!namers.has(name) || metadata.deletionTimestamp || meddled) continue;
    check(Boolean(metadata.finalizers?.length), `${name} has no finaliser`);
  }
}
