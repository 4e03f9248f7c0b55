/** How operations to come end, other than well. */

export interface OperationEnd {
  /** `Never`: nothing goes on until the operation is aborted, or the plan is taken back. */
  readonly end: 'Failed' | 'Canceled' | 'Never';
  /** The code of the error. Default InternalOperationError. */
  readonly code?: string;
  readonly message?: string;
  /** How many nodes each of them replaces first. Default 0. */
  readonly afterNodes?: number;
  /** A rotation ends before the CA has changed. Default false: between that and the first node. */
  readonly beforeCertificates?: boolean;
  /** How many operations. Default: all to come. */
  readonly times?: number | 'always';
}

/** A plan that is in effect until it is used up or taken back. */
export interface PlannedEnd {
  readonly end: OperationEnd['end'];
  readonly code: string;
  readonly message: string;
  readonly afterNodes: number;
  readonly beforeCertificates: boolean;
  left: number;
  /** Operations that it holds go on. */
  takenBack: boolean;
}
