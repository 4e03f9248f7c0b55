import { describe, expect, it } from '@jest/globals';
import { createPacker, type Packing } from '../../../src/kubernetes/cache/packing.ts';
import { createSharedTexts } from '../../../src/kubernetes/cache/shared-texts.ts';

interface Page {
  title: string;
  letters: { text: string; read: boolean }[];
}

interface Rest {
  title: string;
  letters: { read: boolean }[];
}

const packing: Packing<Page> = {
  lift: ({ title, letters }) => ({
    rest: { title, letters: letters.map(({ read }) => ({ read })) } satisfies Rest,
    texts: letters.map(({ text }) => text),
  }),
  restore({ rest, texts }) {
    const { title, letters } = rest as Rest;
    return { title, letters: letters.map(({ read }, place) => ({ text: texts[place] ?? '', read })) };
  },
};

const page = (title: string, ...texts: string[]): Page => ({
  title,
  letters: texts.map((text, place) => ({ text, read: place % 2 === 0 })),
});

describe('a packer', () => {
  it('gives an object back as it was', () => {
    const { pack, unpack } = createPacker(packing);
    const given = page('ä 🔒', 'one', 'two €', 'one');
    const packed = pack(given);
    expect(unpack(packed)).toEqual(page('ä 🔒', 'one', 'two €', 'one'));
    expect(given).toEqual(page('ä 🔒', 'one', 'two €', 'one'));
  });

  it('keeps a text once, however many objects have it, until the last of them goes', () => {
    const packer = createPacker(packing);
    const first = packer.pack(page('a', 'common', 'own'));
    const second = packer.pack(page('b', 'common', 'common'));
    expect(packer.sharedTexts).toBe(2);
    expect(first.texts[0]).toBe(second.texts[1]);
    packer.release(first);
    expect(packer.sharedTexts).toBe(1);
    expect(packer.unpack(second)).toEqual(page('b', 'common', 'common'));
    packer.release(second);
    expect(packer.sharedTexts).toBe(0);
  });

  it('makes a hundredth of objects that are alike and share their large texts', () => {
    const { pack } = createPacker(packing);
    const [one, two] = ['one '.repeat(2000), 'two '.repeat(2000)];
    const packed = Array.from({ length: 1000 }, (_, n) => pack(page(`page ${n}`, one, two)));
    expect(packed.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan((1000 * 16_000) / 100);
    expect(new Set(packed.flatMap(({ texts }) => texts)).size).toBe(2);
  });

  it('reads a released text for a caller that still holds it', () => {
    const packer = createPacker(packing);
    const packed = packer.pack(page('a', 'only'));
    packer.release(packed);
    packer.pack(page('b', 'another'));
    expect(packer.unpack(packed)).toEqual(page('a', 'only'));
  });
});

describe('shared texts', () => {
  it('refuse to be released more often than they were held', () => {
    const texts = createSharedTexts();
    const held = texts.hold('text');
    texts.release(held);
    expect(() => texts.release(held)).toThrow('more often');
    texts.hold('text');
    expect(() => texts.release(held)).toThrow('more often');
    expect(texts.size).toBe(1);
  });
});
