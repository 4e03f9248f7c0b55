import { beforeEach, describe, expect, it } from '@jest/globals';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { DAY, makeAuthority } from '../../cluster-certificates/authority.ts';
import { failure, HOUR, MINUTE, SECOND, START } from '../../harness/build.ts';
import { createWatchRig, leafOf, type WatchRig } from './watch-rig.ts';

const AZURE = { azure: {} };
const SECRET = { kubeconfigSecretRef: { name: 'nodes' } };

let rig: WatchRig;
beforeEach(async () => {
  rig = await createWatchRig();
});

/** Reconciles that write what is new, until nothing is. */
async function settle(): Promise<void> {
  await rig.next();
  await rig.next();
}

const healthOf = (name: string, row: string) =>
  rig.status(name)?.certificates?.find((certificate) => certificate.name === row)?.health;

describe('the certificates of a cluster', () => {
  it('are read as soon as there is an object, and again after six hours', async () => {
    rig.put('team/a');
    const after = await rig.next();
    expect(healthOf('team/a', 'ClusterCA')).toBe('Healthy');
    expect(healthOf('team/a', 'APIServer')).toBe('Healthy');
    expect(after).toBeGreaterThan(5.3 * HOUR);
    expect(after).toBeLessThanOrEqual(6 * HOUR);
    await rig.forTime(5 * HOUR);
    expect(rig.handshakes).toHaveLength(1);
    await rig.forTime(HOUR);
    expect(rig.handshakes).toHaveLength(2);
  });

  it('are read again when the object is edited, and when a read is asked for', async () => {
    rig.put('team/a');
    await settle();
    for (const change of [() => rig.put('team/a'), () => rig.ask('team/a')]) {
      rig.now += 10 * MINUTE;
      const before = [rig.listings.length, rig.handshakes.length];
      change();
      await settle();
      expect([rig.listings.length, rig.handshakes.length]).toEqual(before.map((count) => count + 1));
    }
  });

  it('cost ARM no request for each of many edits', async () => {
    rig.put('team/a');
    for (let edit = 0; edit < 100; edit++) {
      await rig.next();
      rig.put('team/a');
      rig.now += SECOND;
    }
    expect(rig.listings.length).toBeLessThanOrEqual(1);
    expect(rig.handshakes.length).toBeLessThanOrEqual(1);
  });

  it('cost one listing a day, and at most one handshake an hour, where the API server is read every 45 minutes', async () => {
    rig.put('team/a', AZURE);
    await rig.forTime(3 * DAY);
    expect(rig.listings.length).toBeGreaterThanOrEqual(3);
    expect(rig.listings.length).toBeLessThanOrEqual(4);
    expect(apart(rig.listings)).toBeGreaterThanOrEqual(DAY);
    expect(apart(rig.handshakes)).toBeGreaterThanOrEqual(HOUR);
    // Nothing in the status changes meanwhile.
    expect(rig.writes.filter(({ object }) => object.includes('team')).length).toBeLessThanOrEqual(3);
  });

  it('are read once for the objects of a namespace, whatever their number, and for each namespace over its own way', async () => {
    for (let index = 0; index < 20; index++) rig.put(`team/${index}`, SECRET);
    rig.put('other/a', SECRET);
    rig.put('third/a');
    await settle();
    expect([...rig.opened].sort()).toEqual(['Secret/other/nodes/value', 'Secret/team/nodes/value']);
    expect([rig.listings.length, rig.handshakes.length]).toEqual([1, 1]);
    expect(healthOf('team/19', 'ClusterCA')).toBe('Healthy');
    expect(rig.status('third/a')?.certificates?.find(({ name }) => name === 'ServiceAccountKeys')).toMatchObject({
      health: 'Unknown',
    });
    const before = rig.opened.length;
    await rig.forTime(44 * MINUTE);
    expect(rig.opened.length - before).toBe(2);
  });
});

