/** Something that this project takes AKS to do, and that only AKS can confirm. */
export interface Assumption {
  /** What is asked. */
  readonly question: string;
  /** What the code takes for true; where two answers are fine, both are named. */
  readonly assumed: string;
  /** Where it comes from: public documentation, source or reports; "none" where nothing says it. */
  readonly source: string;
}

const AKS_CA = 'learn.microsoft.com/azure/aks/custom-certificate-authority';
const SPEC = 'github.com/Azure/azure-rest-api-specs, managedClusters.json';
const ETAGS = 'learn.microsoft.com/azure/aks/use-etags';
const ASYNC = 'learn.microsoft.com/azure/azure-resource-manager/management/async-operations';
const ASO = 'github.com/Azure/azure-service-operator, managed_cluster_extensions.go';
const HEADLAMP = 'github.com/kubernetes-sigs/headlamp, UpgradeVisualizationPanel.tsx';
const AGENT_BAKER = 'github.com/Azure/AgentBaker, cse_config.sh';
const START_STOP = 'learn.microsoft.com/azure/aks/start-stop-cluster';

export const ASSUMPTIONS = {
  'read-etag': {
    question: 'Has a GET of the cluster an eTag?',
    assumed: 'Yes. Without one, writes go on, and a change of another client in between is not noticed.',
    source: ETAGS,
  },
  'read-list-unset': {
    question: 'What has a GET where the list is empty?',
    assumed: 'No customCATrustCertificates, null, or an empty list: all three count as empty.',
    source: 'none',
  },
  'read-pools': {
    question: 'Do agentPools and agentPoolProfiles report the same state and power state?',
    assumed: 'Yes: only the profiles are read.',
    source: SPEC,
  },
  'read-windows': {
    question: 'Can the maintenance configurations be listed, and what has one?',
    assumed: 'HTTP 200 with `value`, also where there is none.',
    source: 'learn.microsoft.com/azure/aks/planned-maintenance',
  },
  'refuse-not-base64': {
    question: 'Is an element that is not base64 refused, and how?',
    assumed: 'HTTP 400. The words are not published.',
    source: 'none',
  },
  'refuse-not-pem': {
    question: 'Is base64 of something that is not PEM refused, and how?',
    assumed: 'HTTP 400, and the message has "CustomCATrustCertificates".',
    source: AKS_CA,
  },
  'refuse-der': {
    question: 'Is base64 of DER refused, and how?',
    assumed: 'HTTP 400, as everything that is not PEM after decoding.',
    source: AKS_CA,
  },
  'refuse-empty': {
    question: 'Is an empty element refused, and how?',
    assumed: 'HTTP 400.',
    source: 'none',
  },
  'refuse-crlf': {
    question: 'Is PEM with CRLF line ends refused, and how?',
    assumed: 'Refused or taken: this project sends LF alone.',
    source: AKS_CA,
  },
  'refuse-text': {
    question: 'Is PEM with text before it refused, and how?',
    assumed: 'Refused or taken: this project sends one block alone.',
    source: AKS_CA,
  },
  'refuse-two-in-one': {
    question: 'Is an element with two certificates refused, and how?',
    assumed: 'Refused or taken: this project sends one certificate an element.',
    source: 'github.com/hashicorp/terraform-provider-azurerm/issues/31459',
  },
  'refuse-eleven': {
    question: 'Are eleven certificates refused, and how?',
    assumed: 'HTTP 400: ten are the most.',
    source: SPEC,
  },
  'refuse-eleven-elements': {
    question: 'Are eleven elements with ten different certificates refused?',
    assumed:
      'HTTP 400 for eleven elements. The changelog speaks of ten different ones: either is fine, as ten are never exceeded.',
    source: 'github.com/Azure/AKS, CHANGELOG.md, release 2025-03-16',
  },
  'change-answer': {
    question: 'How is a change of the list answered?',
    assumed: 'HTTP 200, 201 or 202 with an Azure-AsyncOperation header.',
    source: ASYNC,
  },
  'change-state': {
    question: 'Which provisioning states have the cluster and its pools meanwhile?',
    assumed: 'Any that is not Succeeded, Failed or Canceled counts as running; Updating is expected.',
    source: ASO,
  },
  'change-list-meanwhile': {
    question: 'Which list has a GET while the change runs?',
    assumed: 'The new one, from the answer to the write on.',
    source: 'none',
  },
  'change-echo': {
    question: 'Does a GET return each element exactly as it was sent?',
    assumed: 'Yes, byte for byte. Where it does not, certificates are compared by their content.',
    source: 'github.com/hashicorp/terraform-provider-azurerm, kubernetes_cluster_resource.go',
  },
  'change-listed': {
    question: 'Has a LIST of the resource group the state, the eTag and the list of the cluster, as a GET has them?',
    assumed: 'Yes, though it may be older: clusters at rest are only listed.',
    source: SPEC,
  },
  'change-operation': {
    question: 'What does the status of the operation say, and does it end with the state of the cluster?',
    assumed: 'InProgress, then Succeeded, no earlier than the cluster.',
    source: ASYNC,
  },
  'busy-other-list': {
    question: 'How is another list refused while a change runs?',
    assumed: 'HTTP 409 OperationNotAllowed, and the message says that another operation is in progress.',
    source: 'learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-code-operationnotallowed',
  },
  'busy-same-list': {
    question: 'How is the same list refused while a change runs?',
    assumed: 'HTTP 409, although it would change nothing.',
    source: ASO,
  },
  'change-nodes': {
    question: 'Is every Linux node replaced by a change, and under which names?',
    assumed: 'Each node object is a new one with a new uid, under its old name or another.',
    source: 'learn.microsoft.com/azure/aks/node-disruption-policy',
  },
  'change-node-image': {
    question: 'Does a change of the list alone move the version of the node image?',
    assumed: 'Either: it is never read as progress.',
    source: 'none',
  },
  'change-events': {
    question: 'Which events has the upgrader meanwhile?',
    assumed: 'Source "upgrader", with "Created a surge node", "Draining node" and "Successfully reimaged node".',
    source: HEADLAMP,
  },
  'change-labels': {
    question: 'Which labels of AKS have the nodes?',
    assumed: 'kubernetes.azure.com/agentpool and kubernetes.azure.com/cluster among them.',
    source: 'learn.microsoft.com/azure/aks/use-labels',
  },
  'same-list': {
    question: 'Does sending the same list again replace nodes?',
    assumed: 'It may: this project never sends a list that changes nothing, but to resume a failed change.',
    source: 'none',
  },
  order: {
    question: 'Does another order of the same certificates replace nodes?',
    assumed: 'Yes, as files on the nodes are named by position: this project never changes the order.',
    source: AGENT_BAKER,
  },
  duplicate: {
    question: 'Is the same certificate twice refused?',
    assumed: 'Refused or taken: this project sends each once.',
    source: 'none',
  },
  'list-null': {
    question: 'What does null do to the list?',
    assumed: 'It stays, as if the member were absent.',
    source: 'none',
  },
  'list-absent': {
    question: 'What does a write without the member do to the list?',
    assumed: 'It stays.',
    source: 'github.com/Azure/azure-cli, managed_cluster_decorator.py',
  },
  'etag-stale': {
    question: 'How is a write with an old If-Match refused?',
    assumed: 'HTTP 412, or 409 EtagMismatch.',
    source: ETAGS,
  },
  'etag-current': {
    question: 'Is a write with the current If-Match taken?',
    assumed: 'Yes.',
    source: ETAGS,
  },
  'etag-any': {
    question: 'Is a write with If-Match: * taken where the cluster exists?',
    assumed: 'Yes.',
    source: ETAGS,
  },
  'list-empty': {
    question: 'Does an empty list remove all certificates?',
    assumed: 'Yes, and nodes are replaced.',
    source: 'github.com/Azure/azure-cli/pull/32201',
  },
  abort: {
    question: 'What comes of a change that is aborted, and which list remains? (--abort)',
    assumed: 'Canceling, then Canceled; the new list remains, and some nodes do not have it.',
    source: 'learn.microsoft.com/azure/aks/manage-abort-operations',
  },
  'stopped-write': {
    question: 'How is a change of a stopped cluster refused? (--stop)',
    assumed: 'HTTP 400; the words are not published. None is sent while powerState is Stopped.',
    source: START_STOP,
  },
  'stopped-states': {
    question: 'Which provisioning and power states has a cluster that stops and starts? (--stop)',
    assumed: 'Stopping and Starting; then Succeeded with Stopped, and Succeeded with Running.',
    source: START_STOP,
  },
  rotate: {
    question: 'Which states has a rotation of the cluster’s own certificates? (--rotate)',
    assumed: 'RotatingClusterCertificates, then Succeeded; the list of custom authorities stays.',
    source: 'learn.microsoft.com/azure/aks/certificate-rotation',
  },
} as const satisfies Record<string, Assumption>;

export type AssumptionId = keyof typeof ASSUMPTIONS;

/** What AKS answered. */
export interface Answer {
  /** Undefined: it was not asked, or could not be seen; `seen` says why. */
  readonly agrees: boolean | undefined;
  readonly seen: string;
}
