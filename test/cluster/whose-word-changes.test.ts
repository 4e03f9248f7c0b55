import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { at, BAD_PEM, entriesOf, MINUTE, START, trust, type Entries, type TrustOptions } from '../harness/build.ts';
import { SECRET, waysRig, type WaysRig } from '../harness/ways-rig.ts';

/** An object of team-a or team-b. */
function object(team: string, name: string, entries: Entries, options: TrustOptions = {}): CustomCATrust {
  return trust(name, entries, { namespace: team, uid: `uid-${team}-${name}`, ...options });
}

function edit(rig: WaysRig, name: string, change: (object: CustomCATrust) => CustomCATrust): void {
  const found = rig.objects.get(name)!;
  const generation = (found.metadata.generation ?? 1) + 1;
  const { metadata, ...rest } = change(found);
  rig.objects.set(name, { ...rest, metadata: { ...metadata, generation } });
}

/** Deleted by its owner, who wants its certificates out of the cluster. */
function remove(rig: WaysRig, name: string): void {
  edit(rig, name, ({ metadata, spec, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, deletionTimestamp: at(rig.now) },
    spec: { ...spec, deletionPolicy: 'Remove' },
  }));
}

function says(rig: WaysRig, name: string, type: string): string {
  const { status, reason } = rig.condition(name, type) ?? {};
  return `${status} ${reason}`;
}

const message = (rig: WaysRig, name: string, type: string) => rig.condition(name, type)?.message ?? '';
const asked = (rig: WaysRig, by: string) => rig.sent.filter((one) => one.by === by);

/** One team with a kubeconfig that works, and a change of it under way. */
async function underWay(): Promise<WaysRig> {
  const rig = waysRig();
  rig.secrets.set('team-a/nodes', 'team-a');
  rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }));
  await rig.passes(3);
  expect(rig.record?.operation).toMatchObject({ countedBy: 'Namespace/team-a' });
  return rig;
}

