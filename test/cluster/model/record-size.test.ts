import { describe, expect, it } from '@jest/globals';
import { recordAfterSend, recordBeforeSend, type SendOutcome } from '../../../src/cluster/operation/send-outcome.ts';
import type { TrustIntent } from '../../../src/cluster/model/intent.ts';
import { possiblyStale } from '../../../src/cluster/observe/stale-cache.ts';
import { noteObjects } from '../../../src/cluster/model/noted-objects.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { NAMES_LIMIT, OBJECTS_LIMIT, withoutSpareNames } from '../../../src/cluster/model/record-size.ts';
import { describeRecord } from '../../../src/cluster/decide/record-conditions.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import {
  digest,
  element,
  failure,
  HOUR,
  intent,
  observe,
  operation,
  slot,
  START,
  type TrustOptions,
} from '../../harness/build.ts';

const MANY = 5000;

/** What etcd stores in one object. */
const ETCD_LIMIT = 1.5 * 1024 * 1024;
const ROOTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const uid = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** Objects that all name the same certificates; what is said of one of them applies to it alone. */
function crowd(roots: readonly number[], special: Readonly<Record<number, TrustOptions>> = {}): TrustIntent[] {
  const template = intent('template', roots);
  return Array.from({ length: MANY }, (_, index): TrustIntent => {
    const name = `corporate-root-certificates-of-team-${String(index).padStart(5, '0')}`;
    const options = special[index];
    if (options) return intent(name, roots, { uid: uid(index), createdAt: START + index, ...options });
    const metadata = { ...template.object.metadata, name, uid: uid(index) };
    const object = { ...template.object, metadata };
    return {
      ...template,
      name: `team/${name}`,
      object,
      token: `${uid(index)}/1/000000000000`,
      createdAt: START + index,
    };
  });
}

/** One pass, and the record that it writes. */
function pass(
  intents: readonly TrustIntent[],
  roots: readonly number[],
  record: RecordStatus | undefined,
  now = START,
) {
  const elements = roots.map((one) => element(one));
  const observation = observe({ intents, elements, record, readAt: now });
  const decision = plan(observation, now, DEFAULT_TIMING, () => 'op');
  const written = decision.record && describeRecord(decision.record, observation, decision, now);
  return { observation, decision, written };
}

const size = (record: RecordStatus | undefined) => JSON.stringify(record).length;

describe('the record of a cluster that thousands of objects name', () => {
  it('has room in etcd, also right after a write, a refusal, and a rejection for each of them', () => {
    const intents = crowd(ROOTS);
    const { observation, decision } = pass(intents, [], undefined);
    if (decision.step.kind !== 'Send' || !decision.record) throw new Error('nothing is sent');
    const context = { intents, now: START, timing: DEFAULT_TIMING };
    const sent = recordBeforeSend(decision.record, decision.step.operation, context);
    const stored = describeRecord(sent, observation, decision, START);
    const words = 'x'.repeat(2000);
    const outcomes: SendOutcome[] = [
      { kind: 'Accepted' },
      { kind: 'Lost', failure: failure(502, 'HTTP502', { message: words }) },
      { kind: 'Refused', failure: failure(403, 'RequestDisallowedByPolicy', { message: words }) },
      { kind: 'Refused', failure: failure(400, 'BadRequest', { message: `CustomCATrustCertificates ${words}` }) },
    ];
    for (const outcome of outcomes) {
      const after = recordAfterSend(stored, decision.record, outcome, context);
      expect(size(after)).toBeLessThan(ETCD_LIMIT / 2);
      const next = pass(intents, [], after, START + HOUR);
      expect(size(next.written)).toBeLessThan(ETCD_LIMIT / 2);
    }
  });

  it('notes the oldest objects, and how many are not noted', () => {
    const { objects = [], objectsNotNoted = 0 } = noteObjects({}, crowd([0]).toReversed());
    expect(JSON.stringify(objects).length).toBeLessThan(OBJECTS_LIMIT + 1000);
    expect(objects.length + objectsNotNoted).toBe(MANY);
    expect(objects.map(({ uid }) => uid)).toContain(uid(0));
    expect(objects.map(({ uid }) => uid)).not.toContain(uid(MANY - 1));
  });

  it('notes the objects whose name a row has no room for, also while their wishes are not known', () => {
    const some = Array.from({ length: NAMES_LIMIT + 2 }, (_, index) => intent(`o-${index}`, [0]));
    const record = { slots: [slot(0, ...some.map(({ name }) => `${name}/ca`))] };
    const cutIn = (noted: RecordStatus) => noted.objects?.filter(({ nameCut }) => nameCut).map(({ name }) => name);
    const first = noteObjects(record, some);
    expect(cutIn(first)).toEqual(['team/o-16', 'team/o-17']);
    // The record as it is stored has lost those names.
    const stored = withoutSpareNames(first);
    const next = [...some.slice(0, 16), { ...some[16]!, frozen: 'Suspended' as const }, intent('o-17', [1])];
    expect(cutIn(noteObjects(stored, next))).toEqual(['team/o-16']);
  });

  it('does not ask the API server for every object that it has not noted', () => {
    const intents = crowd([0]);
    const record = noteObjects({}, intents);
    expect(possiblyStale(record, intents)).toEqual([]);
    const behind = intents.map((one, index) => (index === 0 ? crowd([0], { 0: { generation: 0 } })[0]! : one));
    expect(possiblyStale(record, behind).map(({ name }) => name)).toEqual([behind[0]?.name]);
    expect(noteObjects(record, intents.slice(0, 5))).toEqual({ objects: noteObjects({}, intents.slice(0, 5)).objects });
  });

  it('keeps some names of each certificate, and is the same after every pass', () => {
    const intents = crowd([0]);
    const { written } = pass(intents, [0], undefined);
    expect(written?.slots?.[0]?.namedBy).toHaveLength(NAMES_LIMIT);
    expect(pass(intents, [0], written, START + HOUR).written).toEqual(written);
  });
});

describe('a certificate whose names were cut in the record', () => {
  const allObjects = crowd([0]);
  const { written } = pass(allObjects, [0], { slots: [slot(0, `${allObjects[0]!.name}/ca`)] });

  it('leaves when no object names it any more', () => {
    const { decision } = pass(crowd([]), [0], written);
    expect(decision.record?.pending?.removes).toHaveLength(1);
  });

  it('stays while an object is suspended that may be among the lost names', () => {
    const suspendedObjects = crowd([], { 4000: { suspend: true } });
    const { decision } = pass(suspendedObjects, [0], written);
    expect(decision.record?.pending).toBeUndefined();
  });

  it('keeps an object that is deleted with Remove until it has left, whether or not its name is there', () => {
    const rest = crowd([]);
    const removing = crowd([0], { 4000: { deleting: true, deletionPolicy: 'Remove' } })[4000]!;
    const intents = rest.map((one, index) => (index === 4000 ? removing : one));
    expect(pass(intents, [0], written).decision.releases).toEqual([]);
    expect(pass(intents, [], written).decision.releases.map(({ why }) => why)).toEqual(['Removed']);
  });

  it('reports to every object that names it that its change was seen through', () => {
    const adds = [{ ...written!.slots![0]!, fingerprintSHA256: written!.slots![0]!.fingerprintSHA256! }];
    const sent = operation({
      listDigest: digest(0),
      adds: adds.map(({ fingerprintSHA256, namedBy = [] }) => ({ fingerprintSHA256, namedBy })),
    });
    const { decision } = pass(allObjects, [0], { ...written, operation: sent });
    expect(decision.outlook.seenThrough.size).toBe(MANY);
  });
});
