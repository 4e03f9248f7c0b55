import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust, CustomCATrustStatus } from '../../../src/api/generated/customcatrusts.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import { statusOf } from '../../../src/cluster/kinds/update-trust/status.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { resultOf, verificationEvents } from '../../../src/cluster/verify/condition.ts';
import type { NodeAnswer } from '../../../src/cluster/verify/plan.ts';
import type { VerificationReports, VerifySpec } from '../../../src/cluster/verify/types.ts';
import { isDue, wantedOf } from '../../../src/cluster/verify/request.ts';
import {
  at,
  CLUSTER_ID,
  element,
  failure,
  MINUTE,
  observe,
  operation,
  recordObject,
  START,
  toIntent,
  trust,
  type Seen,
  type TrustOptions,
} from '../../harness/build.ts';
import { DEFAULT_RULES, type VerificationRules, type AccessRules } from '../../../src/cluster/model/way.ts';

const IMAGE: VerifySpec = { image: 'images.example.com/app:1' };

interface Options extends TrustOptions {
  readonly seen?: Seen;
  readonly reports?: (name: string) => VerificationReports;
  readonly unread?: boolean;
}

/** One look at an object whose only certificate is in the list, unless it says otherwise. */
function look(verify: VerifySpec | undefined, options: Options = {}) {
  const { seen = {}, reports, unread, ...rest } = options;
  const made = trust('a', [0], { nodeAccess: true, ...rest });
  const object: CustomCATrust = verify ? { ...made, spec: { ...made.spec, verify } } : made;
  const intent = toIntent(object);
  const read = observe({ elements: [element(0)], intents: [intent], ...seen });
  const observation = unread
    ? { ...read, arm: { ok: false as const, failure: failure(403, 'AuthorizationFailed'), failedInARow: 1 } }
    : read;
  const decision = plan(observation, START, DEFAULT_TIMING, () => 'op');
  const wanted = wantedOf(intent, observation, decision);
  const status = statusOf({
    intent,
    observation,
    decision,
    record: decision.record ?? {},
    ...(reports ? { verification: reports(intent.name) } : {}),
    now: START,
  });
  const finding = status.conditions?.find(({ type }) => type === 'NodesTrust');
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return { wanted, decision, status, finding, ready, due: isDue(intent, wanted) };
}

function rulesWith(verification: Partial<VerificationRules>): AccessRules {
  return { ...DEFAULT_RULES, verification: { ...DEFAULT_RULES.verification, ...verification } };
}

function keyOf(verify: VerifySpec, options: Options = {}): string {
  const { wanted } = look(verify, options);
  if (wanted.kind !== 'Verify') throw new Error(`it is not wanted: ${wanted.kind}`);
  return wanted.key;
}

function done(answers: readonly NodeAnswer[], verify: VerifySpec = IMAGE, options: Options = {}): CustomCATrustStatus {
  const { wanted } = look(verify, options);
  if (wanted.kind !== 'Verify') throw new Error(`it is not wanted: ${wanted.kind}`);
  const { listDigest } = wanted;
  return { verification: resultOf(wanted, answers, { listDigest }, {}, START) };
}

const answer = (node: string, outcome: NodeAnswer['outcome'], message: string = outcome): NodeAnswer => ({
  node,
  outcome,
  message,
});
const running = { key: 'k', namespace: 'n', startedAt: at(START) };

const applied = (ms: number) => ({ at: at(ms), proof: 'ReportedByARM' as const });

describe('an object without spec.verify', () => {
  it('has no condition NodesTrust, and is Ready without one', () => {
    const { finding, ready, due, status } = look(undefined);
    expect([finding, ready?.status, due, status.verification]).toEqual([undefined, 'True', false, undefined]);
  });

  it('loses what was once found out, and only after its pods are gone', () => {
    expect(look(undefined, { status: { verification: { key: 'k' } } }).status.verification).toBeUndefined();
    const cleaning = look(undefined, { status: { verification: { key: 'k', running } } });
    expect([cleaning.due, cleaning.status.verification?.running]).toEqual([true, running]);
  });
});

