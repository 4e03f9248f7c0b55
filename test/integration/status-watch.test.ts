import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ResolvedScope } from '../../src/commands/status/read.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { startSilentProxy, type SilentProxy } from '../chaos/silent-proxy.ts';
import { entry, eventually, isReady, roots, SEES_NODES } from './rig.ts';
import { BLOCKED, ID, MOVING, READY, startStatusRig, type StatusRig } from './status-rig.ts';

let rig: StatusRig;
beforeAll(async () => {
  rig = await startStatusRig();
}, 180_000);
afterEach(async () => {
  await rig.cleanUp();
});
afterAll(async () => {
  await rig.stop();
});

describe('status --watch of a real change', () => {
  it('has each step of it as a line, ends by itself with 0, and never has a number that was not', async () => {
    const cluster = await rig.addCluster({
      nodes: true,
      pools: [
        { name: 'system', count: 2 },
        { name: 'apps', count: 3 },
      ],
    });
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0, 1))], target: SEES_NODES });
    const watch = rig.start('roots', ...rig.inNamespace(), '--watch', '--certificates');
    const json = rig.start('roots', ...rig.inNamespace(), '--watch', '-o', 'json');
    await eventually(async () => watch.out().includes('is not processed yet') && json.out() !== '');
    await rig.startController();
    const { code, out, err } = await watch.ended;

    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \P{C}+$/u);
    expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
    const said = (text: string) => lines.findIndex((line) => line.includes(text));
    const steps = [
      'is not processed yet',
      'is Updating',
      'nodes: 0/5 replaced',
      'nodes: 5/5 replaced',
      'Ready: Trusted',
    ];
    expect(steps.map(said)).toEqual(steps.map(said).toSorted((a, b) => a - b));
    expect(steps.map(said)).not.toContain(-1);
    expect(said('certificate a[1]')).toBeGreaterThan(0);
    const counts = lines.flatMap((line) => /nodes: (\d)\/5/.exec(line)?.[1] ?? []).map(Number);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));

    const followed = await json.ended;
    expect(followed).toMatchObject({ code: 0, err: '' });
    const documents = followed.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { outcome: string });
    expect(documents[0]).toMatchObject({ outcome: 'InProgress' });
    expect(documents.at(-1)).toMatchObject({
      outcome: 'Converged',
      exitCode: 0,
      clusters: [{ state: 'Idle', nodes: { total: 5, reimaged: 5 }, objects: [{ name: 'roots', judged: true }] }],
    });
    expect(isReady((await rig.get('roots'))!)).toBe(true);
  }, 60_000);
});