describe('the Secret of the only namespace', () => {
  it('counts as the operator’s: the operation waits for its nodes', async () => {
    const rig = await underWay();
    expect(says(rig, 'team-a/a', 'Applied')).toBe('False Updating');
    rig.replaceNodes();
    await rig.passes(1);
    expect([says(rig, 'team-a/a', 'Ready'), says(rig, 'team-a/a', 'NodesReimaged')]).toEqual([
      'True Trusted',
      'True Reimaged',
    ]);
    expect(rig.record).toMatchObject({ countedBy: 'Namespace/team-a', nodes: { summary: '2/2' } });
  });

  it('stops to count when another namespace joins in mid-operation, and goes on to count for its own', async () => {
    const rig = await underWay();
    rig.add(object('team-b', 'b', [0]));
    await rig.passes(2);
    // ARM has said Succeeded, and the nodes are as old as they were.
    expect(rig.record?.operation).toBeUndefined();
    expect([says(rig, 'team-b/b', 'Ready'), says(rig, 'team-b/b', 'NodesReimaged')]).toEqual([
      'True Trusted',
      'True ReportedByARM',
    ]);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('False ReimageInProgress');
    expect(rig.objects.get('team-a/a')?.status?.nodes?.summary).toBe('0/2');
    expect(rig.objects.get('team-b/b')?.status?.nodes?.summary).toBe('2/2 (coarse)');
    rig.replaceNodes();
    await rig.passes(3);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
    expect(rig.record?.namespaceCounts).toMatchObject([{ namespace: 'team-a', done: true }]);
    // What it was counted from is needed no longer.
    expect(rig.record?.namespaceCounts?.[0]).not.toHaveProperty('baseline');
    expect(rig.puts).toHaveLength(1);
  });

  it('is done with its own count only when ARM is done with the operation', async () => {
    const rig = waysRig();
    rig.servers.set('team-a', { shows: 'New', pods: new Map() });
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }), object('team-b', 'b', [0]));
    await rig.passes(1);
    expect(rig.puts).toHaveLength(1);
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    await rig.passes(3);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('False ReimageInProgress');
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    await rig.passes(3);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
  });

  it('that shows no node of the cluster counts nothing: its objects show the count of the cluster', async () => {
    const rig = waysRig();
    rig.servers.set('team-a', { shows: 'Nothing', pods: new Map() });
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }), object('team-b', 'b', [0]));
    await rig.passes(4);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True ReportedByARM');
    expect(rig.record?.namespaceCounts).toBeUndefined();
  });

  it('that cannot be used is no matter where an object of the namespace asks for the operator’s way', async () => {
    const rig = waysRig();
    rig.servers.set('team-a', { shows: 'Dead', pods: new Map() });
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(
      object('team-a', 'a', [0], { nodeAccess: SECRET }),
      object('team-a', 'z', [0], { nodeAccess: { azure: {} } }),
    );
    rig.add(object('team-b', 'b', [0]));
    await rig.passes(3);
    rig.replaceNodes();
    await rig.passes(3);
    expect([says(rig, 'team-a/a', 'NodesReimaged'), says(rig, 'team-a/z', 'NodesReimaged')]).toEqual([
      'True Reimaged',
      'True Reimaged',
    ]);
  });

  it('counts again once the other namespace has left', async () => {
    const rig = await underWay();
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    rig.add(object('team-b', 'b', [0]));
    await rig.passes(1);
    expect(rig.record?.operation).toMatchObject({ otherBaselines: [{ countedBy: 'Namespace/team-a' }] });
    rig.objects.delete('team-b/b');
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    await rig.passes(2);
    expect(says(rig, 'team-a/a', 'Applied')).toBe('False Updating');
    rig.replaceNodes();
    await rig.passes(1);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
  });

  it('has a count that another process goes on with', async () => {
    const before = await underWay();
    before.add(object('team-b', 'b', [0]));
    await before.passes(2);
    const rig = waysRig();
    Object.assign(rig, { now: before.now, bornAt: before.bornAt, arm: before.arm, record: before.record });
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(...before.objects.values());
    await rig.passes(2);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('False ReimageInProgress');
    rig.replaceNodes();
    await rig.passes(3);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
  });

  it('leaves nothing behind that judges another team', async () => {
    const rig = waysRig();
    rig.servers.set('team-a', { shows: 'New', pods: new Map() });
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }));
    await rig.passes(3);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
    rig.add(object('team-b', 'b', [0]));
    await rig.passes(2);
    expect(says(rig, 'team-b/b', 'NodesReimaged')).toBe('True ReportedByARM');
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
    rig.objects.delete('team-a/a');
    await rig.passes(2);
    expect(rig.record?.namespaceCounts).toBeUndefined();
    expect(says(rig, 'team-b/b', 'NodesReimaged')).toBe('True ReportedByARM');
  });

  it('has a baseline that is gone with its team: the next operation is judged by ARM or by its own', async () => {
    const rig = await underWay();
    rig.objects.delete('team-a/a');
    rig.secrets.set('team-b/nodes', 'team-b');
    rig.add(object('team-b', 'b', [0, 1], { nodeAccess: SECRET }));
    await rig.passes(4);
    rig.replaceNodes();
    await rig.passes(2);
    expect([says(rig, 'team-b/b', 'Ready'), says(rig, 'team-b/b', 'NodesReimaged')]).toEqual([
      'True Trusted',
      'True Reimaged',
    ]);
  });
});

describe('an object with its own way, while a change of another namespace replaces the nodes', () => {
  it.each([
    [true, 'True Reimaged'],
    [false, 'False ReimageInProgress'],
  ])('is shown what its own count was before (nodes of its change replaced: %s)', async (replaced, shown) => {
    const rig = waysRig();
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }), object('team-b', 'b', [1]));
    await rig.passes(3);
    if (replaced) rig.replaceNodes();
    await rig.passes(8);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe(shown);
    expect(rig.record?.operation).toBeUndefined();
    edit(rig, 'team-b/b', ({ spec, ...rest }) => ({ ...rest, spec: { ...spec, certificates: entriesOf([1, 2]) } }));
    for (let pass = 0; !rig.record?.operation && pass < 6; pass++) await rig.passes(1);
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    for (let pass = 0; pass < 3; pass++) {
      await rig.passes(1);
      // Its status is not what this comes from.
      const { status, ...bare } = rig.objects.get('team-a/a')!;
      expect(status?.certificates).toMatchObject([{ state: 'Trusted' }]);
      expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe(shown);
      rig.add(bare);
    }
    expect(rig.record?.namespaceCounts).toMatchObject([{ earlier: replaced ? 'Done' : 'Unfinished' }]);
  });
});