describe('what is verified', () => {
  it('is the same for the same list, spec and request, and other for others', () => {
    const keys = [
      keyOf(IMAGE),
      keyOf({ image: 'images.example.com/app:2' }),
      keyOf({ trustStore: {} }, { seen: { rules: rulesWith({ trustStoreImage: 'images.example.com/app:1' }) } }),
      keyOf({ trustStore: {} }, { seen: { rules: rulesWith({ trustStoreImage: 'images.example.com/app:2' }) } }),
      keyOf({ ...IMAGE, nodes: 'Every' }),
      keyOf(IMAGE, { seen: { rules: rulesWith({ namespace: 'other' }) } }),
      keyOf({ ...IMAGE, imagePullSecrets: ['s'] }),
      keyOf(IMAGE, { requestedAt: 'now' }),
      keyOf(IMAGE, { nodeAccess: { kubeconfigSecretRef: { name: 'other' } } }),
      keyOf(IMAGE, { seen: { elements: [element(0), element(1)] } }),
      keyOf(IMAGE, { seen: { record: { lastApplied: applied(START - MINUTE) } } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ ...IMAGE, nodes: 'PerPool', imagePullSecrets: [] })).toBe(keys[0]);
    expect(keyOf(IMAGE, { seen: { rules: rulesWith({ namespace: 'aks-ca-trust-verify' }) } })).toBe(keys[0]);
  });

  it('knows how old nodes may be that Karpenter has yet to replace, by whichever clock says more', () => {
    const outside = { virtualNodes: 0, autoProvisionedNodes: 1, autoProvisionedLeft: 1, otherNodes: 0 };
    const appliedAt = (lastApplied: number, since: number) => {
      const record = { lastApplied: applied(lastApplied), outside: { ...outside, since: at(since) } };
      const { wanted } = look(IMAGE, { seen: { record, nodes: { kind: 'NotRead' } } });
      return wanted.kind === 'Verify' ? wanted.appliedAt : undefined;
    };
    expect([appliedAt(START, START - MINUTE), appliedAt(START - MINUTE, START)]).toEqual([START, START]);
  });

  it.each<[string, Options, string]>([
    ['a change that runs', { seen: { record: { operation: operation() }, provisioningState: 'Updating' } }, 'Wait'],
    ['a change that is about to be sent', { seen: { elements: [] } }, 'Wait'],
    ['a change that settles', { seen: { elements: [] }, settleSeconds: 60 }, 'Wait'],
    ['somebody else’s operation', { seen: { provisioningState: 'Upgrading' } }, 'Wait'],
    ['a cluster that is Failed', { seen: { provisioningState: 'Failed' } }, 'Wait'],
    ['suspension', { suspend: true }, 'Suspended'],
    ['deletion', { deleting: true }, 'None'],
    ['a cluster that cannot be read', { unread: true }, 'Unknown'],
  ])('is nothing because of %s', (_, options, kind) => {
    const { wanted, due, finding } = look(IMAGE, options);
    expect([wanted.kind, due]).toEqual([kind, false]);
    expect(finding?.status).toBe(kind === 'None' ? undefined : 'Unknown');
  });

  it('is stopped and cleaned up when a change comes in between', () => {
    const { due } = look(IMAGE, { seen: { elements: [] }, status: { verification: { running } } });
    expect(due).toBe(true);
  });
});

