import { describe, expect, it } from '@jest/globals';
import { markOf, marksIn, provenCount, provenText } from '../../../src/cluster/verify/verified-nodes.ts';

const uids = Array.from({ length: 1000 }, (_, index) => `uid-${index}`);

describe('marks of nodes that were shown to trust', () => {
  it('are found again for the same verification, each by its node', () => {
    const marks = marksIn(provenText('key', uids));
    expect(uids.every((uid) => marks.has(markOf('key', uid)))).toBe(true);
    expect([marks.size, provenCount(provenText('key', uids))]).toEqual([1000, 1000]);
  });

  it('are good for no other node and no other verification', () => {
    const marks = marksIn(provenText('key', uids));
    expect(uids.some((uid) => marks.has(markOf('other', uid)) || marks.has(markOf('key', `${uid}-replaced`)))).toBe(
      false,
    );
  });

  it('are the same text however the nodes are ordered, with room for five thousand nodes in a status', () => {
    expect(provenText('key', uids.toReversed())).toBe(provenText('key', uids));
    const many = Array.from({ length: 9000 }, (_, index) => `uid-${index}`);
    expect(provenText('key', many).length).toBeLessThanOrEqual(65_536);
    expect(provenCount(provenText('key', many.slice(0, 5000)))).toBe(5000);
  });

  it('are none in a text that is none', () => {
    expect([marksIn('').size, marksIn('short').size]).toEqual([0, 0]);
  });
});
