/** A known cause of a failure in AKS or ARM, recognised by code or message, and its fix. */
export interface KnownCause {
  /** Codes of the cause: the outer code, or a code of its causes. */
  readonly code: RegExp;
  /** Words in the text, for an error without such a code. */
  readonly message: RegExp;
  /** True where evictions fail: events and budgets in the cluster itself then give a more precise cause. */
  readonly ofDrain: boolean;
  /** The fix, for an operation that was given up: a clause without a capital and without a full stop. */
  readonly fix: string;
  /** The fix as a sentence, for a write that was refused; absent where `fix` fits as well. */
  readonly refusedFix?: string;
}

interface Words {
  readonly code: string;
  readonly message: string;
  /** Codes and messages that the error was caused by. */
  readonly details?: string;
}

/** Sources: learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes, and the public reports in the corpus. */
const CAUSES: readonly KnownCause[] = [
  {
    code: /UnsatisfiablePDB|PodDrainFailure/i,
    message: /UnsatisfiablePDB|PodDrainFailure|disruption budget|\bPDBs?\b/i,
    ofDrain: true,
    fix: 'make room in the PodDisruptionBudget that blocks the drain',
    refusedFix: 'Make room in the PodDisruptionBudgets that ARM names, so that their pods may be evicted.',
  },
  {
    code: /^DrainFailed$/i,
    message: /\bdrain(?:ing)?\b[^.]{0,120}\b(?:did not complete|timed out|failed)\b/i,
    ofDrain: true,
    fix: 'see which pods stay on the node (kubectl get pods --field-selector spec.nodeName=…), and why',
  },
  {
    // Azure/AgentBaker, parts/linux/cloud-init/artifacts/cse_helpers.sh: ERR_UPDATE_CA_CERTS=161
    code: /ERR_UPDATE_CA_CERTS/i,
    message: /ERR_UPDATE_CA_CERTS|\bexit (?:status|code)[ =:]{1,3}161\b|\bExitCode\W{1,12}161\b/i,
    ofDrain: false,
    fix: 'remove the certificates that were added last: new nodes could not install them (exit status 161)',
  },
  {
    // ERR_OUTBOUND_CONN_FAIL=50, ERR_K8S_API_SERVER_CONN_FAIL=51, ERR_K8S_API_SERVER_DNS_LOOKUP_FAIL=52
    code: /OutboundConnFail|K8SAPIServer(?:Conn|DNSLookup)Fail/i,
    message:
      /OutboundConnFail|K8SAPIServer(?:Conn|DNSLookup)Fail|\bexit (?:status|code)[ =:]{1,3}5[0-2]\b|\bExitCode\W{1,12}5[0-2]\b/i,
    ofDrain: false,
    fix: 'let new nodes reach what they need to start (https://aka.ms/aks-required-ports-and-addresses)',
  },
  {
    code: /PublicIPCountLimitReached/i,
    message: /PublicIPCountLimitReached|\bmore than \d{1,6} public IP addresses\b/i,
    ofDrain: false,
    fix: 'raise the limit of public IP addresses of the subscription, or delete some that are not used',
  },
  {
    code: /quota/i,
    message: /\bquotas?\b|quotaexceeded|vcpuquota/i,
    ofDrain: false,
    fix: 'raise the quota of the subscription, or lower maxSurge of the pool',
    refusedFix:
      'Raise the quota of the subscription, or let the pool do with fewer extra machines (maxSurge, or maxUnavailable in its place).',
  },
  {
    code: /SubnetIsFull|InsufficientSubnetSize/i,
    message:
      /SubnetIsFull|InsufficientSubnetSize|\bsubnet\b.{0,200}\b(?:capacity|full|available|exceeds|addresses|IPs)\b/i,
    ofDrain: false,
    fix: 'make room in the subnet of the pool',
    refusedFix: 'Make room in the subnet of the pool, or lower maxSurge or maxPods.',
  },
  {
    code: /AllocationFailed|Overconstrained\w{0,20}Allocation|SkuNotAvailable/i,
    message:
      /AllocationFailed|allocation failed|Overconstrained\w{0,20}Allocation|SkuNotAvailable|sufficient capacity|capacity restrictions|currently not available in location/i,
    ofDrain: false,
    fix: 'wait until Azure has machines of the size of the pool again, or let the pool do without extra ones (maxSurge 0 and maxUnavailable)',
    refusedFix:
      'Azure has no machines of this size at present: wait, or let the pool do without extra ones (maxSurge 0 and maxUnavailable).',
  },
  {
    code: /RequestDisallowedByPolicy/i,
    message: /RequestDisallowedByPolicy|\bdisallowed by policy\b/i,
    ofDrain: false,
    fix: 'exempt the cluster and its node resource group from the policy that refuses it, or change the policy',
  },
  {
    // learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-region-access-policy
    code: /RequestDisallowedByAzure/i,
    message: /RequestDisallowedByAzure|\bdisallowed by Azure\b/i,
    ofDrain: false,
    fix: 'ask Azure support to open the region of the cluster to the subscription',
  },
  {
    code: /ScopeLocked|ResourceLocked/i,
    message: /ScopeLocked|\bscope\(s\) are locked\b/i,
    ofDrain: false,
    fix: 'remove the lock that ARM names; one on the node resource group counts as well',
  },
  {
    // The service principal of the cluster itself, or its secret.
    code: /ServicePrincipal(?:Validation|NotFound)|InvalidClientSecret/i,
    message: /\bAADSTS\d{4,8}\b|\binvalid_client\b|ServicePrincipalValidation/i,
    ofDrain: false,
    fix: 'renew the credentials of the cluster itself (az aks update-credentials)',
  },
  {
    code: /^(?:Linked)?AuthorizationFailed$/i,
    message: /Code="?(?:Linked)?AuthorizationFailed|\bdoes not have authorization to perform action\b/i,
    ofDrain: false,
    fix: 'grant the right that ARM names to the identity of the cluster',
  },
  {
    code: /(?:ReadOnly)?DisabledSubscription|SubscriptionDisabled/i,
    message: /ReadOnlyDisabledSubscription|\bsubscription\b.{0,80}\bis disabled\b/i,
    ofDrain: false,
    fix: 'enable the subscription again',
  },
  {
    code: /MissingSubscriptionRegistration|SubscriptionNotRegistered/i,
    message: /\bnot registered to use namespace\b/i,
    ofDrain: false,
    fix: 'register the resource provider that ARM names (az provider register)',
  },
  {
    code: /K8sVersionNotSupported/i,
    message: /K8sVersionNotSupported|\bversion\b.{1,40}\bis not supported in this region\b/i,
    ofDrain: false,
    fix: 'upgrade the cluster and its pools to a version of Kubernetes that AKS supports (az aks upgrade)',
  },
  {
    code: /NodeImageVersionNotSupported/i,
    message: /\bConfigurationVersion '[^']{0,40}' is not supported\b|\bto the latest NodeImageVersion\b/i,
    ofDrain: false,
    fix: 'upgrade the node image of the pools (az aks nodepool upgrade --node-image-only)',
  },
  {
    code: /InvalidResourceReference|\bResource(?:Group)?NotFound\b|LinkedInvalidPropertyId/i,
    message:
      /InvalidResourceReference|Code="?Resource(?:Group)?NotFound|\breferenced by resource\b.{0,400}\bwas not found\b/i,
    ofDrain: false,
    fix: 'restore the resource that ARM names, or remove it from the cluster',
  },
];

/** A code in the text of a service behind AKS, which AKS forwards. */
const PASSED_ON = /\bCode="([A-Za-z]\w{2,80})"/g;

/** The cause by codes, and by the text only where no code matches: a text may name other things. */
export function knownCause({ code, message, details = '' }: Words): KnownCause | undefined {
  const passedOn = [...message.matchAll(PASSED_ON)].map(([, inner = '']) => inner);
  const among = (codes: readonly string[]) => CAUSES.find((cause) => codes.some((one) => cause.code.test(one)));
  return (
    among([code]) ??
    among([details]) ??
    among(passedOn) ??
    CAUSES.find((cause) => cause.message.test(`${message} ${details}`))
  );
}
