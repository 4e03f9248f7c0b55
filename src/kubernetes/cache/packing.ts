import { createCompressor } from './compressor.ts';
import { createSharedTexts, type SharedText } from './shared-texts.ts';

/**
 * How the large texts that many objects of a kind have in common (a certificate, say) come out of an object and go back.
 * `restore(lift(object))` is equal to `object`; neither changes what it is given.
 */
export interface Packing<T> {
  lift(object: T): Lifted;
  restore(lifted: Lifted): T;
}

export interface Lifted {
  /** The object without the texts, as plain JSON. */
  readonly rest: unknown;
  /** In the order in which `restore` wants them back. */
  readonly texts: readonly string[];
}

/** An object at a fraction of its size. */
export interface Packed {
  /** JSON, compressed. */
  readonly bytes: string;
  readonly texts: readonly SharedText[];
}

export interface Packer<T> {
  readonly pack: (object: T) => Packed;
  /** A new object each time. Also works on what was released. */
  readonly unpack: (packed: Packed) => T;
  /** To be called once when `packed` is kept no more. */
  readonly release: (packed: Packed) => void;
  /** How many different texts were lifted out of all that is packed. */
  readonly sharedTexts: number;
}

export function createPacker<T>(packing: Packing<T>): Packer<T> {
  const shared = createSharedTexts();
  const compressor = createCompressor();
  return {
    pack(object) {
      const { rest, texts } = packing.lift(object);
      return { bytes: compressor.compress(JSON.stringify(rest)), texts: texts.map((text) => shared.hold(text)) };
    },
    unpack({ bytes, texts }) {
      return packing.restore({
        rest: JSON.parse(compressor.expand(bytes)) as unknown,
        texts: texts.map(({ text }) => text),
      });
    },
    release({ texts }) {
      for (const text of texts) shared.release(text);
    },
    get sharedTexts() {
      return shared.size;
    },
  };
}
