import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';

/** A cluster at rest, once nothing disturbs it any more. */
export function faultsOfCluster(state: string, record: TargetClusterStatus | undefined): string[] {
  const { operation } = record ?? {};
  return [
    ...(state === 'Succeeded' ? [] : [`the cluster is ${state}`]),
    ...(operation ? [`operation ${operation.id} is left in the record`] : []),
  ];
}

type Condition = NonNullable<NonNullable<CustomCATrust['status']>['conditions']>[number];

/**
 * An object at rest.
 *
 * @param mayStay whether an object can stay with this Ready condition
 */
export function faultsOfObject({ metadata, status }: CustomCATrust, mayStay: (ready: Condition) => boolean): string[] {
  const { name, generation, deletionTimestamp } = metadata;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (deletionTimestamp !== undefined) return [`${name} is left, deleted ${deletionTimestamp}: ${ready?.reason}`];
  if (!ready || !mayStay(ready)) return [`${name} is ${ready?.reason}: ${ready?.message}`];
  return status?.observedGeneration === generation && ready.observedGeneration === generation
    ? []
    : [`${name} says nothing of its last edit`];
}
