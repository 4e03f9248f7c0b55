/** An event about a CustomCATrust object, or about a cluster's record. */
export interface TrustEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}
