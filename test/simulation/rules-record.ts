import type { RecordStatus } from '../../src/cluster/model/record.ts';
import { nameOf } from '../rules/certificates.ts';
import { faultsOfStep } from '../rules/record-rules.ts';
import type { Aks } from './aks.ts';
import type { Process } from './process.ts';
import { postsOf } from './posts.ts';
import { putsOf, type Put } from './puts.ts';
import { ARRIVES } from './rules-post.ts';
import { violate, type World } from './world.ts';

const MINUTE = 60_000;

/** What may become of a record: an operation stays as it was begun until it is seen through, and nobody's share is forgotten. */
export function checkRecord(world: World, process: Process, aks: Aks, before: RecordStatus, after: RecordStatus): void {
  const was = before.operation;
  const is = after.operation;
  const anew = before.resourceUID !== undefined && after.resourceUID !== before.resourceUID;
  if (was && is && was.id === is.id) {
    for (const fault of faultsOfStep(before, after)) violate(world, fault);
  } else if (was && !anew) {
    checkEnd(world, aks, was);
  }
  if (!anew) checkShares(world, process, aks, after);
  // What was counted before stays said while ARM cannot be read.
  if (after.nodes?.reimaged !== before.nodes?.reimaged) checkProgress(world, process, aks, after);
}

/** An operation leaves the record only when it is over, or never was. */
function checkEnd(world: World, aks: Aks, operation: NonNullable<RecordStatus['operation']>): void {
  if (world.clockStepped) return;
  const { now } = world.scheduler;
  for (const put of putsOf(world, aks).filter((one) => one.operation === operation.id)) {
    // Where somebody else has brought that very list, it changes nothing when it arrives.
    const there = put.list.join() === (aks.list ?? []).join();
    if (put.fate === 'Travels' && now - put.sentAt < MINUTE && !there)
      violate(world, 'an operation is not given up while its write may still arrive');
    if (put.fate === 'Landed' && isOpen(put) && !cameTooLate(put) && aks.foreignAt < put.landedAt!)
      violate(world, 'an operation that ARM works on is not given up');
  }
  for (const { operation: id, fate, sentAt, landedAt = 0, started } of postsOf(world, aks)) {
    if (id !== operation.id) continue;
    if (fate === 'Travels' && now - sentAt < ARRIVES)
      violate(world, 'a rotation is not given up while its request may still arrive');
    if (fate === 'Landed' && started?.status === 'InProgress' && aks.foreignAt < landedAt)
      violate(world, 'a rotation that ARM works on is not given up');
  }
}

function isOpen({ started }: Put): boolean {
  return started?.status === 'InProgress';
}

/** A request that the network held back for over a minute: what it does is put right later, not prevented. */
export function cameTooLate({ sentAt, landedAt }: Put): boolean {
  return landedAt !== undefined && landedAt - sentAt > MINUTE;
}

/** Never more nodes than really have the list: one that joins in the middle may be born with the old one. */
function checkProgress(world: World, process: Process, aks: Aks, { operation, nodes }: RecordStatus): void {
  const read = process.reads.get(aks.key)?.snapshot.shown;
  if (
    world.clockStepped ||
    !operation ||
    operation.phase === 'Sent' ||
    !nodes ||
    nodes.source === 'ARM' ||
    world.ledger.isDisturbed(aks.key)
  )
    return;
  // A read may show what was; who changed the list since, changed what nodes are born with.
  const list = (aks.list ?? []).join();
  if (!read || (read.list ?? []).join() !== list || aks.foreignAt > Date.parse(operation.startedAt) - MINUTE) return;
  const now = aks.nodes.filter((node) => node.list.join() === list).length;
  // One may have gone since they were read; a pass goes by what was known when it began, or came while it ran.
  const told = process.nodesHaving.get(aks.key) ?? [];
  const from = told.findLastIndex(({ at }) => at < (process.passes.get(aks.key)?.at ?? 0));
  const having = Math.max(now, ...told.slice(Math.max(0, from)).map(({ count }) => count));
  if (nodes.reimaged > having)
    violate(world, `the record by ${process.name} says ${nodes.summary}, and ${having} nodes have the list`);
}

interface Row {
  readonly fingerprintSHA256?: string;
  readonly namedBy?: readonly string[];
}

/** Whoever has a share of the list is named for it. */
function checkShares(world: World, process: Process, aks: Aks, { slots = [] }: RecordStatus): void {
  const rows = slots.flatMap((slot): Row[] => slot.contains ?? [slot]);
  for (const { share, name, versions, vanished } of world.ledger.of(aks.key)) {
    const latest = versions.at(-1);
    if (!latest || latest.gone || latest.deletion || vanished) continue;
    for (const one of share) {
      const row = rows.find(({ fingerprintSHA256 }) => fingerprintSHA256 === one);
      if (row && !row.namedBy?.some((naming) => naming.startsWith(`${name}/`)))
        violate(world, `the record by ${process.name} forgets that ${name} named ${nameOf(one)}`);
    }
  }
}

/** A record goes when nothing is left to remember. */
export function checkRecordRemoval(world: World, aks: Aks, before: RecordStatus): void {
  for (const { share, name, versions, vanished } of world.ledger.of(aks.key)) {
    const latest = versions.at(-1);
    if (!latest || latest.gone || latest.deletion || vanished) continue;
    if (share.size > 0) violate(world, `a record is taken away while ${name} has a share of the list`);
  }
  if (before.operation && aks.exists) checkEnd(world, aks, before.operation);
}
