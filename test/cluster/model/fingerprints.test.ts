import { describe, expect, it } from '@jest/globals';
import { certificatesOf, digestOf, fingerprintsOf, partsOf } from '../../../src/cluster/model/fingerprints.ts';
import { element, listOf, mark, root } from '../../harness/build.ts';

describe('the parts of a list', () => {
  const parts = (...elements: string[]) => partsOf(listOf(...elements));

  it('are the fingerprints of its certificates, in one element or in several', () => {
    expect(parts(element(0, 1))).toEqual(new Set([mark(0), mark(1)]));
    expect(parts(element(1), element(0), element(1))).toEqual(parts(element(0, 1)));
  });

  it('do not depend on how an element is written', () => {
    expect(parts(btoa(`# comment\r\n${atob(element(0))}`), root(1).element)).toEqual(parts(element(0), element(1)));
  });

  it('name what cannot be read by its text, so that another text is another list', () => {
    const [first, second] = [parts(btoa('one')), parts(btoa('two'))];
    expect(first).not.toEqual(second);
    expect([...first][0]).toMatch(/^opaque:[0-9a-f]{64}$/);
  });
});

describe('the digest of a list', () => {
  it('is the same for the same parts in any order, repeated or not', () => {
    expect(digestOf(['b', 'a', 'b'])).toBe(digestOf(['a', 'b']));
  });

  it('differs for other parts, and for none', () => {
    expect(new Set([digestOf([]), digestOf(['a']), digestOf(['b']), digestOf(['a', 'b'])]).size).toBe(4);
  });
});

describe('an element', () => {
  it('holds its certificates in their order', () => {
    const [several, single, opaque] = listOf(element(2, 0), element(1), element());
    expect([several, single, opaque].map((one) => one && fingerprintsOf(one))).toEqual([
      [mark(2), mark(0)],
      [mark(1)],
      [],
    ]);
    expect(certificatesOf(several!)[1]).toEqual(root(0));
  });
});