describe('status --watch', () => {
  it('ends with 3 when the object stalls', async () => {
    await rig.makeTrust('moving', MOVING);
    const watch = rig.start('moving', ...rig.inNamespace(), '--watch');
    await eventually(async () => watch.out().includes('not Ready: Updating: a list was sent'));
    await rig.say('moving', { status: 'False', reason: 'Suspended' }, [
      { type: 'Stalled', status: 'True', reason: 'Suspended' },
    ]);
    const { code, out, err } = await watch.ended;
    expect({ code, err }).toEqual({ code: 3, err: 'aks-ca-trust: Stuck: a person must act.\n' });
    expect(out).toMatch(/moving: not Ready: Suspended, stalled/);
  }, 30_000);

  it('waits where nodes are held up for as long as there is patience', async () => {
    await rig.makeTrust('blocked', { status: 'False', reason: 'ReimageBlocked', message: 'by a budget' }, [BLOCKED]);
    const hasty = rig.watchHere(rig.admin, 'blocked', { patience: 0 });
    expect(await hasty.ended).toBe(3);
    expect(hasty.out()).toMatch(/Stuck: nodes are blocked for longer than --patience\.\n$/);
    const patient = rig.watchHere(rig.admin, 'blocked');
    await eventually(async () => patient.out().includes('ReimageBlocked: by a budget'));
    await rig.say('blocked', READY);
    expect(await patient.ended).toBe(0);
  }, 30_000);

  it('ends with what it has seen last when its time is over', async () => {
    await rig.makeTrust('moving', MOVING);
    const watch = rig.watchHere(rig.admin, 'moving', { timeout: 1000 });
    expect(await watch.ended).toBe(2);
    expect(watch.out()).toMatch(/The timeout has passed before everything was done\.\n$/);
    await rig.say('moving', READY);
    expect(await rig.watchHere(rig.admin, 'moving', { timeout: 1000, forever: true }).ended).toBe(0);
  }, 30_000);

  it('goes on when all is done, if asked to', async () => {
    await rig.makeTrust('fine', READY);
    const watch = rig.watchHere(rig.admin, 'fine', { forever: true });
    await eventually(async () => watch.out().includes('Ready: Trusted'));
    await rig.say('fine', MOVING);
    await eventually(async () => watch.out().includes('not Ready: Updating'));
    watch.stop.abort();
    expect(await watch.ended).toBeUndefined();
  }, 30_000);

  it('ends with 0 when the object is gone', async () => {
    await rig.makeTrust('leaving', MOVING);
    const watch = rig.watchHere(rig.admin, 'leaving');
    await eventually(async () => watch.out() !== '');
    await rig.remove('leaving');
    expect(await watch.ended).toBe(0);
    expect(watch.out()).toMatch(/The watched objects are gone\.\n$/);
  }, 30_000);

  it.each([
    ['text', ['-n', 'platfrom']],
    ['JSON', ['-n', 'platfrom', '-o', 'json']],
    ['text, for all namespaces', ['-A']],
  ])('is an error where no object ever was there, which may be a misspelt namespace: %s', async (_, words) => {
    const { code, out, err } = await rig.run(...words, '--watch');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^aks-ca-trust: No CustomCATrust or CertificateRotation objects in .*\.\n$/);
  });

  it('waits for objects to come with --forever, and is an error where none came', async () => {
    const scope: ResolvedScope = { kind: 'Namespace', namespace: rig.namespace };
    const none = rig.watchHere(rig.admin, scope, { forever: true, timeout: 500 });
    await expect(none.ended).rejects.toThrow('No object was there in this time');
    const watch = rig.watchHere(rig.admin, scope, { forever: true });
    await rig.makeTrust('late', READY);
    await eventually(async () => watch.out().includes('late: Ready: Trusted'));
    watch.stop.abort();
    expect(await watch.ended).toBeUndefined();
  }, 30_000);

  it.each<[string, () => ResolvedScope]>([
    ['a namespace', () => ({ kind: 'Namespace', namespace: rig.namespace })],
    ['all namespaces', () => ({ kind: 'Everywhere' })],
    ['a cluster', () => ({ kind: 'Cluster', cluster: 'prod' })],
    ['a cluster by its id', () => ({ kind: 'Cluster', cluster: ID })],
  ])('of %s sees objects come, and their records, and ends when the last is done', async (_, scope) => {
    await rig.makeRecord();
    await rig.makeTrust('one', MOVING);
    const watch = rig.watchHere(rig.admin, scope());
    await eventually(async () => watch.out().includes('one: not Ready: Updating'));
    await rig.makeTrust('two', MOVING);
    await eventually(async () => watch.out().includes('two: not Ready: Updating'));
    await rig.sayOfRecord({ state: 'Held' });
    await eventually(async () => watch.out().includes('prod: is Held'));
    await rig.say('one', READY);
    await eventually(async () => watch.out().includes('one: Ready: Trusted'));
    await rig.say('two', READY);
    expect(await watch.ended).toBe(0);
    expect(watch.out()).toMatch(/two: Ready: Trusted\n$/);
  });

  it('of a cluster has nothing of another one', async () => {
    const other = ID.replace('/g/', '/h/');
    await rig.makeRecord();
    await rig.makeTrust('one', MOVING);
    await rig.apply('foreign', other, {});
    const watch = rig.watchHere(rig.admin, { kind: 'Cluster', cluster: ID });
    await eventually(async () => watch.out().includes('one: not Ready: Updating'));
    await rig.say('foreign', { ...MOVING, message: 'of another cluster' });
    await rig.say('one', READY);
    expect(await watch.ended).toBe(0);
    expect(watch.out()).not.toContain('foreign');
  }, 30_000);

  it('ends at once on Ctrl-C, with the exit code of shells and without a stack', async () => {
    await rig.makeTrust('moving', MOVING);
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const watch = rig.start('moving', ...rig.inNamespace(), '--watch');
      await eventually(async () => watch.out() !== '');
      watch.kill(signal);
      expect(await watch.ended).toMatchObject({ code, err: '' });
    }
  }, 30_000);

  it('ends as by SIGPIPE when its output is not read any more', async () => {
    await rig.makeTrust('moving', MOVING);
    const watch = rig.start('moving', ...rig.inNamespace(), '--watch');
    await eventually(async () => watch.out().includes('a list was sent'));
    watch.stopReading();
    await rig.say('moving', { ...MOVING, message: 'another was sent' });
    expect(await watch.ended).toMatchObject({ code: 141, err: '' });
  }, 30_000);

  it('gives times by the clock of the API server, whatever that of the user says', async () => {
    await rig.makeTrust('fine', READY);
    const clock: Clock = { ...systemClock, now: () => Date.now() - 3_600_000 };
    const watch = rig.watchHere(rig.admin, 'fine', {}, {}, clock);
    expect(await watch.ended).toBe(0);
    const [stamp = ''] = watch.out().split(' ');
    expect(Math.abs(Date.parse(stamp) - Date.now())).toBeLessThan(60_000);
  }, 30_000);

  it('draws on a terminal', async () => {
    await rig.makeTrust('moving', MOVING);
    const watch = rig.watchHere(rig.admin, 'moving', {}, { redraws: true, columns: () => 79 });
    await eventually(async () => watch.out().includes('a list was sent'));
    await rig.say('moving', { ...MOVING, message: 'another was sent' });
    await eventually(async () => watch.out().includes('another was sent'));
    watch.stop.abort();
    await watch.ended;
    expect(watch.out().lastIndexOf('\x1b[H')).toBeGreaterThan(watch.out().indexOf('\x1b[J'));
  }, 30_000);

  it('says when the API server goes away, waits for it, and misses nothing', async () => {
    await rig.makeTrust('moving', MOVING);
    const proxy: SilentProxy = await startSilentProxy(rig.plane.config);
    const connection = connect({ server: proxy.server, caPem: proxy.caPem, token: await rig.viewerToken() });
    try {
      const watch = rig.watchHere(connection, 'moving');
      await eventually(async () => proxy.passed.filter(({ path }) => path.includes('watch=')).length >= 2);
      proxy.cut();
      await eventually(async () => watch.out().includes('The view may be out of date. The API server'));
      await rig.say('moving', READY);
      proxy.mend();
      expect(await watch.ended).toBe(0);
      expect(watch.out()).toContain('moving: Ready: Trusted');
      expect(watch.out()).toContain('The API server answers again.');
      expect(watch.out().match(/may be out of date/g)).toHaveLength(1);
    } finally {
      await connection.close();
      await proxy.stop();
    }
  }, 60_000);

  it('is an error when its time is over and the state is unknown', async () => {
    await rig.makeTrust('moving', MOVING);
    const proxy: SilentProxy = await startSilentProxy(rig.plane.config);
    const connection = connect({ server: proxy.server, caPem: proxy.caPem, token: await rig.viewerToken() });
    try {
      const watch = rig.watchHere(connection, 'moving', { timeout: 6000 });
      const refused = expect(watch.ended).rejects.toThrow(
        /^The view may be out of date. The API server \S+ does not answer/,
      );
      await eventually(async () => proxy.passed.filter(({ path }) => path.includes('watch=')).length >= 2);
      proxy.cut();
      await refused;
    } finally {
      await connection.close();
      await proxy.stop();
    }
  }, 60_000);

  it('asks anew where a watch says nothing for long, as on a laptop that slept', async () => {
    await rig.makeTrust('moving', MOVING);
    const proxy: SilentProxy = await startSilentProxy(rig.plane.config);
    const connection = connect({ server: proxy.server, caPem: proxy.caPem, token: await rig.viewerToken() });
    // 90 s of silence are 3 s, and a watch would end after 20 s.
    const started = Date.now();
    const clock: Clock = {
      now: () => started + (Date.now() - started) * 30,
      setTimeout: (fn, ms) => systemClock.setTimeout(fn, ms / 30),
    };
    const watch = rig.watchHere(connection, 'moving', {}, {}, clock);
    try {
      await eventually(async () => proxy.passed.filter(({ path }) => path.includes('watch=')).length >= 2);
      proxy.swallowWatches();
      await rig.say('moving', READY);
      expect(await watch.ended).toBe(0);
      expect(watch.out()).toContain('moving: Ready: Trusted');
      expect(Date.now() - started).toBeLessThan(15_000);
    } finally {
      await connection.close();
      await proxy.stop();
    }
  }, 60_000);
});
