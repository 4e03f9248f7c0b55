import type { ClusterId } from '../../api/resource-id.ts';
import { createApiServerToken, type ApiServerToken } from '../../azure/api-server-token.ts';
import { createCredential, type CredentialKind, type TokenCredential } from '../../azure/credentials.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import { createManagedClusters, ROTATE_ACTION, type ManagedClusters } from '../../azure/managed-clusters.ts';
import { missingActions } from '../../azure/permissions.ts';
import { trySignIn } from '../../azure/sign-in.ts';
import { trustedBesides } from '../../azure/tls-options.ts';
import { createTransport, type ArmTransport } from '../../azure/transport.ts';
import type { Checking } from './checking.ts';
import { clockFinding } from './clock.ts';
import { failed, messageOf, passed, skipped, warning, type Finding } from './finding.ts';
import type { CheckedCluster } from './targets.ts';

/** ARM, as the controller would reach it. */
export interface Azure {
  readonly arm: ManagedClusters;
  readonly transport: ArmTransport;
  readonly apiServerToken: ApiServerToken;
  /** Signs in to Azure Monitor workspaces. */
  readonly credential: TokenCredential;
  /** ARM's clock in its last answer, in ms since the epoch. */
  readonly lastDate: () => number | undefined;
}

/** The actions of deploy/azure/role.json at a cluster. */
export const CLUSTER_ACTIONS = [
  'Microsoft.ContainerService/managedClusters/read',
  'Microsoft.ContainerService/managedClusters/write',
  'Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read',
];
const READ_ACTION = 'Microsoft.ContainerService/managedClusters/read';
const KUBECONFIG_ACTION = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';

const SIGN_IN = 'Azure sign-in';

/** Signs in. Without `azure`, nothing of Azure can be checked. */
export async function checkSignIn({
  request,
  signal,
  now,
}: Checking): Promise<{ azure?: Azure; findings: readonly Finding[] }> {
  const { config, signsIn, timeout: timeoutMs } = request;
  if (!signsIn) return { findings: [skipped(SIGN_IN, NO_CREDENTIAL)] };
  const { cloud, disableInstanceDiscovery, caFile, apiVersion } = config;
  let trusted: ReturnType<typeof trustedBesides>;
  try {
    trusted = trustedBesides(caFile);
  } catch (error) {
    return { findings: [failed(SIGN_IN, `The file of --ca-file cannot be read: ${messageOf(error)}.`)] };
  }
  const credential = await createCredential(config.credential, {
    cloud,
    disableInstanceDiscovery,
    timeoutMs,
    ...trusted,
  });
  const failure = await trySignIn(credential, cloud, signal);
  signal.throwIfAborted();
  if (failure) return { findings: [failed(SIGN_IN, `${config.credential.kind}: ${describe(failure)}`, failure.fix)] };
  const plain = createTransport({ cloud, credential, apiVersion, timeoutMs, ...trusted });
  let lastDate: number | undefined;
  const transport: ArmTransport = {
    ...plain,
    async send(asked) {
      const answer = await plain.send(asked);
      lastDate = Date.parse(answer.header('date') ?? '') || lastDate;
      return answer;
    },
  };
  const azure: Azure = {
    transport,
    arm: createManagedClusters({ transport, now }),
    apiServerToken: createApiServerToken(credential, now),
    credential,
    lastDate: () => lastDate,
  };
  return {
    azure,
    findings: [passed(SIGN_IN, `${identityOf(config.credential.kind)} gets a token for ${cloud.endpoint}.`)],
  };
}

function identityOf(kind: CredentialKind): string {
  return kind === 'AzureCLI' ? "The account of the Azure CLI, which is not the controller's," : kind;
}

const NO_CREDENTIAL =
  'No flag says how to sign in. Add those of the controller, run the command in its pod, or use --credential AzureCLI.';

/** Reads a cluster in ARM, and asks which actions the role assignments give. */
export async function checkCluster(
  { arm, transport }: Azure,
  { id, ...uses }: CheckedCluster,
  readsKubeconfig: boolean,
  { signal }: Checking,
): Promise<readonly Finding[]> {
  const check = `ARM read, ${id.name}`;
  const outcome = await arm.get(id, signal);
  if (!outcome.ok) return [failed(check, `${id.resourceId}: ${describe(outcome.failure)}`, outcome.failure.fix)];
  const { provisioningState } = outcome.value.model;
  return [
    passed(check, `${id.resourceId} is ${provisioningState}.`),
    ...(await checkActions(transport, id, { ...uses, readsKubeconfig: readsKubeconfig || uses.rotates }, signal)),
  ];
}

interface Needed extends Pick<CheckedCluster, 'changes' | 'watched' | 'rotates'> {
  readonly readsKubeconfig: boolean;
}

async function checkActions(
  transport: ArmTransport,
  id: ClusterId,
  { changes, watched, rotates, readsKubeconfig }: Needed,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const check = `ARM rights, ${id.name}`;
  const needed = [
    ...(changes ? CLUSTER_ACTIONS : [READ_ACTION]),
    ...(readsKubeconfig ? [KUBECONFIG_ACTION] : []),
    ...(rotates ? [ROTATE_ACTION] : []),
  ];
  const asked = watched && !readsKubeconfig ? [...needed, KUBECONFIG_ACTION] : needed;
  const missing = await missingActions(transport, id, asked, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    return messageOf(error);
  });
  if (missing === undefined || typeof missing === 'string')
    return [skipped(check, 'ARM does not list the permissions of this identity, and a write cannot be tried.')];
  const lacking = missing.filter((action) => needed.includes(action));
  return [
    lacking.length > 0
      ? failed(check, `The role assignments of this identity do not give ${lacking.join(', ')}.`, fixFor(id, lacking))
      : passed(check, changes || rotates ? CHANGEABLE : READABLE),
    ...(missing.length > lacking.length
      ? [warning(`ARM kubeconfig, ${id.name}`, NO_KUBECONFIG, assign(id, KUBECONFIG_ROLE))]
      : []),
  ];
}

const CHANGEABLE =
  'The role assignments give every action that is needed. A policy, a lock or a deny assignment may still refuse a write.';
const READABLE =
  'The role assignments give every action that is needed. Objects watch this cluster, and change nothing.';
const NO_KUBECONFIG = `The role assignments of this identity do not give ${KUBECONFIG_ACTION}, so a CertificateRotation cannot show the cluster CA and the client certificate of the kubeconfig as ARM has them.`;
const KUBECONFIG_ROLE = 'Azure Kubernetes Service Cluster User Role';

function fixFor(id: ClusterId, lacking: readonly string[]): string {
  if (lacking.every((action) => action === KUBECONFIG_ACTION)) return assign(id, KUBECONFIG_ROLE);
  const ofRotator = lacking.every((action) => action === KUBECONFIG_ACTION || action === ROTATE_ACTION);
  return assign(id, ofRotator ? 'AKS certificate rotator' : 'AKS custom CA trust operator');
}

function assign(id: ClusterId, role: string): string {
  return `az role assignment create --assignee <client id> --role "${role}" --scope '${id.resourceId}'`;
}

/** ARM's clock, after an answer of it. */
export function checkArmClock({ lastDate }: Azure, { now }: Checking): Finding[] {
  return clockFinding('ARM', lastDate(), now());
}

function describe({ status, code, message }: ArmFailure): string {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return status > 0 ? `HTTP ${status}, ${code}: ${sentence}` : `${code}: ${sentence}`;
}
