import type { Cluster } from './cluster.ts';

/** How operations to come end, other than well. */
export interface OperationEnd {
  /** `Never`: nothing goes on until the operation is aborted, or the plan is taken back. */
  readonly end: 'Failed' | 'Canceled' | 'Never';
  /** Of the error. Default InternalOperationError. */
  readonly code?: string;
  readonly message?: string;
  /** How many nodes each of them replaces first. Default 0. */
  readonly afterNodes?: number;
  /** How many operations. Default: all to come. */
  readonly times?: number | 'always';
}

/** A plan that is in effect until it is used up or taken back. */
export interface PlannedEnd {
  readonly end: OperationEnd['end'];
  readonly code: string;
  readonly message: string;
  readonly afterNodes: number;
  left: number;
  /** Operations that it holds go on. */
  takenBack: boolean;
}

/** Replaces the plan for operations to come; one that runs keeps the plan that it began with. */
export function planEnd(
  cluster: Cluster,
  { end, code = 'InternalOperationError', message, afterNodes = 0, times = 'always' }: OperationEnd,
): void {
  const words = message ?? (end === 'Canceled' ? 'The operation was canceled.' : 'An internal server error occurred.');
  const left = times === 'always' ? Infinity : times;
  for (const plan of cluster.plannedEnds) plan.left = 0;
  const held = cluster.plannedEnds.filter((plan) => plan.end === 'Never');
  cluster.plannedEnds = [...held, { end, code, message: words, afterNodes, left, takenBack: false }];
}

/** Operations end well again, those that hang now too. */
export function takeEndsBack(cluster: Cluster): void {
  for (const plan of cluster.plannedEnds) plan.takenBack = true;
  cluster.plannedEnds = [];
}

/** The plan of an operation that begins now; counts it. */
export function plannedEnd({ plannedEnds }: Cluster): PlannedEnd | undefined {
  const plan = plannedEnds.findLast(({ left }) => left > 0);
  if (plan !== undefined) plan.left--;
  return plan;
}
