import { Registry } from 'prom-client';
import { describe, expect, it } from '@jest/globals';
import { exposeObjects } from '../../src/controller/metrics/objects.ts';
import { exposeCounts } from '../../src/controller/metrics/object-counts.ts';
import { at, MINUTE, trust, type TrustOptions } from '../harness/build.ts';
import { SECRET, waysRig, type WaysRig } from '../harness/ways-rig.ts';

const VERIFY: TrustOptions['verify'] = { image: 'images.example.com/app:1' };

/** Two teams, each with the kubeconfig of a server of its own. */
function twoTeams(a: TrustOptions | undefined, b: TrustOptions = {}): WaysRig {
  const rig = waysRig();
  const teams = [['team-a', 'alpha', 0, a] as const, ['team-b', 'beta', 1, b] as const];
  for (const [team, name, root, options] of teams) {
    if (!options) continue;
    rig.secrets.set(`${team}/nodes`, team);
    rig.servers.set(team, { shows: 'Truth', pods: new Map() });
    rig.add(trust(name, [root], { namespace: team, uid: `uid-${team}`, nodeAccess: SECRET, ...options }));
  }
  return rig;
}

/** What the API server does with a namespace that is deleted: its Secrets go, and its objects wait for their finalisers. */
function terminate(rig: WaysRig, namespace: string): void {
  for (const name of rig.secrets.keys()) if (name.startsWith(`${namespace}/`)) rig.secrets.delete(name);
  for (const [name, object] of rig.objects)
    if (name.startsWith(`${namespace}/`))
      rig.add({
        ...object,
        metadata: {
          ...object.metadata,
          deletionTimestamp: at(rig.now),
          generation: (object.metadata.generation ?? 1) + 1,
        },
      });
}

/** What the object of team-b says in the end, without the times in it. */
function endOf(rig: WaysRig) {
  const { conditions, certificates, nodes } = rig.objects.get('team-b/beta')?.status ?? {};
  const said = conditions?.map(({ type, status, reason, message }) => ({ type, status, reason, message }));
  return { said, certificates, nodes };
}

async function toTheEnd(rig: WaysRig) {
  await rig.passes(4);
  rig.replaceNodes();
  await rig.passes(12);
  rig.replaceNodes();
  await rig.passes(30);
}

describe('a namespace that is being terminated', () => {
  it.each<[string, TrustOptions]>([
    ['with Retain', {}],
    ['with Remove', { deletionPolicy: 'Remove' }],
    ['with Remove and suspended', { deletionPolicy: 'Remove', suspend: true }],
    ['while its nodes are asked', { deletionPolicy: 'Remove', verify: VERIFY }],
    [
      'with access that was never there',
      { deletionPolicy: 'Remove', nodeAccess: { kubeconfigSecretRef: { name: 'x' } } },
    ],
  ])('goes (%s), and another namespace ends as it would without it', async (_case, a) => {
    const alone = twoTeams(undefined);
    // A namespace beside it that goes by what ARM reports, so that the same access counts.
    alone.add(trust('calm', [1], { namespace: 'team-c', uid: 'uid-c' }));
    await toTheEnd(alone);
    for (const passesBefore of [0, 1, 3, 6]) {
      const rig = twoTeams(a);
      rig.add(trust('calm', [1], { namespace: 'team-c', uid: 'uid-c' }));
      await rig.passes(passesBefore);
      terminate(rig, 'team-a');
      await toTheEnd(rig);
      expect([...rig.objects.keys()]).toEqual(['team-b/beta', 'team-c/calm']);
      expect({ passesBefore, ...endOf(rig) }).toEqual({ passesBefore, ...endOf(alone) });
      const last = rig.puts.at(-1)?.flat();
      expect(last).toContain(1);
      if (a.deletionPolicy === 'Remove' && !a.suspend) expect(last).not.toContain(0);
    }
  });
});

describe('metrics of the objects of two namespaces', () => {
  it('say nothing of the other’s names in the series of each', async () => {
    const registry = new Registry();
    const expose = [
      exposeCounts(registry).trust,
      exposeObjects(registry, { perObject: 'always', perCertificate: true }).trust,
    ];
    const rig = twoTeams({ verify: VERIFY }, { verify: VERIFY });
    rig.servers.set('team-a', { shows: 'Dead', pods: new Map() });
    let counts: readonly (number | undefined)[] = [];
    for (let pass = 0; pass < 12; pass++) {
      await rig.passes(1);
      if (pass === 4) rig.replaceNodes();
      for (const [name, object] of rig.objects) for (const one of expose) one(name, object);
      const series = (await registry.metrics()).split('\n');
      const [a, b] = ['team-a', 'team-b'].map((team) => series.filter((line) => line.includes(`namespace="${team}"`)));
      counts = [a?.length, b?.length];
      expect(a?.join('\n')).not.toMatch(/team-b|beta/);
      expect(b?.join('\n')).not.toMatch(/team-a|alpha/);
    }
    // Ready, Stalled, and when its certificate expires.
    expect(counts).toEqual([3, 3]);
  });
});

describe('a verify pod that never finishes', () => {
  it('is given up and taken away, is said of its own object only, and delays no other namespace', async () => {
    const rig = twoTeams({ verify: VERIFY }, { verify: VERIFY });
    rig.servers.set('team-a', { shows: 'Truth', pods: new Map(), podsHang: true });
    await rig.passes(4);
    rig.replaceNodes();
    await rig.passes(8);
    const { pods } = rig.servers.get('team-a')!;
    expect(pods.size).toBeGreaterThan(0);
    expect(rig.condition('team-b/beta', 'NodesTrust')).toMatchObject({ status: 'True', reason: 'Verified' });
    expect(rig.condition('team-b/beta', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    const begun = rig.now;
    while (rig.now - begun < 30 * MINUTE) await rig.passes(1);
    expect(rig.condition('team-a/alpha', 'NodesTrust')).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining('gave no result in 5 minutes (ContainerCreating)'),
    });
    expect(rig.condition('team-b/beta', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    expect(JSON.stringify(rig.objects.get('team-b/beta')?.status)).not.toMatch(/ContainerCreating|team-a|alpha/);
    // No pod is left for long, and no more than a few are made.
    const made = rig.sent.filter(({ by, method }) => by === 'team-a' && method === 'POST').length;
    expect(made).toBeLessThan(20);
    expect(pods.size).toBeLessThanOrEqual(2);
  });
});
