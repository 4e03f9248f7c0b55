/** A text that any number of holders share. It can be read as long as one of them holds it. */
export interface SharedText {
  readonly text: string;
}

/** Texts kept once each, however many objects hold them, for as long as one does. */
export interface SharedTexts {
  /** One more holder of this text. */
  hold(text: string): SharedText;
  /** One holder fewer. */
  release(shared: SharedText): void;
  /** How many different texts are kept. */
  readonly size: number;
}

interface Held extends SharedText {
  holders: number;
}

export function createSharedTexts(): SharedTexts {
  const byText = new Map<string, Held>();
  return {
    hold(text) {
      const known = byText.get(text);
      if (known !== undefined) {
        known.holders++;
        return known;
      }
      const own = compact(text);
      const held: Held = { text: own, holders: 1 };
      byText.set(own, held);
      return held;
    },
    release(shared) {
      const held = byText.get(shared.text);
      if (held !== shared || held === undefined) throw new Error('a text was released more often than it was held');
      held.holders--;
      if (held.holders === 0) byText.delete(held.text);
    },
    get size() {
      return byText.size;
    },
  };
}

/**
 * A copy of one byte a character where that is enough. V8 keeps what was cut out of a longer text together with all of it,
 * and a text that shared a line with one wide character at two bytes a character.
 */
function compact(text: string): string {
  return /^[\0-\xff]*$/.test(text) ? Buffer.from(text, 'latin1').toString('latin1') : text;
}
