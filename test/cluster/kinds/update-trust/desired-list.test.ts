import { describe, expect, it } from '@jest/globals';
import type { ElementReading } from '../../../../src/certificates/element.ts';
import type { TrustIntent } from '../../../../src/cluster/model/intent.ts';
import type { RecordStatus } from '../../../../src/cluster/model/record.ts';
import { discoverClaims, rememberedClaims, currentOwners } from '../../../../src/cluster/kinds/update-trust/owners.ts';
import { merge, type MergeInput } from '../../../../src/cluster/kinds/update-trust/desired-list.ts';
import type { Merge } from '../../../../src/cluster/model/trust.ts';
import { applyItems } from '../../../harness/arm-cluster.ts';
import {
  BAD_PEM,
  digest,
  element,
  HOUR,
  intent,
  listOf,
  mark,
  named,
  root,
  rootsIn,
  slot,
  START,
} from '../../../harness/build.ts';

interface Given extends Partial<Pick<MergeInput, 'missing' | 'contended' | 'rejected' | 'limit'>> {
  readonly list?: readonly string[];
  readonly record?: RecordStatus;
  readonly intents?: readonly TrustIntent[];
}

function merged({ list = [], record = {}, intents = [], ...rest }: Given): Merge & { readonly elements: string[] } {
  const read: readonly ElementReading[] = listOf(...list);
  const { claims, wanted } = currentOwners(discoverClaims(rememberedClaims(record), read, record), read, intents);
  const input = { missing: new Set<string>(), contended: false, rejected: new Set<string>(), limit: 10, ...rest };
  const result = merge({ list: read, claims, wanted, intents, ...input });
  return { ...result, elements: applyItems(list, result.items) };
}

/** A record of a list of these roots, all named by one entry. */
const ours = (...roots: number[]): RecordStatus => ({ slots: roots.map((one) => slot(one, 'team/a/ca')) });

describe('a list that has what is wanted', () => {
  it.each([
    ['in another order', [element(1), element(0)]],
    ['more than once', [element(0), element(1), element(0)]],
    ['in one element', [element(0, 1)]],
    ['with comments and other line breaks', [btoa(`# root\r\n${atob(element(0))}`), element(1)]],
  ])('stays as it is when it has it %s', (_how, list) => {
    const { adds, removes, elements } = merged({ list, record: ours(0, 1), intents: [intent('a', [0, 1])] });
    expect({ adds, removes, elements }).toEqual({ adds: [], removes: [], elements: list });
  });

  it('has the same digest in every order and spelling', () => {
    const intents = [intent('a', [0, 1])];
    const digests = [[element(0), element(1)], [element(1, 0)], [element(1), element(0), element(1)]].map(
      (list) => merged({ list, intents }).listDigest,
    );
    expect(digests).toEqual([digest(0, 1), digest(0, 1), digest(0, 1)]);
  });

  it('stays as it is when objects name a certificate twice', () => {
    const { adds, removes } = merged({
      list: [element(0)],
      intents: [intent('a', { x: [0], y: [0, 0] }), intent('b', [0])],
    });
    expect([...adds, ...removes]).toEqual([]);
  });
});

describe('a change of the list', () => {
  it('puts what is new to the end, canonically, one certificate an element', () => {
    const { elements, adds } = merged({ list: [element(9)], intents: [intent('a', { x: [2, 0], y: [1] })] });
    expect(elements).toEqual([element(9), root(2).element, root(0).element, root(1).element]);
    expect(adds).toEqual([named(2, 'team/a/x'), named(0, 'team/a/x'), named(1, 'team/a/y')]);
  });

  it('keeps what stays byte for byte and in its order', () => {
    const odd = btoa(`\r\n${atob(element(2))}\r\n`);
    const list = [odd, element(0), element(1)];
    expect(merged({ list, record: ours(0, 1, 2), intents: [intent('a', [1, 2, 3])] }).elements).toEqual([
      odd,
      element(1),
      root(3).element,
    ]);
  });

  it('takes every copy of a certificate out', () => {
    const { elements, removes } = merged({ list: [element(0), element(1), element(0)], record: ours(0) });
    expect(elements).toEqual([element(1)]);
    expect(removes).toEqual([named(0, 'team/a/ca')]);
  });

  it('is the empty list when all of it goes', () => {
    expect(merged({ list: [element(0)], record: ours(0), intents: [intent('a', [])] }).elements).toEqual([]);
  });
});

