import type { Holder } from '../../../cluster-certificates/holders/holder.ts';

/** What a search found. */
export interface ScanResult {
  readonly holders: readonly Holder[];
  /** Holders beyond the ones that are kept. */
  readonly notShown: number;
  /** Objects that were read. */
  readonly read: number;
  /** Lists that were refused or failed, in sentences. */
  readonly problems: readonly string[];
}
