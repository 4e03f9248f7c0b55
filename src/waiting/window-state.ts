/** Whether something may begin now, by a window of time. Times are in ms. */
export type WindowState =
  /** Windows that overlap or follow one another count as one. */
  | { readonly kind: 'Open'; readonly until: number }
  | { readonly kind: 'Closed'; readonly opensAt: number }
  /** It is closed, and no opening is to come. */
  | { readonly kind: 'NeverOpens' };
