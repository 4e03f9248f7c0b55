import { inline } from './inline.ts';
import type { Source } from './source.ts';

/** Every kind of entry, in the order in which an entry is compared with them. A new kind is a file and a line. */
export const SOURCES: readonly Source[] = [inline];
