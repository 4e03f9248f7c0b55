import type { Connection } from '../../kubernetes/client/connection.ts';
import type { NodeView, UpgraderEvent } from '../model/observation.ts';
import type { FollowedObjects } from './watched-collection.ts';

/** How a collection is read: over a watch, or by a list. */
export interface Source {
  nodes(connection: Connection, signal: AbortSignal): Promise<FollowedObjects<NodeView>>;
  events(connection: Connection, signal: AbortSignal): Promise<FollowedObjects<UpgraderEvent>>;
}