describe('a certificate that no object names', () => {
  it('stays when no object ever named it', () => {
    expect(merged({ list: [element(0)], intents: [intent('a', [])] }).removes).toEqual([]);
  });

  it('leaves when its last object adopted it and may take it out, and stays when that may not', () => {
    const record = { slots: [{ ...named(0, 'team/a/ca'), managed: false, adopted: true }] };
    const asks = intent('a', [], { adopt: true });
    const allowed = { ...asks, grants: { ...asks.grants, adopt: true } };
    expect(merged({ list: [element(0)], record, intents: [allowed] }).removes).toEqual([named(0, 'team/a/ca')]);
    expect(merged({ list: [element(0)], record, intents: [asks] }).removes).toEqual([]);
  });

  it('stays when it cannot be read, whatever the policy', () => {
    const policy = { unmanagedCertificates: 'Remove' } as const;
    expect(merged({ list: [element()], intents: [intent('a', [0], policy)] }).elements[0]).toBe(element());
  });

  const remove = { unmanagedCertificates: 'Remove' } as const;
  const list = [element(0), element(5)];
  it.each<[string, TrustIntent[], boolean]>([
    ['every object says so', [intent('a', [0], remove), intent('b', [], remove)], true],
    ['one of them says nothing', [intent('a', [0], remove), intent('b', [])], false],
    ['one of them is suspended', [intent('a', [0], remove), intent('b', [], { ...remove, suspend: true })], false],
    ['one of them is held', [intent('a', [0], remove), intent('b', { bad: BAD_PEM }, remove)], false],
    [
      'one of them skips a bad certificate',
      [intent('a', { ca: [0], bad: BAD_PEM }, { ...remove, invalidCertificates: 'Skip' })],
      false,
    ],
    [
      'the only one that does not is being deleted',
      [intent('a', [0], remove), intent('b', [], { deleting: true })],
      true,
    ],
    ['all of them are being deleted', [intent('a', [0], { ...remove, deleting: true })], false],
    ['there is no object', [], false],
  ])('with Remove: %s', (_when, intents, leaves) => {
    expect(merged({ list, intents }).removes.some(({ fingerprintSHA256 }) => fingerprintSHA256 === mark(5))).toBe(
      leaves,
    );
  });
});

