import { describe, expect, it } from '@jest/globals';
import { readUpgraderEvent, UPGRADER_EVENTS } from '../../../src/cluster/node-access/upgrader-events.ts';
import { CORPUS } from '../../corpus.ts';
import { at, START } from '../../harness/build.ts';

const NODE = 'aks-apps-12345678-vmss000001';

interface EventObject {
  readonly metadata: unknown;
  readonly involvedObject: unknown;
  readonly type?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly lastTimestamp?: unknown;
  readonly series?: unknown;
}

function event(message: unknown, options: Partial<EventObject> = {}): EventObject {
  return {
    metadata: { name: 'e', creationTimestamp: at(START) },
    involvedObject: { kind: 'Node', name: NODE },
    ...{ type: 'Normal', reason: 'Upgrade', message, lastTimestamp: at(START) },
    ...options,
  };
}

/** What each event of the corpus says: the step, and whom it is about. */
const MEANINGS: Readonly<Record<string, readonly [step: string | undefined, about?: string]>> = {
  'upgrade-started': ['Started'],
  'surge-created': ['SurgeCreated', 'aks-nodepool1-41088331-vmss000006'],
  'surge-created-in-brackets': ['SurgeCreated', 'aks-nodepool1-96663640-vmss000002'],
  'surge-removed': ['SurgeRemoved', 'aks-nodepool1-35652913-vmss000002'],
  cordoning: ['Cordoned'],
  draining: ['Draining'],
  'draining-in-brackets': ['Draining'],
  'eviction-small-many': ['EvictionRefused', 'testk8sdev1-dev01-backend-mh-sts-0'],
  'eviction-small-many-system': ['EvictionRefused', 'metrics-server-5467676b76-94mmr'],
  'eviction-in-brackets': ['EvictionRefused', 'mloskot-myapp1-97fb5fd59-mngxr'],
  'eviction-capital-many': ['EvictionRefused', 'nginx-7854ff8877-gnltd'],
  'eviction-placeholder': ['EvictionRefused', ''],
  'eviction-of-a-replica': ['EvictionRefused', 'shared-1'],
  'eviction-of-a-system-pod': ['EvictionRefused', 'konnectivity-agent-68cb7c4cff-8jlww'],
  'eviction-of-a-long-name': ['EvictionRefused', 'claim-additional-payments-for-teaching-production-worker-64dqxw'],
  'drain-error': ['DrainFailed'],
  deleting: ['Deleted'],
  'unable-to-delete': ['Failed'],
  reimaging: ['Reimaging'],
  'failed-to-reimage': ['Failed'],
  // The one that follows it says the same.
  reimaged: [undefined],
  upgraded: ['Upgraded'],
};

describe('what the upgrader says about a node', () => {
  it.each(CORPUS.events)('$id: $message', ({ id, message, reason, type }) => {
    const [step, about = ''] = MEANINGS[id] ?? [];
    expect(id in MEANINGS).toBe(true);
    const said = { node: NODE, step, about, since: START, at: START };
    expect(readUpgraderEvent(event(message, { reason, type }))).toEqual(step && said);
  });

  it.each([
    ['Upgrade started for agent pool apps', 'Started', 'apps'],
    [`Cordoning node ${NODE}`, 'Cordoned', ''],
    [
      'Eviction blocked by Too many Requests (usually a pdb): web/web-7d4b9-x2x',
      'EvictionRefused',
      'web/web-7d4b9-x2x',
    ],
    ['Eviction blocked by Too many Requests (usually a pdb): [web/web-1, web/web-2]', 'EvictionRefused', 'web/web-1'],
    ['eviction BLOCKED by too MANY requests: web-1', 'EvictionRefused', 'web-1'],
    ['Eviction blocked by Too Many Requests', 'EvictionRefused', ''],
    [`Error draining node ${NODE}: timed out`, 'DrainFailed', ''],
    [`Soak duration 5m0s after draining node: ${NODE}`, 'Soaking', ''],
    [`Reimaging node: ${NODE}`, 'Reimaging', ''],
  ])('%s', (message, step, about) => {
    expect(readUpgraderEvent(event(message))).toEqual({ node: NODE, step, about, since: START, at: START });
  });

  it.each([
    ["Cannot evict pod as it would violate the pod's disruption budget: web/web-1", 'EvictionRefused', 'web/web-1'],
    ['Too many req while evicting: web-1', 'EvictionRefused', 'web-1'],
    ['Failed to drain node aks-apps-1', 'DrainFailed', ''],
    ['Drain of aks-apps-1 did not complete within 30m', 'DrainFailed', ''],
  ])('is read in other words that warn of a drain: %s', (message, step, about) => {
    const said = event(message, { type: 'Warning', reason: 'Drain' });
    expect(readUpgraderEvent(said)).toMatchObject({ step, about });
    expect(readUpgraderEvent(event(message, { type: 'Normal', reason: 'Drain' }))).toBeUndefined();
    expect(readUpgraderEvent(event(message, { type: 'Warning', reason: 'NodeNotReady' }))).toBeUndefined();
  });

  it.each(['Eviction denied by admission webhook: web-1', 'Pod web-1 was evicted although its pdb forbids it', 'Hm'])(
    'is not taken for a refusal of a budget: %s',
    (message) => {
      expect(readUpgraderEvent(event(message, { type: 'Warning', reason: 'Drain' }))).toBeUndefined();
    },
  );

  it('is a failure when cordoning failed', () => {
    const failed = event('Cordoning node x failed', { type: 'Warning', reason: 'Cordon' });
    expect(readUpgraderEvent(failed)?.step).toBe('Failed');
  });

  it('is nothing for other objects, and for unknown words', () => {
    const pod = event('Cordoning node', { involvedObject: { kind: 'Pod', name: NODE } });
    expect(readUpgraderEvent(pod)).toBeUndefined();
    expect(readUpgraderEvent(event('Cordoning node', { involvedObject: {} }))).toBeUndefined();
    expect(readUpgraderEvent(event('Something else'))).toBeUndefined();
  });

  it('was said first when the event was made, and last when it came again, counted up or as a series', () => {
    const draining = (options: Partial<EventObject>) => readUpgraderEvent(event('Draining node: x', options));
    const later = at(START + 477_000);
    expect(draining({ lastTimestamp: later })).toMatchObject({ since: START, at: START + 477_000 });
    const series = { lastObservedTime: later.replace(/(\.\d+)?Z$/, '.000000Z') };
    expect(draining({ lastTimestamp: null, series })).toMatchObject({ since: START, at: START + 477_000 });
    for (const lastTimestamp of [null, 'soon', at(START - 60_000)])
      expect(draining({ lastTimestamp })).toMatchObject({ since: START, at: START });
  });

  it('comes in pages of a list, and one by one in a watch', () => {
    const read = UPGRADER_EVENTS.reader();
    const [draining, other] = [event('Draining node: x'), event('Something else')];
    const steps = (body: unknown) => [...read(body)].map(({ name, value }) => [name, value?.step]);
    expect(steps({ items: [draining, other] })).toEqual([
      ['e', 'Draining'],
      ['e', undefined],
    ]);
    expect(steps(draining)).toEqual([['e', 'Draining']]);
    expect(steps({ items: null })).toEqual([]);
  });
});

