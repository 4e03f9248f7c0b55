import { createHash } from 'node:crypto';
import { isFarAhead } from '../../model/record-times.ts';
import type { RotationMemory } from '../../model/record.ts';
import type { RotationIntent } from '../../model/rotation.ts';

type Notice = NonNullable<RotationMemory['notice']>;

/**
 * An announcement that stood unseen for longer than this, in ms, counts no more: the record may come from a backup, or people could not
 * see for long what it says. A cluster whose rotation is announced is reconciled at least once in {@link CONFIRMED_EVERY}, also while
 * it rests, so only a controller that was down, or could not read the cluster, leaves a longer gap.
 */
const LONGEST_GAP = 24 * 60 * 60_000;

/** How often the record notes that an announcement stands, in ms. */
export const CONFIRMED_EVERY = 6 * 60 * 60_000;

/** The object and its policy in one text of fixed length: another object, or another policy, is announced anew. */
export function announcerOf({ object, policy }: RotationIntent): string {
  return createHash('sha256')
    .update(JSON.stringify([object.metadata.uid ?? '', policy]))
    .digest('hex');
}

/**
 * The memory without an announcement that does not count: none of the objects that ask now made it, it is from before that object, or
 * nothing confirmed it for long. Objects with the same policy share one, as long as the object that made it still asks.
 */
export function withCountedNotice<T extends RotationMemory | undefined>(
  memory: T,
  asking: readonly RotationIntent[],
  now: number,
): T {
  const notice = memory?.notice;
  if (!notice || counts(notice, asking, now)) return memory;
  return { ...memory, notice: undefined };
}

function counts({ since, confirmedAt = since, by }: Notice, asking: readonly RotationIntent[], now: number): boolean {
  const announcer = asking.find((intent) => intent.policy && announcerOf(intent) === by);
  if (!announcer || Date.parse(since) < announcer.createdAt) return false;
  return now - Date.parse(confirmedAt) <= LONGEST_GAP && !isFarAhead(confirmedAt, now);
}
