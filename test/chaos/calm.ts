import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { faultsOfCluster, faultsOfObject } from '../rules/rest-rules.ts';
import type { Ground } from './ground.ts';
import type { History } from './history.ts';
import { describe, isFor } from './journal-rules.ts';

export interface Watched {
  readonly cluster: SimulatedCluster;
  readonly history: History;
}

/** Faults of everything at rest, once nothing disturbs it any more. */
export async function unsettled(ground: Ground, worlds: readonly Watched[]): Promise<string[]> {
  const [trusts, records] = [await ground.trusts(), await ground.records()];
  return worlds.flatMap(({ cluster, history }) => {
    const key = cluster.resourceId.toLowerCase();
    const objects = trusts.filter(({ spec }) => spec.target.resourceId.toLowerCase() === key);
    const own = records.filter(({ spec }) => spec.resourceId.toLowerCase() === key);
    const about = (what: string) => `${cluster.resourceId}: ${what}`;
    return [
      ...faultsOfObjects(objects, history),
      ...faultsOfRecords(own, objects.length > 0),
      ...faultsOfCluster(cluster.provisioningState, own[0]?.status),
      ...(isFor(cluster.list(), history.latest) ? [] : [`its list is ${describe(cluster.list())}`]),
    ].map(about);
  });
}

function faultsOfObjects(objects: readonly CustomCATrust[], history: History): string[] {
  const names = objects.map(({ metadata }) => metadata.name);
  return [
    ...history.present.flatMap((name) => (names.includes(name) ? [] : [`${name} is lost`])),
    ...objects.flatMap((object) => {
      const { name, finalizers = [], deletionTimestamp } = object.metadata;
      if (!history.present.includes(name)) return [`${name} is left, deleted ${deletionTimestamp}`];
      if (finalizers.length !== 1) return [`${name} has ${finalizers.length} finalizers`];
      return faultsOfObject(object, ({ status }) => status === 'True');
    }),
  ];
}

function faultsOfRecords(records: readonly TargetCluster[], needed: boolean): string[] {
  if (records.length !== (needed ? 1 : 0)) return [`it has ${records.length} records`];
  return records.flatMap(({ status }) => (status?.pending ? ['a change is left in its record'] : []));
}