describe('a way that is not for the cluster', () => {
  it('is named as the field is spelt, also at the beginning of a sentence', async () => {
    const rig = waysRig();
    rig.ownCluster = false;
    rig.add(object('team-a', 'a', [0], { nodeAccess: { inCluster: {} } }));
    await rig.passes(3);
    expect(message(rig, 'team-a/a', 'Applied')).toMatch(
      /^Nothing is added while [^.]*\. spec\.target\.nodeAccess\.inCluster is only for the cluster that the controller runs in/,
    );
  });
});

describe('a kubeconfig Secret that is not there, in the only namespace', () => {
  const absent = () => {
    const rig = waysRig();
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }));
    return rig;
  };

  it('holds what is added by the objects that name it, and says which Secret, and what to do', async () => {
    const rig = absent();
    await rig.passes(3);
    expect(rig.puts).toEqual([]);
    expect(says(rig, 'team-a/a', 'Applied')).toBe('False NodesUnreadable');
    expect(message(rig, 'team-a/a', 'Applied')).toMatch(
      /^Nothing is added while .* The kubeconfig in Secret team-a\/nodes cannot be read: .* remove spec\.target\.nodeAccess\.$/,
    );
    expect(rig.events.filter(({ event }) => event.reason === 'NodesUnreadable')).toMatchObject([
      { event: { type: 'Warning' } },
    ]);
    rig.secrets.set('team-a/nodes', 'team-a');
    await rig.passes(2);
    expect(rig.puts).toEqual([[[0]]]);
  });

  it('does not make the change settle again and again', async () => {
    const rig = waysRig();
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET, settleSeconds: 30 }));
    const reasons = new Set<string>();
    for (let pass = 0; pass < 12; pass++) {
      await rig.passes(1);
      reasons.add(says(rig, 'team-a/a', 'Applied'));
    }
    expect([...reasons]).toEqual(['False Settling', 'False NodesUnreadable']);
  });

  it('holds no object of the namespace that never asked for nodes', async () => {
    const rig = absent();
    rig.add(object('team-a', 'other', [1]));
    await rig.passes(4);
    expect(rig.puts).toEqual([[[1]]]);
    expect([says(rig, 'team-a/other', 'Ready'), says(rig, 'team-a/a', 'Ready')]).toEqual([
      'True Trusted',
      'False NodesUnreadable',
    ]);
  });

  it('holds no change that only removes', async () => {
    const rig = waysRig();
    rig.add(object('team-a', 'a', [0, 1]));
    await rig.passes(3);
    edit(rig, 'team-a/a', (one) => ({
      ...object('team-a', 'a', [0], { nodeAccess: SECRET }),
      ...(one.status ? { status: one.status } : {}),
    }));
    await rig.passes(3);
    expect(rig.puts.at(-1)).toEqual([[0]]);
  });

  it('keeps a whole namespace from being deleted no longer than the removal takes', async () => {
    const rig = await underWay();
    rig.replaceNodes();
    await rig.passes(2);
    rig.secrets.clear();
    remove(rig, 'team-a/a');
    await rig.passes(5);
    expect(rig.puts.at(-1)).toEqual([]);
    expect([...rig.objects.keys()]).toEqual([]);
    expect(rig.record).toBeUndefined();
  });
});

describe('an operation under way whose nodes cannot be seen any more', () => {
  it('waits, says who has to act, and does not hold changes and deletions of others', async () => {
    const rig = waysRig();
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(object('team-a', 'gone', [1], { createdAt: START - MINUTE }));
    await rig.passes(3);
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }));
    await rig.passes(2);
    rig.secrets.clear();
    await rig.passes(2);
    expect(rig.condition('team-a/a', 'Applied')).toMatchObject({
      reason: 'NodesUnreadable',
      message: expect.stringContaining('Secret team-a/nodes') as unknown,
    });
    remove(rig, 'team-a/gone');
    await rig.passes(5);
    expect(rig.puts.at(-1)).toEqual([[0]]);
    expect([...rig.objects.keys()]).toEqual(['team-a/a']);
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.replaceNodes();
    await rig.passes(2);
    expect(says(rig, 'team-a/a', 'Ready')).toBe('True Trusted');
  });

  it('shows nothing of it to a team that joins while ARM cannot be read', async () => {
    const rig = await underWay();
    rig.secrets.clear();
    await rig.passes(2);
    expect(message(rig, 'team-a/a', 'NodesReimaged')).toContain('team-a/nodes');
    rig.add(object('team-b', 'b', [1]));
    rig.armIsAway = true;
    await rig.passes(5);
    expect(JSON.stringify(rig.objects.get('team-b/b')?.status ?? {})).not.toContain('team-a');
    rig.armIsAway = false;
    await rig.passes(5);
    expect(JSON.stringify(rig.objects.get('team-b/b')?.status)).not.toContain('team-a');
    expect(says(rig, 'team-b/b', 'Ready')).toBe('True Trusted');
  });
});