describe('what came of it', () => {
  it('holds Ready back until it is there', () => {
    const { finding, ready, due } = look(IMAGE);
    expect(due).toBe(true);
    expect(finding).toMatchObject({ status: 'Unknown', reason: 'Verifying' });
    expect(ready).toMatchObject({ status: 'Unknown', reason: 'Verifying' });
  });

  it('is kept, and is the same from then on without asking again', () => {
    const first = look(IMAGE, { status: done([answer('a', 'Trusted'), answer('b', 'Trusted')]) });
    expect(first.due).toBe(false);
    expect(first.finding).toMatchObject({
      status: 'True',
      reason: 'Verified',
      message: '2 of 2 nodes trust the registry of images.example.com/app:1 (one node of each pool was verified)',
    });
    expect(first.ready?.status).toBe('True');
    const second = look(IMAGE, { status: first.status, seen: { record: first.decision.record } });
    expect(second.status).toEqual(first.status);
  });

  it('names who does not trust, and what it said', () => {
    const answers = [answer('a', 'Trusted'), answer('b', 'Unclear', 'no DNS'), answer('c', 'Untrusted', 'x509')];
    const { finding, ready, status } = look(
      { ...IMAGE, nodes: 'Every' },
      {
        status: done(answers, { ...IMAGE, nodes: 'Every' }),
      },
    );
    expect(finding).toMatchObject({ status: 'False', reason: 'NotTrusted' });
    expect(finding?.message).toContain('systemctl restart containerd');
    expect(finding?.message).toContain(
      '1 of 3 nodes trust the registry of images.example.com/app:1 (every node was verified); 1 do not: c: x509.',
    );
    expect(ready).toMatchObject({ status: 'False', reason: 'NotTrusted' });
    expect(status.conditions?.find(({ type }) => type === 'Stalled')?.status).toBe('True');
  });

  it('names no restart of containerd where the trust store itself lacks the list: it would bring nothing', () => {
    const store: VerifySpec = { trustStore: {} };
    const options = { seen: { rules: rulesWith({ trustStoreImage: 'images.example.com/sh:1' }) } };
    const { finding } = look(store, {
      ...options,
      status: done([answer('a', 'Untrusted', 'lacks 1')], store, options),
    });
    expect(finding).toMatchObject({ status: 'False', reason: 'NotTrusted' });
    expect(finding?.message).not.toContain('restart');
  });

  it('is unknown where no node is shown not to trust, but one could not be verified', () => {
    const { finding } = look(IMAGE, { status: done([answer('a', 'Trusted'), answer('b', 'Unclear', 'no DNS')]) });
    expect(finding).toMatchObject({ status: 'Unknown', reason: 'NotProven' });
    expect(finding?.message).toContain('1 could not be verified: b: no DNS.');
  });

  it('names ten nodes at most, those that do not trust first, and counts the others', () => {
    const many = Array.from({ length: 30 }, (_, index) => answer(`n${index}`, index < 20 ? 'Unclear' : 'Untrusted'));
    const { verification } = done(many);
    expect(verification?.failing).toHaveLength(10);
    expect(verification?.failing?.every(({ outcome }) => outcome === 'Untrusted')).toBe(true);
    expect(verification).toMatchObject({ nodes: 30, trusted: 0, untrusted: 10, unclear: 20 });
    expect(look(IMAGE, { status: { verification: verification! } }).finding?.message).toContain('; and 7 more');
  });

  it('waits for Karpenter where only nodes that are older than the list do not trust, and is read until they are gone', () => {
    const answers: NodeAnswer[] = [
      answer('a', 'Trusted'),
      { node: 'k', nodePool: 'general', outcome: 'Awaited', message: 'x509' },
    ];
    const status = done(answers);
    expect(status.verification).toMatchObject({ nodes: 2, autoProvisioned: 1, trusted: 1, untrusted: 0, awaited: 1 });
    expect(status.verification?.failing).toEqual([
      { node: 'k', nodePool: 'general', outcome: 'Awaited', message: 'x509' },
    ]);
    const { finding, ready, due } = look(IMAGE, { status });
    expect([due, finding?.status, finding?.reason]).toEqual([true, 'Unknown', 'WaitingForDrift']);
    expect(finding?.message).toContain('1 older than the list may lack it until Karpenter replaces them');
    expect(finding?.message).toContain('k: x509');
    expect(ready).toMatchObject({ status: 'Unknown', reason: 'WaitingForDrift' });
    const both = look(IMAGE, { status: done([...answers, answer('b', 'Untrusted')]) }).finding;
    expect([both?.reason, both?.message]).toEqual(['NotTrusted', expect.stringContaining('1 older than the list')]);
  });

  it('keeps its time, and what nodes said, for as long as nothing else is found', () => {
    const { wanted } = look(IMAGE);
    if (wanted.kind !== 'Verify') throw new Error(wanted.kind);
    const begun = { listDigest: wanted.listDigest };
    const awaited = (message: string): NodeAnswer => ({ node: 'k', nodePool: '', outcome: 'Awaited', message });
    const first = resultOf(wanted, [awaited('x509')], begun, {}, START);
    expect(resultOf(wanted, [awaited('older')], begun, first, START + MINUTE)).toEqual(first);
    const after = resultOf(wanted, [answer('k2', 'Trusted')], begun, first, START + MINUTE);
    expect([after.observedAt, after.failing]).toEqual(['2026-03-02T08:01:00Z', undefined]);
  });

  it('is cut where a status would otherwise not come back as it was written', () => {
    const { failing } = done([answer('a', 'Unclear', `${'x'.repeat(638)}😀 and more`)]).verification!;
    expect(failing?.[0]?.message).toMatch(/x…$/);
  });

  it('holds for no other nodes: an operation of another client may have replaced them', () => {
    const status = done([answer('a', 'Trusted')]);
    const during = look(IMAGE, { status, seen: { provisioningState: 'Upgrading' } }).status;
    expect([during.verification?.key, during.verification?.nodes]).toEqual([undefined, 1]);
    expect(look(IMAGE, { status: during }).due).toBe(true);
    // A change that waits leaves nodes alone.
    const waits = look(IMAGE, { status, seen: { elements: [] }, settleSeconds: 60 }).status;
    expect(waits.verification).toEqual(status.verification);
  });

  it('of a list of before does not count for this one', () => {
    const status = done([answer('a', 'Trusted')]);
    const { finding, due } = look(IMAGE, { status, requestedAt: 'anew' });
    expect([finding?.reason, due]).toEqual(['Verifying', true]);
  });

  it('stays as it was said while the cluster cannot be read', () => {
    const before = look(IMAGE, { status: done([answer('a', 'Trusted')]) });
    const { finding, status } = look(IMAGE, { status: before.status, unread: true });
    expect([finding?.reason, status.verification]).toEqual(['Verified', before.status.verification]);
  });

  it('is trouble while the target does not let us', () => {
    const reports = (name: string): VerificationReports =>
      new Map([[name, { status: { running }, trouble: { reason: 'AccessDenied', message: 'bind the role' } }]]);
    const { finding, status } = look(IMAGE, { reports });
    expect(finding).toMatchObject({ status: 'Unknown', reason: 'AccessDenied', message: 'Bind the role' });
    expect(status.verification).toEqual({ running });
  });
});

