import type { Connection } from '../../kubernetes/client/connection.ts';
import type { NodeView, UpgraderEvent } from '../model/observation.ts';
import type { WatchedObjects } from './watched-collection.ts';

/** How a collection is read: over a watch, or by a list. */
export interface Source {
  nodes(connection: Connection, signal: AbortSignal): Promise<WatchedObjects<NodeView>>;
  events(connection: Connection, signal: AbortSignal): Promise<WatchedObjects<UpgraderEvent>>;
}