describe('an element with several certificates', () => {
  const bundle = element(0, 1, 2);
  const leaves = (roots: number[]): RecordStatus => ({
    slots: [{ opaque: true, digest: 'd', contains: roots.map((one) => slot(one, 'team/a/ca')) }],
  });

  it('stays whole while all of them stay', () => {
    const { elements } = merged({ list: [bundle], record: leaves([0]), intents: [intent('a', [0, 3])] });
    expect(elements).toEqual([bundle, root(3).element]);
  });

  it('is split in its place when one of them leaves', () => {
    const { elements } = merged({ list: [element(7), bundle, element(8)], record: leaves([1]) });
    expect(elements).toEqual([element(7), root(0).element, root(2).element, element(8)]);
  });

  it('goes when all of them leave', () => {
    expect(merged({ list: [bundle], record: leaves([0, 1, 2]) }).elements).toEqual([]);
  });

  it('is split without what the list has elsewhere anyway', () => {
    const list = [element(0), element(0, 1, 2, 2), element(2, 1, 3)];
    expect(rootsIn(merged({ list, record: leaves([1]) }).elements)).toEqual([[0], [2], [3]]);
  });

  it('keeps the remaining certificates together when there are not enough slots to split it', () => {
    const list = [element(0, 1, 2), ...[3, 4, 5, 6, 7, 8, 9, 10].map((one) => element(one)), element(11, 1, 12, 13)];
    const { elements, listDigest, removes } = merged({ list, record: leaves([1]) });
    expect(rootsIn(elements)).toEqual([[0, 2], [3], [4], [5], [6], [7], [8], [9], [10], [11, 12, 13]]);
    expect(removes).toEqual([named(1, 'team/a/ca')]);
    expect(listDigest).toBe(digest(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
  });

  it('is split as far as the slots suffice', () => {
    const list = [element(11, 1, 12, 13), ...[3, 4, 5, 6, 7, 8, 9].map((one) => element(one)), element(0, 1, 2)];
    expect(rootsIn(merged({ list, record: leaves([1]) }).elements)).toEqual([
      [11, 12, 13],
      ...[3, 4, 5, 6, 7, 8, 9].map((one) => [one]),
      [0],
      [2],
    ]);
  });

  it.each([
    [
      [2, 3, 4, 5, 6, 7],
      [[0], [8], [9], [10]],
    ],
    [
      [2, 3, 4, 5, 6, 7, 11],
      [[0], [8], [9, 10]],
    ],
  ])('takes slots from the next one that is split (%#)', (others, ends) => {
    const list = [element(0, 1, 8), ...others.map((one) => element(one)), element(9, 1, 10)];
    const elements = rootsIn(merged({ list, record: leaves([1]) }).elements);
    expect([...elements.slice(0, 2), ...elements.slice(2 + others.length)]).toEqual(ends);
  });

  it('leaves slots in use to their owners when it is split', () => {
    const list = [bundle, ...[3, 4, 5, 6, 7, 8, 9, 10].map((one) => element(one))];
    const { elements, overLimit } = merged({ list, record: leaves([1]), intents: [intent('b', [12])] });
    expect(elements.length).toBe(10);
    expect(overLimit.get('team/b')).toEqual([mark(12)]);
  });
});

describe('an element of which programs on a node do not find everything', () => {
  const joined = root(1).pem.trimEnd() + root(2).pem;
  const list = [btoa(root(0).pem + joined), element(7)];

  it('has what all of them find: who names that causes no write', () => {
    const { adds, removes, elements } = merged({ list, intents: [intent('a', [0])] });
    expect({ adds, removes, elements }).toEqual({ adds: [], removes: [], elements: list });
  });

  it('does not have the rest: who names a certificate in it gets an element for it', () => {
    const { adds, elements } = merged({ list, intents: [intent('a', [0, 1, 2])] });
    expect(adds).toEqual([named(1, 'team/a/ca'), named(2, 'team/a/ca')]);
    expect(elements).toEqual([...list, root(1).element, root(2).element]);
  });

  it('keeps the rest when the certificate that all of them find leaves', () => {
    const record: RecordStatus = { slots: [{ opaque: true, digest: 'd', contains: [slot(0, 'team/a/ca')] }] };
    const { elements, removes, listDigest } = merged({ list, record });
    expect(removes).toEqual([named(0, 'team/a/ca')]);
    expect(elements).toEqual([btoa(joined), element(7)]);
    // The list that comes back is the one that was meant.
    expect(merged({ list: elements }).listDigest).toBe(listDigest);
  });

  it('keeps the rest in one element with what stays where the slots do not suffice', () => {
    const full = [
      btoa(root(0).pem + root(8).pem + joined),
      ...[3, 4, 5, 6, 7, 9, 10, 11, 12].map((one) => element(one)),
    ];
    const record: RecordStatus = { slots: [{ opaque: true, digest: 'd', contains: [slot(0, 'team/a/ca')] }] };
    const { elements, listDigest } = merged({ list: full, record });
    expect(elements).toEqual([btoa(root(8).pem + joined), ...full.slice(1)]);
    expect(merged({ list: elements }).listDigest).toBe(listDigest);
  });
});

describe('ten slots', () => {
  const old = (name: string, entries: number[]) => intent(name, entries, { createdAt: START });
  const young = (name: string, entries: number[]) => intent(name, entries, { createdAt: START + HOUR });
  const six = [0, 1, 2, 3, 4, 5];

  it('go to the oldest object first', () => {
    const { adds, overLimit } = merged({ intents: [young('a', [6, 7, 8, 9, 10]), old('b', six)] });
    expect(adds.map(({ fingerprintSHA256 }) => fingerprintSHA256)).toEqual(six.map(mark));
    expect([...overLimit]).toEqual([['team/a', [6, 7, 8, 9, 10].map(mark)]]);
  });

  it('go by name among those of the same time', () => {
    const { overLimit } = merged({ intents: [old('b', [6, 7, 8, 9, 10]), old('a', six)] });
    expect([...overLimit.keys()]).toEqual(['team/b']);
  });

  it('are filled by a younger object that fits where an older one does not', () => {
    const { adds } = merged({ intents: [old('a', six), young('b', [6, 7, 8, 9, 10]), young('c', [11, 12])] });
    expect(adds.slice(6)).toEqual([named(11, 'team/c/ca'), named(12, 'team/c/ca')]);
  });

  it('stay with what is in and still named, however young its object is', () => {
    const record = { slots: six.map((one) => slot(one, 'team/young/ca')) };
    const { removes, overLimit } = merged({
      list: six.map((one) => element(one)),
      record,
      intents: [young('young', six), old('old', [6, 7, 8, 9, 10])],
    });
    expect(removes).toEqual([]);
    expect([...overLimit.keys()]).toEqual(['team/old']);
  });

  it('are counted once for a certificate that two objects name', () => {
    expect(merged({ intents: [old('a', six), young('b', [...six, 6, 7, 8, 9])] }).overLimit.size).toBe(0);
  });

  it('that become free are filled in the same write', () => {
    const list = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((one) => element(one));
    const record = { slots: [...six, 6, 7, 8, 9].map((one) => slot(one, 'team/a/ca')) };
    const { elements, overLimit } = merged({ list, record, intents: [old('a', six), young('b', [10, 11, 12, 13])] });
    expect(elements.length).toBe(10);
    expect(overLimit.size).toBe(0);
  });

  it('are not added to by an object over the limit, whose removals go all the same', () => {
    const record = { slots: [slot(0, 'team/a/ca'), slot(1, 'team/a/ca')] };
    const { adds, removes } = merged({
      list: [element(0), element(1)],
      record,
      intents: [old('a', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])],
    });
    expect(adds).toEqual([]);
    expect(removes).toEqual([named(0, 'team/a/ca')]);
  });

  it('take nothing more where others left more than ten', () => {
    const list = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((one) => element(one));
    const { elements, overLimit } = merged({ list, intents: [old('a', [11])] });
    expect(elements).toEqual(list);
    expect(overLimit.has('team/a')).toBe(true);
  });
});

describe('objects that add nothing', () => {
  it.each<[string, TrustIntent, Given]>([
    ['is suspended', intent('a', [0], { suspend: true }), {}],
    ['is held', intent('a', { ca: [0], bad: BAD_PEM }), {}],
    ['is being deleted', intent('a', [0], { deleting: true, deletionPolicy: 'Remove' }), {}],
    ['had its certificates refused', intent('a', [0]), { rejected: new Set(['team/a']) }],
  ])('one that %s', (_why, object, given) => {
    expect(merged({ ...given, intents: [object, intent('b', [1])] }).adds).toEqual([named(1, 'team/b/ca')]);
  });

  it('skip a bad certificate and add the others with invalidCertificates Skip', () => {
    const skipping = intent('a', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' });
    expect(merged({ intents: [skipping] }).adds).toEqual([named(0, 'team/a/ca')]);
  });
});

describe('what others did to the list', () => {
  const missing = new Set([mark(0)]);
  const record = { slots: [], missing: [named(0, 'team/a/ca')] };
  const remove = { unmanagedCertificates: 'Remove' } as const;
  const foreign: RecordStatus = { slots: [{ ...slot(5), foreign: true }] };

  it('is put right, and said to be a correction', () => {
    const { adds, correction } = merged({ record, missing, intents: [intent('a', [0])] });
    expect({ adds, correction }).toEqual({ adds: [named(0, 'team/a/ca')], correction: true });
  });

  it('is reverted when they added a certificate and every object sets Remove', () => {
    const { correction, removes } = merged({ list: [element(5)], record: foreign, intents: [intent('a', [], remove)] });
    expect({ correction, removes: removes.length }).toEqual({ correction: true, removes: 1 });
  });

  it('is no correction when what was there before us is removed', () => {
    const { correction, removes } = merged({ list: [element(5)], intents: [intent('a', [], remove)] });
    expect({ correction, removes: removes.length }).toEqual({ correction: false, removes: 1 });
  });

  it('is left as it is when contended, while our own edits go', () => {
    const intents = [intent('a', [0, 1], remove)];
    const result = merged({ list: [element(5)], record: { ...record, ...foreign }, missing, intents, contended: true });
    expect(result.adds).toEqual([named(1, 'team/a/ca')]);
    expect(result.removes).toEqual([]);
    expect(result.contendedFor).toEqual(new Set([mark(0), mark(5)]));
    expect(result.correction).toBe(false);
  });
});