describe('an object that is deleted', () => {
  const leaving = (verification: CustomCATrustStatus['verification']): Options => ({
    deleting: true,
    status: { ...(verification ? { verification } : {}) },
  });

  it('is not let go of while its pods may be there, whether the cluster can be read or not', () => {
    const held = look(IMAGE, leaving({ running }));
    expect([held.decision.releases, held.due]).toEqual([[], true]);
    expect(held.decision.record).toBeDefined();
    const unread = look(IMAGE, { ...leaving({ running }), unread: true, seen: { record: { clusterName: 'prod' } } });
    expect(unread.decision.releases).toEqual([]);
    expect(unread.decision.record).toBeDefined();
    expect(look(IMAGE, leaving({ key: 'k' })).decision.releases).toHaveLength(1);
  });

  it('is let go of after ten minutes all the same', () => {
    const object = { ...trust('a', [0], { deleting: true, status: { verification: { running } } }) };
    const intents = [toIntent(object)];
    const observation = { ...observe({ elements: [element(0)], intents }), id: CLUSTER_ID, record: recordObject({}) };
    const releases = (now: number) => plan(observation, now, DEFAULT_TIMING, () => 'op').releases.length;
    expect([releases(START + 9 * MINUTE), releases(START + 10 * MINUTE)]).toEqual([0, 1]);
  });
});

describe('an event', () => {
  const after = look(IMAGE, { status: done([answer('a', 'Trusted')]) }).status;

  it('is made of each result, once', () => {
    expect(verificationEvents({}, after, [])).toMatchObject([{ type: 'Normal', reason: 'Verified' }]);
    expect(verificationEvents(after, after, [])).toEqual([]);
  });

  it('is a warning where there is no trust, unless Ready says so already', () => {
    const bad = look(IMAGE, { status: done([answer('a', 'Untrusted')]) }).status;
    expect(verificationEvents({}, bad, [])).toMatchObject([{ type: 'Warning', reason: 'NotTrusted' }]);
    expect(verificationEvents({}, bad, [{ type: 'Warning', reason: 'NotTrusted', message: '' }])).toEqual([]);
  });
});