describe('an object with a broken Secret that takes no part', () => {
  it.each<[string, TrustOptions, Entries]>([
    ['is suspended', { suspend: true }, [2]],
    ['is held for a bad certificate', {}, { bad: BAD_PEM }],
    ['is being deleted', { deleting: true, deletionPolicy: 'Remove' }, [2]],
  ])('%s: it neither decides how nodes are seen, nor holds another object', async (_what, options, entries) => {
    const rig = waysRig();
    rig.secrets.set('team-a/nodes', 'team-a');
    const access = { kubeconfigSecretRef: { name: 'absent' } };
    rig.add(object('team-a', 'aaa', entries, { ...options, nodeAccess: access, createdAt: START - MINUTE }));
    rig.add(object('team-a', 'b', [0], { nodeAccess: SECRET }));
    await rig.passes(3);
    rig.replaceNodes();
    await rig.passes(2);
    expect(says(rig, 'team-a/b', 'NodesReimaged')).toBe('True Reimaged');
    expect(rig.sent.some(({ path }) => path.endsWith('/secrets/absent'))).toBe(false);
  });
});

describe('several Secrets of one namespace', () => {
  const named = (name: string) => ({ kubeconfigSecretRef: { name } });

  it.each<[string, readonly string[], string]>([
    ['the oldest object’s', ['old', 'young'], 'old'],
    ['the next one’s where that is not there', ['young'], 'young'],
  ])('count as one way: %s', async (_which, there, host) => {
    const rig = waysRig();
    for (const name of there) rig.secrets.set(`team-a/${name}`, name);
    rig.add(object('team-a', 'a', [0], { nodeAccess: named('young') }));
    rig.add(object('team-a', 'z', [1], { nodeAccess: named('old'), createdAt: START - MINUTE }));
    await rig.passes(3);
    rig.replaceNodes();
    await rig.passes(2);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
    expect(says(rig, 'team-a/z', 'NodesReimaged')).toBe('True Reimaged');
    expect(new Set(rig.sent.filter(({ by }) => by !== 'controller').map(({ by }) => by))).toEqual(new Set([host]));
  });

  it('count as one way also where the oldest object’s server is dead, which is not asked each time', async () => {
    const rig = waysRig();
    for (const name of ['old', 'young']) rig.secrets.set(`team-a/${name}`, name);
    rig.servers.set('old', { shows: 'Dead', pods: new Map() });
    rig.add(object('team-a', 'a', [0], { nodeAccess: named('young') }));
    rig.add(object('team-a', 'z', [1], { nodeAccess: named('old'), createdAt: START - MINUTE }));
    await rig.passes(6);
    rig.replaceNodes();
    await rig.passes(2);
    expect(says(rig, 'team-a/z', 'NodesReimaged')).toBe('True Reimaged');
    expect(asked(rig, 'old')).toHaveLength(1);
  });
});

