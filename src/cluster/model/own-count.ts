import type { ConditionValue } from '../../api/conditions.ts';
import type { NodesStatus, NodePoolStatus } from './record.ts';

/** The node count by a namespace's own way, which only the objects of that namespace show. */
export interface OwnCount {
  /** Undefined: the objects keep their current condition. */
  readonly finding: ConditionValue | undefined;
  readonly nodes?: NodesStatus;
  readonly nodePools?: readonly NodePoolStatus[];
}
