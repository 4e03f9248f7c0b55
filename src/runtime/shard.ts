import { createHash } from 'node:crypto';

/** One of several processes that share all clusters. Written `2/5`: the second of five. */
export interface Shard {
  /** The number of the shard, from 1. */
  readonly index: number;
  readonly count: number;
}

/** More shards would not help, because each process watches every object. */
export const MOST_SHARDS = 100;

/** Reads `2/5`; undefined for anything that is not a shard of 1 to {@link MOST_SHARDS}. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index > count || count > MOST_SHARDS) return undefined;
  return { index, count };
}

/**
 * The shard that works on a key: a number from 1 to `count`, the same in every process and every version of this program.
 *
 * It is the first 48 bits of the SHA-256 of the lower-cased key (UTF-8), read as a big-endian number, modulo `count`, plus 1.
 * Another count moves most keys, and processes with different counts do not exclude each other: change it while none runs.
 *
 * @param key an ARM resource id, in any case
 */
export function shardOf(key: string, count: number): number {
  const digest = createHash('sha256').update(key.toLowerCase()).digest();
  return (digest.readUIntBE(0, 6) % count) + 1;
}

export function isOfShard(key: string, { index, count }: Shard): boolean {
  return shardOf(key, count) === index;
}

/** A lease for each shard, so that each has one leader; without shards, one for all. */
export function leaseNameOf(name: string, shard: Shard | undefined): string {
  return shard === undefined ? name : `${name}-shard-${shard.index}-of-${shard.count}`;
}