describe('an event from outside', () => {
  it.each([
    ['with a blank', 'default/p 0', 'default/p'],
    ['with a character that no path has', 'default/p0€', ''],
    ['that leads elsewhere', '../secrets/admin', ''],
    ['with a query', 'default/p0?x=1', ''],
    ['with three parts', 'default/pods/p0', ''],
    ['with an escape sequence', 'default/\u001b[31mweb', ''],
    ['that is reversed on a screen', 'default/\u202eweb', ''],
    ['with a C1 control', 'default/\u009bweb', ''],
    ['with 300 characters', `default/${'a'.repeat(300)}`, ''],
    ['whose namespace has 70 characters', `${'a'.repeat(70)}/web`, ''],
    ['called __proto__', '__proto__/constructor', ''],
  ])('is read without the name of a pod %s', (_what, pod, about) => {
    expect(readUpgraderEvent(event(`Eviction blocked by Too many Requests (usually a pdb): ${pod}`))).toMatchObject({
      step: 'EvictionRefused',
      about,
    });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 5],
    ['a text', 'Draining node'],
    ['a list', []],
    ['without metadata', { ...event('Draining node'), metadata: null }],
    ['without a time', event('Draining node', { metadata: { name: 'e' } })],
    ['of a time that is none', event('Draining node', { metadata: { name: 'e', creationTimestamp: 'garbage' } })],
    ['of a time that is a number', event('Draining node', { metadata: { name: 'e', creationTimestamp: 5 } })],
    ['of no object', event('Draining node', { involvedObject: null })],
    ['of a node whose name is none', event('Draining node', { involvedObject: { kind: 'Node', name: '\u202ea' } })],
    ['with a message that is no text', event({ text: 'Draining node' })],
  ])('says nothing where it is %s', (_what, body) => {
    expect(readUpgraderEvent(body)).toBeUndefined();
    expect([...UPGRADER_EVENTS.reader()({ items: [body] })].map(({ value }) => value)).toEqual([undefined]);
  });

  it('says nothing with the names that objects have by inheritance', () => {
    const inherited = JSON.parse(
      '{"__proto__":{"involvedObject":{"kind":"Node","name":"a"},"message":"Draining node"}}',
    ) as unknown;
    expect(readUpgraderEvent(inherited)).toBeUndefined();
  });

  it.each([
    ['Deleting node ', 'x'],
    ['Eviction blocked by Too many Requests ', ':'],
    ['a-', '.'],
    ['Eviction blocked by Too many Requests (usually a pdb): ', `${'a'.repeat(1000)}€`],
    ['Soak duration', 'failed'],
    ['İ', 'draining node'],
  ])('takes no longer to read for being long: %j', (part, end) => {
    const message = `${part.repeat(Math.ceil(2 ** 20 / part.length))}${end}`;
    const read = () => readUpgraderEvent(event(message));
    read();
    const before = process.cpuUsage().user;
    for (let time = 0; time < 200; time++) read();
    // In microseconds: 1 KiB is read, 200 times. Of the whole message one reading alone took seconds.
    expect(process.cpuUsage(undefined).user - before).toBeLessThan(500_000);
  });
});
