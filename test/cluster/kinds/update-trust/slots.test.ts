import { describe, expect, it } from '@jest/globals';
import type { RecordStatus } from '../../../../src/cluster/model/record.ts';
import { rememberedClaims } from '../../../../src/cluster/kinds/update-trust/owners.ts';
import type { Claim } from '../../../../src/cluster/model/trust.ts';
import { missingOf, onNodesOf, slotsTakenBy, slotsOf } from '../../../../src/cluster/kinds/update-trust/slots.ts';
import { element, listOf, mark, named, operation, root, slot } from '../../../harness/build.ts';

const OURS = 'team/a/ca';

describe('the places of a list', () => {
  const claims = new Map<string, Claim>([
    [mark(0), { managed: true, foreign: false, namedBy: [OURS] }],
    [mark(1), { managed: false, foreign: true, namedBy: [] }],
  ]);

  const read = (list: ReturnType<typeof listOf>, before: RecordStatus = {}, isAtRest = false) =>
    slotsOf(list, claims, before, isAtRest);

  it('say who names a certificate, what it is and when it ends', () => {
    const { subject, notAfter } = root(0).details;
    expect(read(listOf(element(0)))).toEqual([
      { fingerprintSHA256: mark(0), managed: true, namedBy: [OURS], subject, notAfter },
    ]);
  });

  it('show that another client added a certificate', () => {
    expect(read(listOf(element(1)))[0]).toMatchObject({ managed: false, foreign: true });
  });

  it('list an element of several certificates with all of them', () => {
    const [several] = read(listOf(element(0, 1)));
    expect(several).toMatchObject({ opaque: true, contains: [{ managed: true, namedBy: [OURS] }, { foreign: true }] });
  });

  it('say why an element holds more than what counts as in the list', () => {
    const [joined] = read(listOf(btoa(root(0).pem + root(1).pem.trimEnd() + root(2).pem)));
    expect(joined).toMatchObject({ opaque: true, contains: [{ fingerprintSHA256: mark(0) }] });
    expect(joined?.reason).toMatch(/^Not every program on a node finds its certificates/);
  });

  it('say which certificates every node had at rest, for as long as these stay in the list', () => {
    const onNodes = (slots: ReturnType<typeof read>) => [...onNodesOf({ slots })];
    const atRest = read(listOf(element(0), element(1, 2), element()), {}, true);
    expect(onNodes(atRest)).toEqual([mark(0), mark(1), mark(2)]);
    const busy = read(listOf(element(3), element(2), element(0)), { slots: atRest });
    expect(onNodes(busy)).toEqual([mark(2), mark(0)]);
    const back = read(listOf(element(1)), { slots: busy });
    expect(onNodes(back)).toEqual([]);
    expect(onNodes(read(listOf(element(0))))).toEqual([]);
  });

  it('list what cannot be read by its digest, and take a place for every copy', () => {
    const places = read(listOf(element(), element(0), element(0)));
    expect(places).toHaveLength(3);
    expect(places[0]).toEqual({
      opaque: true,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      reason: 'It is not base64 of a certificate in PEM.',
    });
  });

  it.each([
    [0, 10, '0/10'],
    [4, 6, '4/10'],
    [10, 0, '10/10'],
    [11, 0, '11/10'],
  ])('of which %i are used leave %i free', (used, free, summary) => {
    expect(slotsTakenBy(used)).toEqual({ limit: 10, used, free, summary });
  });
});

describe('what is missing from a list', () => {
  const missing = (record: RecordStatus, list: string[] = [], wanted = [0]) =>
    missingOf(record, listOf(...list), rememberedClaims(record), new Set(wanted.map(mark)));

  it('is what had a place, is named and is gone', () => {
    expect(missing({ slots: [slot(0, OURS)] })).toEqual([named(0, OURS)]);
  });

  it('is what had a place among several in an element', () => {
    expect(missing({ slots: [{ opaque: true, digest: 'd', contains: [slot(0, OURS)] }] })).toEqual([named(0, OURS)]);
  });

  it('stays missing until it is back', () => {
    expect(missing({ slots: [], missing: [named(0, OURS)] })).toEqual([named(0, OURS)]);
    expect(missing({ slots: [], missing: [named(0, OURS)] }, [element(1, 0)])).toEqual([]);
  });

  it('is not a certificate that no object names any more', () => {
    expect(missing({ slots: [slot(0, OURS)], missing: [named(1, OURS)] }, [], [])).toEqual([]);
  });

  it('is also what was adopted', () => {
    const adopted = { ...named(0, OURS), managed: false, adopted: true };
    expect(missing({ slots: [adopted] })).toEqual([named(0, OURS)]);
  });

  it('is not what was never ours', () => {
    expect(missing({ slots: [slot(0)] })).toEqual([]);
  });

  it('is not what an operation of ours took out', () => {
    const record = { slots: [slot(0, OURS)], operation: operation({ removes: [named(0, OURS)] }) };
    expect(missing(record)).toEqual([]);
  });

  it('is not what an operation adds and has not been seen to', () => {
    const record = { slots: [slot(0, OURS)], operation: operation({ adds: [named(0, OURS)] }) };
    expect(missing(record)).toEqual([]);
  });

  it('is a certificate that the list showed after an operation added it, and that another client removed', () => {
    const record = { slots: [slot(0, OURS)], operation: operation({ adds: [named(0, OURS)], seen: true }) };
    expect(missing(record)).toEqual([named(0, OURS)]);
  });

  it('stays missing while the operation that puts it back is under way, for that may never arrive', () => {
    const record = { slots: [], missing: [named(0, OURS)], operation: operation({ adds: [named(0, OURS)] }) };
    expect(missing(record)).toEqual([named(0, OURS)]);
  });
});
