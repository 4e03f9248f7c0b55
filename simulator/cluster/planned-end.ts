import type { Cluster } from './cluster.ts';
import type { OperationEnd, PlannedEnd } from './operation-end.ts';

/** Replaces the plan for operations to come; one that runs keeps the plan that it began with. */
export function planEnd(
  cluster: Cluster,
  {
    end,
    code = 'InternalOperationError',
    message,
    afterNodes = 0,
    beforeCertificates = false,
    times = 'always',
  }: OperationEnd,
): void {
  const words = message ?? (end === 'Canceled' ? 'The operation was canceled.' : 'An internal server error occurred.');
  const left = times === 'always' ? Infinity : times;
  for (const plan of cluster.plannedEnds) plan.left = 0;
  const held = cluster.plannedEnds.filter((plan) => plan.end === 'Never');
  cluster.plannedEnds = [
    ...held,
    { end, code, message: words, afterNodes, beforeCertificates, left, takenBack: false },
  ];
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