describe('the server of one team', () => {
  const beside = (hang: boolean) => {
    const rig = waysRig();
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.servers.set('team-a', { shows: hang ? 'Hanging' : 'Truth', pods: new Map() });
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }), object('team-b', 'b', [1]));
    return rig;
  };
  const timeOf = async (rig: WaysRig) => {
    for (let pass = 0; pass < 40; pass++) {
      await rig.passes(1);
      if (says(rig, 'team-b/b', 'Ready') === 'True Trusted') break;
    }
    return rig.now - START;
  };

  it('that hangs costs another team less than a minute, and is asked less and less often', async () => {
    const [calm, hung] = [beside(false), beside(true)];
    const [without, withIt] = [await timeOf(calm), await timeOf(hung)];
    expect(withIt - without).toBeLessThan(MINUTE);
    const before = asked(hung, 'team-a').length;
    await hung.passes(20);
    expect(asked(hung, 'team-a').length - before).toBeLessThanOrEqual(6);
  });

  it('that has endless names fills no record, and holds no object', async () => {
    const rig = beside(false);
    rig.names = Array.from({ length: 9000 }, (_, index) => `${'n'.repeat(200)}-${(index * 7919) % 100_003}-${index}`);
    await rig.passes(4);
    expect(says(rig, 'team-b/b', 'Ready')).toBe('True Trusted');
    expect(JSON.stringify(rig.record).length).toBeLessThan(20_000);
  });

  it('that never replaces its nodes is asked less and less often', async () => {
    const rig = beside(false);
    await rig.passes(4);
    const summary = await rig.pass();
    rig.now += 60 * MINUTE;
    const later = await rig.pass();
    expect(summary.afterMs).toBeLessThan(later.afterMs);
    expect(later.afterMs).toBe(10 * MINUTE);
  });
});

it('an object that is deleted with Remove goes while the nodes cannot be seen, where nothing has to be taken out', async () => {
  const rig = await underWay();
  rig.add(object('team-a', 'z', [0]));
  rig.secrets.clear();
  await rig.passes(2);
  expect(says(rig, 'team-a/a', 'Applied')).toBe('False NodesUnreadable');
  remove(rig, 'team-a/z');
  await rig.passes(1);
  expect([...rig.objects.keys()]).toEqual(['team-a/a']);
  expect(rig.record?.operation).toBeDefined();
});

it('the operator’s way that cannot be used holds those that ask for it, and no team with a Secret of its own', async () => {
  const rig = waysRig();
  rig.secrets.set('team-a/nodes', 'team-a');
  rig.servers.set('azure', { shows: 'Dead', pods: new Map() });
  rig.add(
    object('team-a', 'a', [0], { nodeAccess: SECRET }),
    object('team-b', 'b', [1], { nodeAccess: { azure: {} } }),
  );
  await rig.passes(4);
  expect(rig.puts).toEqual([[[0]]]);
  expect(says(rig, 'team-b/b', 'Applied')).toBe('False NodesUnreadable');
  expect(message(rig, 'team-a/a', 'Applied')).not.toContain('azure');
});

describe('what the policy file says of node access', () => {
  it('is reported, and holds only the objects that it concerns', async () => {
    const rig = waysRig();
    rig.policy = createPolicy({
      rules: [
        {
          namespaces: ['team-*'],
          clusters: ['/subscriptions/*/resourceGroups/*/*'],
          nodeAccess: ['azure'],
          verify: [],
          adopt: false,
        },
      ],
      nodeAccess: [],
    });
    rig.secrets.set('team-a/nodes', 'team-a');
    rig.add(object('team-a', 'a', [0], { nodeAccess: SECRET }), object('team-b', 'b', [1]));
    await rig.passes(4);
    expect(message(rig, 'team-a/a', 'Applied')).toContain('does not allow spec.target.nodeAccess.kubeconfigSecretRef');
    expect(says(rig, 'team-b/b', 'Ready')).toBe('True Trusted');
    expect(asked(rig, 'team-a')).toEqual([]);
    expect(rig.sent.some(({ path }) => path.includes('/secrets/'))).toBe(false);
  });

  it('keeps an object that may not name the cluster from changing who judges it', async () => {
    const rig = await underWay();
    rig.policy = createPolicy({
      rules: [
        {
          namespaces: ['team-a'],
          clusters: ['/subscriptions/*/resourceGroups/*/*'],
          nodeAccess: ['Secret'],
          verify: [],
          adopt: false,
        },
      ],
      nodeAccess: [],
    });
    rig.secrets.set('team-b/nodes', 'team-b');
    rig.add(object('team-b', 'b', [1], { nodeAccess: SECRET }));
    await rig.passes(3);
    expect(rig.record?.operation).toMatchObject({ countedBy: 'Namespace/team-a' });
    expect(asked(rig, 'team-b')).toEqual([]);
    expect(rig.sent.some(({ path }) => path.includes('team-b/secrets'))).toBe(false);
    rig.replaceNodes();
    await rig.passes(2);
    expect(says(rig, 'team-a/a', 'NodesReimaged')).toBe('True Reimaged');
  });
});