describe('a source that fails', () => {
  it('is asked again sooner, but less and less often', async () => {
    rig.noKubeconfig = failure(403, 'AuthorizationFailed', { call: 'ListClusterUserCredential' });
    rig.put('team/a');
    await rig.next();
    expect(healthOf('team/a', 'ClusterCA')).toBe('Unknown');
    const reads = await rig.forTime(DAY);
    expect(reads).toBeLessThan(20);
    expect(rig.listings.length).toBeGreaterThan(4);
    expect(rig.listings.length).toBeLessThan(10);
    const second = rig.listings.length;
    await rig.forTime(2 * DAY);
    expect(rig.listings.length - second).toBeLessThanOrEqual(3);
  });

  it('is read within a quarter of an hour once it works', async () => {
    rig.noHandshake = true;
    rig.put('team/a');
    await rig.next();
    expect(healthOf('team/a', 'APIServer')).toBe('Unknown');
    rig.noHandshake = false;
    await rig.forTime(15 * MINUTE);
    expect(healthOf('team/a', 'APIServer')).toBe('Healthy');
  });

  it('does not make ARM be asked faster than without it', async () => {
    rig.put('team/a');
    await settle();
    rig.armIsAway = true;
    rig.now += 6 * HOUR;
    const before = rig.reads;
    const passes = await rig.forTime(HOUR);
    expect(passes).toBeLessThan(70);
    expect(rig.reads - before).toBeLessThan(70);
    rig.armIsAway = false;
    const read = rig.handshakes.length;
    await rig.forTime(15 * MINUTE);
    expect(rig.handshakes.length).toBe(read + 1);
  });

  it('keeps the kubeconfig of before while ARM is throttled, and only then', async () => {
    const messageOf = () => rig.status('team/a')?.certificates?.find(({ name }) => name === 'ClusterCA')?.message;
    rig.put('team/a');
    await settle();
    rig.noKubeconfig = failure(429, 'TooManyRequests', { call: 'ListClusterUserCredential' });
    await rig.forTime(2 * DAY);
    expect(rig.listings.length).toBeGreaterThan(1);
    expect([healthOf('team/a', 'ClusterCA'), messageOf()]).toEqual(['Healthy', undefined]);
    rig.noKubeconfig = failure(403, 'AuthorizationFailed', { call: 'ListClusterUserCredential' });
    await rig.forTime(DAY);
    expect(messageOf()).toContain('ARM returned no kubeconfig of the cluster');
  });
});

describe('a certificate that the kept CA has not signed', () => {
  it('makes ARM be asked anew, once for all objects', async () => {
    rig.put('team/a', AZURE);
    rig.put('other/a', SECRET);
    rig.put('third/a', SECRET);
    await settle();
    const rotated = await makeAuthority(START);
    rig.listed = rotated;
    rig.leaf = await leafOf(rotated);
    await rig.forTime(2 * HOUR);
    expect(rig.listings).toHaveLength(2);
    for (const name of ['team/a', 'other/a', 'third/a']) expect(healthOf(name, 'APIServer')).toBe('Healthy');
    expect(rig.status('team/a')?.certificates?.[0]?.fingerprintSHA256).toBe(fingerprintOf(rotated.certificate));
  });

  it('asks ARM no more than that while a firewall inspects TLS', async () => {
    rig.put('team/a', AZURE);
    await settle();
    rig.leaf = await leafOf(await makeAuthority(START));
    await rig.forTime(20 * HOUR);
    expect(rig.listings).toHaveLength(2);
    expect(healthOf('team/a', 'APIServer')).toBe('Intercepted');
  });
});

