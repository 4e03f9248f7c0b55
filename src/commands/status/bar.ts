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

/** The counts behind a bar; `now` is in progress. */
export interface Share {
  readonly done: number;
  readonly now: number;
  readonly total: number;
}

/**
 * A bar of `width` columns plus its end glyphs. It is full only when all is done and empty only when nothing is, so that the
 * first and the last of a thousand are visible. A total of 0 counts as done.
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
