import { describe, expect, it } from '@jest/globals';
import type { NodesObservation, NodeView, UpgraderEvent } from '../../../src/cluster/model/observation.ts';
import { blockersOf } from '../../../src/cluster/reimage/blockers.ts';
import { measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { countedFrom, baselineOf } from '../../../src/cluster/reimage/baseline.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { MINUTE, model, node, operation, pool, START } from '../../harness/build.ts';

const said = (step: UpgraderEvent['step'], minute: number, about: string, on: string): UpgraderEvent => ({
  node: on,
  step,
  about,
  since: START + minute * MINUTE,
  at: START + minute * MINUTE,
});

describe('pools that are rolled side by side', () => {
  const names = ['a', 'b'];
  const pools = names.map((name) => pool({ name, count: 2, provisioningState: 'Updating', drainTimeoutMinutes: 5 }));
  const before = names.flatMap((name) =>
    [1, 2].map((index) => node(`${name}${index}`, START - MINUTE, { pool: name })),
  );
  const begun = baselineOf(operation(countedFrom(before, START)))!;
  const MINUTES = 30;

  function found(nodes: readonly NodeView[], events: readonly UpgraderEvent[], settings = pools) {
    const read: NodesObservation = { kind: 'Read', nodes, events, serverTime: START + MINUTES * MINUTE };
    const cluster = model({ provisioningState: 'Updating', pools: settings });
    return blockersOf(cluster, read, measureProgress(cluster, read, begun), begun, DEFAULT_TIMING);
  }
  const cordoned = (name: string) => before.map((one) => (one.name === name ? { ...one, schedulable: false } : one));
  const stuck = (name: string) => ({ pool: name, kind: 'NoProgress', since: START + MINUTE });

  it('are each held up by what holds them up', () => {
    const nodes = cordoned('a1').map((one) => (one.name === 'b1' ? { ...one, schedulable: false } : one));
    const refused = said('EvictionRefused', 2, 'web/web-1', 'b1');
    const events = [said('Draining', 1, '', 'a1'), said('Draining', 1, '', 'b1'), refused];
    expect(found(nodes, events)).toMatchObject([{ pool: 'b', kind: 'EvictionRefused' }, stuck('a')]);
  });

  it('are not kept in sight by one another', () => {
    const nodes = [...cordoned('a1').slice(0, 3), node('b2', START + 29 * MINUTE, { pool: 'b' })];
    expect(found(nodes, [said('Draining', 1, '', 'a1'), said('Draining', 29, '', 'b1')])).toMatchObject([stuck('a')]);
  });

  it('are judged by their own settings, and one that waits is not judged', () => {
    const patient = [pools[0]!, { ...pools[1]!, drainTimeoutMinutes: 60 }];
    expect(found(cordoned('b1'), [said('Draining', 1, '', 'b1')], patient)).toEqual([]);
    // Somebody has cordoned a node of the pool that waits.
    const both = cordoned('b1').map((one) => (one.name === 'a2' ? { ...one, schedulable: false } : one));
    expect(found(both, [said('Draining', 1, '', 'b1')], patient)).toEqual([]);
  });

  it('are judged by all that happened while AKS has none in hand', () => {
    const nodes = ['b1', 'b2'].map((name) => node(name, START + 5 * MINUTE, { pool: 'b' }));
    const first = found([...before.slice(0, 2), ...nodes], []);
    expect(first).toMatchObject([{ pool: 'a', kind: 'NoProgress', since: START + 5 * MINUTE }]);
    const later = nodes.map((one) => ({ ...one, createdAt: START + 15 * MINUTE }));
    expect(found([...before.slice(0, 2), ...later], [])).toEqual([]);
  });
});
