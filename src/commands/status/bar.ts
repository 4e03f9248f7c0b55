/** The characters of a bar. */
export interface Glyphs {
  readonly done: string;
  readonly now: string;
  readonly left: string;
  readonly open: string;
  readonly close: string;
}

export const ASCII: Glyphs = { done: '#', now: '+', left: '.', open: '[', close: ']' };
export const BLOCKS: Glyphs = { done: '█', now: '▒', left: '░', open: '', close: '' };

/** What a bar shows; `now` is being worked on. */
export interface Share {
  readonly done: number;
  readonly now: number;
  readonly total: number;
}

/**
 * A bar of `width` columns and its ends. It is full exactly when all is done, and empty exactly when nothing is: of a
 * thousand, the first and the last are seen too. Of nothing, all is done.
 */
export function bar({ done, now, total }: Share, width: number, glyphs: Glyphs): string {
  const cells = (count: number) => {
    if (total <= 0 || count >= total) return width;
    return count <= 0 ? 0 : Math.min(width - 1, Math.max(1, Math.floor((count / total) * width)));
  };
  const full = cells(done);
  const busy = now > 0 && done < total ? Math.max(1, Math.min(width, cells(done + now)) - full) : 0;
  const rest = width - full - busy;
  return `${glyphs.open}${glyphs.done.repeat(full)}${glyphs.now.repeat(busy)}${glyphs.left.repeat(rest)}${glyphs.close}`;
}
