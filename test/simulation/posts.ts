import type { Aks, Operation } from './aks.ts';
import type { Process } from './process.ts';
import { recordOf } from './puts.ts';
import type { World } from './world.ts';

/** A request to rotate that left a process of ours. */
export interface Post {
  readonly world: World;
  readonly by: Process;
  readonly sentAt: number;
  /** The recorded operation and its attempt, as the record said when it was sent. */
  readonly operation: string | undefined;
  readonly attempt: number;
  /** `Gone`: it was refused or lost, and never will be. */
  fate: 'Travels' | 'Landed' | 'Gone';
  landedAt?: number;
  started?: Operation;
}

const posts = new WeakMap<Aks, Post[]>();

/** Every request to rotate that a controller of this management cluster ever sent to a cluster. */
export function postsOf(world: World, aks: Aks): readonly Post[] {
  return (posts.get(aks) ?? []).filter((post) => post.world === world);
}

export function notePost(world: World, by: Process, aks: Aks): Post {
  const { id, attempts = 0 } = recordOf(world, aks)?.operation ?? {};
  const post: Post = { world, by, sentAt: world.scheduler.now, operation: id, attempt: attempts, fate: 'Travels' };
  posts.set(aks, [...(posts.get(aks) ?? []), post]);
  world.changedAt = world.scheduler.now;
  return post;
}
