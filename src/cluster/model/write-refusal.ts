/** The API server refused a write to one object. Other objects are not affected. */
export interface WriteRefusal {
  /** The API server's message. */
  readonly message: string;
  /** True when the refusal is permanent, or came often in a row; false while the next attempt is likely to succeed. */
  readonly lasting: boolean;
  /** Time until the write is tried again, in ms. An edit of the object is tried at once. */
  readonly retryMs: number;
}
