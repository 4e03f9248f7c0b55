/** A lock on the group of the machines. learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
export interface LockSeed {
  readonly name: string;
  /** Default CanNotDelete. */
  readonly level?: 'CanNotDelete' | 'ReadOnly';
  readonly notes?: string;
}
