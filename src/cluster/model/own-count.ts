import type { ConditionValue } from '../../api/conditions.ts';
import type { NodesStatus, NodePoolStatus } from './record.ts';

/** What the objects of one namespace are shown of the nodes, by their namespace's own way. */
export interface OwnCount {
  /** Undefined: the objects keep the condition that they have. */
  readonly finding: ConditionValue | undefined;
  readonly nodes?: NodesStatus;
  readonly nodePools?: readonly NodePoolStatus[];
}
