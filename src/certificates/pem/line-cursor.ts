/** Finds lines and columns of a text, both counted from 1. For ascending offsets it reads every line once. */
export interface LineCursor {
  lineAt(offset: number): number;
  /** In UTF-16 units. */
  columnAt(offset: number): number;
}

/** Lines end at LF only: the text has been through {@link unifyLineEnds}. */
export function lineCursor(text: string): LineCursor {
  let line = 1;
  let start = 0;
  let next = text.indexOf('\n');
  const moveTo = (offset: number): void => {
    if (offset < start) {
      line = 1;
      start = 0;
      next = text.indexOf('\n');
    }
    while (next !== -1 && next < offset) {
      line++;
      start = next + 1;
      next = text.indexOf('\n', start);
    }
  };
  return {
    lineAt(offset) {
      moveTo(offset);
      return line;
    },
    columnAt(offset) {
      moveTo(offset);
      return offset - start + 1;
    },
  };
}

/** CRLF and CR become LF and a byte order mark at the beginning goes; lines and columns stay what an editor shows. */
export function unifyLineEnds(text: string): string {
  const bare = text.startsWith('\ufeff') ? text.slice(1) : text;
  return bare.includes('\r') ? bare.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : bare;
}
