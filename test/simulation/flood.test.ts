import { describe, expect, it } from '@jest/globals';
import { createBudgets } from '../../src/azure/budgets.ts';
import { createManagedClusters } from '../../src/azure/managed-clusters.ts';
import { createCertificateReader } from '../../src/certificates/reader.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { createOperator } from '../../src/controller/operator.ts';
import { KubernetesError } from '../../src/kubernetes/error.ts';
import { createEventRecorder } from '../../src/kubernetes/events/event-recorder.ts';
import { OPEN_GRANTS, OPEN_POLICY } from '../../src/policy/policy.ts';
import { assertLeading, fenceWrites } from '../../src/runtime/fence.ts';
import { createLeaderElection } from '../../src/runtime/leader-election.ts';
import { runManager } from '../../src/runtime/manager.ts';
import { createWorkQueue } from '../../src/runtime/queue.ts';
import { Aks } from './aks.ts';
import { POOL } from '../rules/certificates.ts';
import { Fleet } from './fleet.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from './names.ts';
import { openWorld } from './open-world.ts';
import { createRandom } from './random.ts';
import type { Subject } from './subject.ts';
import { Timeline } from './timeline.ts';
import { CALM } from './weather.ts';
import type { World } from './world.ts';

const SECOND = 1000;
const subject: Subject = {
  ...{ createOperator, createWorkQueue, createLeaderElection, runManager, fenceWrites, assertLeading },
  ...{ createBudgets, createManagedClusters, createCertificateReader, createEventRecorder },
  ...{ KubernetesError, DEFAULT_TIMING, OPEN_GRANTS, OPEN_POLICY },
};

function create({ api }: World, name: string, resourceId: string, root: number): void {
  const certificates = [{ name: 'ca', pem: POOL[root]!.pem }];
  const spec = { target: { resourceId }, certificates, settleSeconds: 0 };
  api.create('customcatrusts', name, { apiVersion: API_VERSION, kind: 'CustomCATrust', spec });
}

/** What a tenant does to one of its objects every second. */
const FLOODS: Readonly<Record<string, (world: World, name: string, turn: number) => void>> = {
  'asks for a fresh look': ({ api }, name, turn) =>
    void api.update('customcatrusts', name, (one) => {
      const annotations = { [RECONCILE_REQUESTED_AT]: `${turn}` };
      return { ...one, metadata: { ...one.metadata, annotations } };
    }),
  'edits it': ({ api }, name, turn) =>
    void api.update('customcatrusts', name, (one) => ({ ...one, spec: { ...one.spec, settleSeconds: turn % 7 } })),
  'makes it anew': (world, name, turn) => {
    const { api } = world;
    const { resourceId } = api.get('customcatrusts', name)!.spec!['target'] as { resourceId: string };
    api.update('customcatrusts', name, (one) => ({ ...one, metadata: { ...one.metadata, finalizers: [] } }));
    api.delete('customcatrusts', name);
    create(world, name, resourceId, turn % 3);
  },
};

/** How long another namespace's new object takes to be trusted, in ms, after a minute of that; and the reads of ARM in that time. */
async function trustedAfter(objects: number, flood: (world: World, name: string, turn: number) => void) {
  const timeline = new Timeline();
  const { world, close } = openWorld(subject, 1, undefined, (scheduler) => ({
    random: createRandom(1),
    aks: ['prod', ...Array.from({ length: objects }, (_, n) => `of-nobody-${n}`)].map(
      (name) =>
        new Aks(scheduler, {
          ...{ name, withETag: true, windows: false, nodes: 2, clockOffset: 0, list: [], rollMs: 60_000 },
        }),
    ),
    unfenced: false,
    budgets: true,
    maxChangingClusters: 5,
    weather: CALM,
    clockStepped: false,
    signal: () => {},
    count: (what, about, text = '') => timeline.count(what, { at: scheduler.now, about, text }),
  }));
  const { scheduler, api } = world;
  api.watchers.add((change) => timeline.note(change, scheduler.now));
  const until = (time: number) => scheduler.run(() => world.violation !== undefined || scheduler.now >= time);
  try {
    const fleet = new Fleet(world, 1, false);
    const [
      {
        id: { resourceId },
      },
      ...ofNobody
    ] = world.aks as [Aks, ...Aks[]];
    const names = ofNobody.map((aks, n) => {
      aks.remove();
      create(world, `ops/x${n}`, aks.id.resourceId, n % 3);
      return `ops/x${n}`;
    });
    let turn = 0;
    const again = () => {
      turn += 1;
      for (const name of names) flood(world, name, turn);
      scheduler.after(SECOND, again);
    };
    if (objects > 0) again();
    const begun = scheduler.now;
    await until(begun + 60 * SECOND);
    const asked = scheduler.now;
    create(world, 'team/a', resourceId, 5);
    await until(asked + 150 * SECOND);
    for (const process of fleet.processes) process.alive = false;
    const reads = timeline.times('Get', undefined, asked, asked + 60 * SECOND).length;
    return { took: timeline.restAfter('team/a', asked, Infinity), reads, violation: world.violation?.message };
  } finally {
    close();
  }
}

describe('a tenant with dozens of objects that name clusters which do not exist, and every second', () => {
  it.each(Object.entries(FLOODS))(
    '%s, leaves the others what they need of the reads that ARM allows',
    async (_what, flood) => {
      const calm = await trustedAfter(0, flood);
      const flooded = await trustedAfter(50, flood);
      expect(flooded.violation).toBeUndefined();
      // ARM gives back 25 a second.
      expect(flooded.reads).toBeLessThan(60 * 26);
      expect(flooded.took).toBeLessThan(calm.took! + 20 * SECOND);
    },
    120_000,
  );
});
