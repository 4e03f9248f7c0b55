/** The API server did not take a write to one object. Other objects go on without it. */
export interface WriteRefusal {
  /** The API server's message. */
  readonly message: string;
  /** True when the refusal is permanent, or came often in a row; false while the next attempt is likely to succeed. */
  readonly lasting: boolean;
  /** When the write is tried again, in ms from now; an edit of the object is tried at once. */
  readonly retryMs: number;
}
