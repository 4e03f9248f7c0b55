import { describe, expect, it } from '@jest/globals';
import { createSharedTexts } from '../../../src/kubernetes/cache/shared-texts.ts';
import { collector } from '../../../src/runtime/heap.ts';

/** As JSON has it: each copy has texts of its own. */
const parsed = <T extends object>(object: T): T => JSON.parse(JSON.stringify(object)) as T;

const heapUsed = () => process.memoryUsage().heapUsed;
const MiB = 2 ** 20;

describe('shared texts', () => {
  it('change no object', () => {
    const texts = createSharedTexts();
    const made = () => ({
      kind: 'Thing',
      spec: { texts: ['x'.repeat(30), 'y'.repeat(30), 'x'.repeat(30)], none: null, count: 7, is: true, empty: {} },
      'a key of more than twenty characters': 'ä 🔒 in a text of more than twenty characters',
    });
    for (let n = 0; n < 3; n++) {
      const object = parsed(made());
      texts.replaceIn(object);
      expect(object).toEqual(made());
    }
  });

  it('leave a frozen object as it is', () => {
    const texts = createSharedTexts();
    texts.replaceIn({ text: 'x'.repeat(30) });
    expect(() => texts.replaceIn(Object.freeze({ text: 'x'.repeat(30) }))).not.toThrow();
  });

  it('are in memory once, however many objects have them', () => {
    const collect = collector();
    const texts = createSharedTexts();
    const long = Array.from({ length: 10 }, (_, n) => `${n}`.repeat(2000));
    collect();
    const before = heapUsed();
    const objects = Array.from({ length: 1000 }, () => parsed({ long }));
    for (const object of objects) texts.replaceIn(object);
    collect();
    // 19 MiB without.
    expect(heapUsed() - before).toBeLessThan(3 * MiB);
    expect(objects.at(-1)?.long).toEqual(long);
  });

  it('are forgotten when no object has them, so that memory is bounded, except for those that come again', () => {
    const collect = collector();
    const texts = createSharedTexts();
    const common = 'common '.repeat(1000);
    collect();
    const before = heapUsed();
    const kept: object[] = [];
    for (let n = 0; n < 3000; n++) {
      texts.replaceIn(parsed({ own: `${n} `.repeat(5000) }));
      const object = parsed({ common });
      texts.replaceIn(object);
      kept.push(object);
    }
    collect();
    // Of 60 MiB of texts, two generations at the most; and 20 MiB more if each object had its own copy of the common text.
    expect(heapUsed() - before).toBeLessThan(8 * MiB);
  });
});