describe('a clock that is set back', () => {
  it('does not keep the certificates from being read', async () => {
    rig.put('team/a', AZURE);
    await settle();
    rig.now -= 20 * HOUR;
    const before = [rig.opened.length, rig.listings.length, rig.handshakes.length];
    await rig.forTime(HOUR);
    expect([rig.opened.length, rig.listings.length, rig.handshakes.length]).toEqual([
      expect.any(Number),
      before[1]! + 1,
      before[2]! + 1,
    ]);
    expect(rig.opened.length - before[0]!).toBeGreaterThanOrEqual(1);
    expect(rig.opened.length - before[0]!).toBeLessThanOrEqual(2);
  });
});

describe('a report', () => {
  it('that could not be written is written with the next reconcile, without another read', async () => {
    rig.put('team/a', AZURE);
    rig.refuse = ({ kind, object }) =>
      kind === 'status' && object.includes('team') ? new KubernetesError(503, 'ServiceUnavailable', 'busy') : undefined;
    await rig.forTime(10 * MINUTE);
    expect(rig.status('team/a')).toBeUndefined();
    rig.refuse = () => undefined;
    await rig.forTime(10 * MINUTE);
    expect(healthOf('team/a', 'ClusterCA')).toBe('Healthy');
    expect(rig.opened).toHaveLength(1);
  });

  it('that is refused for ever causes no more reads than one that is written', async () => {
    rig.put('team/a', AZURE);
    rig.put('other/a', AZURE);
    rig.refuse = ({ kind, object }) =>
      kind === 'status' && object.includes('team') ? new KubernetesError(422, 'Invalid', 'no') : undefined;
    await rig.forTime(6 * HOUR);
    expect(rig.opened.length).toBeLessThanOrEqual(9);
    expect(healthOf('other/a', 'ClusterCA')).toBe('Healthy');
  });

  it('of an earlier process is not made again at the start, but within 45 minutes', async () => {
    rig.put('team/a', AZURE);
    await settle();
    const later = await createWatchRig();
    for (const [key, object] of rig.others) later.others.set(key, object);
    later.record = rig.record;
    const after = await later.next();
    expect(later.opened).toEqual([]);
    expect(after).toBeLessThanOrEqual(45 * MINUTE);
    await later.forTime(45 * MINUTE);
    expect(later.opened).toHaveLength(1);
  });
});

describe('an object that is not watched any more', () => {
  it('is not read while it is suspended, and is read at once when it is resumed', async () => {
    rig.put('team/a', AZURE);
    await settle();
    rig.put('team/a', AZURE, { suspend: true });
    await rig.forTime(3 * HOUR);
    expect(rig.opened).toHaveLength(1);
    rig.put('team/a', AZURE);
    await settle();
    expect(rig.opened).toHaveLength(2);
    expect(rig.listings).toHaveLength(2);
  });

  it('leaves nothing behind: its cluster is read as a new one', async () => {
    rig.put('team/a', AZURE);
    await settle();
    rig.remove('team/a');
    await settle();
    rig.put('team/a', AZURE);
    await settle();
    // Within the time in which a kubeconfig is not requested again.
    expect(rig.listings).toHaveLength(2);
  });
});

describe('the ways of an object', () => {
  it('are those that it may use: one that asks for a way without the right to it reads over no other', async () => {
    const grants = rig.policy.grants('team', '');
    rig.policy = {
      ...rig.policy,
      grants: (namespace) => (namespace === 'tenant' ? { ...grants, nodeAccess: ['Secret'] } : grants),
    };
    rig.put('team/a', AZURE);
    rig.put('tenant/a', AZURE);
    await settle();
    expect(rig.opened).toEqual(['Azure']);
    const keys = rig.status('tenant/a')?.certificates?.find(({ name }) => name === 'ServiceAccountKeys');
    expect(keys).toMatchObject({ health: 'Unknown', message: expect.stringContaining('does not allow') });
  });
});

/** The shortest time between two of them, in ms. */
function apart(times: readonly number[]): number {
  return Math.min(...times.slice(1).map((time, index) => time - times[index]!));
}

function fingerprintOf({ fingerprint256 }: { readonly fingerprint256: string }): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
