interface Cause {
  readonly code: RegExp;
  /** Where the code does not say: an operation may be called Failed, and its message has the rest. */
  readonly message: RegExp;
  /** Of pods that are not let go: what is known of the nodes says more. */
  readonly ofDrain: boolean;
  readonly mend: string;
}

/** Why AKS gives an operation up and people have to mend it. learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes */
const CAUSES: readonly Cause[] = [
  {
    code: /UnsatisfiablePDB|PodDrainFailure/i,
    message: /UnsatisfiablePDB|PodDrainFailure|disruption budget|\bPDBs?\b/i,
    ofDrain: true,
    mend: 'make room in the PodDisruptionBudget that blocks the drain',
  },
  {
    code: /quota/i,
    message: /quota/i,
    ofDrain: false,
    mend: 'raise the quota of the subscription, or lower maxSurge of the pool',
  },
  {
    code: /SubnetIsFull|InsufficientSubnetSize/i,
    message: /\bsubnet\b/i,
    ofDrain: false,
    mend: 'make room in the subnet of the pool',
  },
  {
    code: /AllocationFailed|OverconstrainedAllocation|SkuNotAvailable/i,
    message: /AllocationFailed|allocation failed|SkuNotAvailable|sufficient capacity/i,
    ofDrain: false,
    mend: 'wait until Azure has machines of the size of the pool again, or let the pool do without extra ones (maxSurge 0 and maxUnavailable)',
  },
];

/** What a person can do about an error of an operation; undefined where nothing is known to help but another attempt. */
export function causeOf({ code, message }: { readonly code: string; readonly message: string }): Cause | undefined {
  return CAUSES.find((cause) => cause.code.test(code)) ?? CAUSES.find((cause) => cause.message.test(message));
}
