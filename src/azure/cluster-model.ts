import { armText } from './arm-text.ts';
import { readError } from './error-body.ts';
import { InvalidAnswerError } from './invalid-answer.ts';
import { assertPlainShape } from './json-shape.ts';

export { InvalidAnswerError } from './invalid-answer.ts';

/** What a pass needs of a managed cluster, read out of the text of a GET. */
export interface ClusterModel {
  readonly name: string;
  /** ARM's `eTag`; absent in some api-versions. learn.microsoft.com/azure/aks/use-etags */
  readonly eTag?: string;
  /** `properties.resourceUID`: another one under the same id is another cluster. */
  readonly resourceUID?: string;
  readonly provisioningState: string;
  /** `Running` or `Stopped`; a missing one counts as running. */
  readonly powerState: string;
  readonly provisioningError?: { readonly code: string; readonly message: string };
  /** `properties.securityProfile.customCATrustCertificates`: base64 of PEM text, an element a certificate as a rule. */
  readonly elements: readonly string[];
  /** What the control plane is meant to run and runs; absent when ARM does not say. */
  readonly version?: { readonly target: string; readonly current: string };
  /** The group that its machines are in. */
  readonly nodeResourceGroup?: string;
  /** True where nodes are provisioned by Karpenter as well (`nodeProvisioningProfile.mode: Auto`). */
  readonly autoProvisions?: boolean;
  /** True where the virtual nodes add-on is on. */
  readonly hasVirtualNodes?: boolean;
  /**
   * True where AKS runs system nodes of its own (`hostedSystemProfile.enabled`, AKS Automatic), in a pool that is in no list.
   * learn.microsoft.com/azure/aks/automatic/aks-automatic-managed-system-node-pools-about
   */
  readonly hasManagedSystemNodes?: boolean;
  readonly pools: readonly PoolModel[];
}

export interface PoolModel {
  readonly name: string;
  readonly osType: string;
  readonly count: number;
  readonly provisioningState: string;
  readonly powerState: string;
  readonly targetVersion?: string;
  readonly currentVersion?: string;
  /** Nodes replaced at the same time: extra ones, or where there are none, ones that may be missing. A number or a percentage. */
  readonly maxSurge?: string;
  readonly maxUnavailable?: string;
  /** How long a drain may take, and how long it is waited for after one; `upgradeSettings`, in minutes. */
  readonly drainTimeoutMinutes?: number;
  readonly soakMinutes?: number;
  /** `scaleSetPriority: Spot`: no extra nodes, and no drain. learn.microsoft.com/azure/aks/spot-node-pool */
  readonly spot?: boolean;
  /** `mode: ManagedSystem`: AKS alone changes it. */
  readonly managedSystem?: boolean;
  /** `enableCustomCATrust`, retired on 2026-09-14: the pool still has the setting of the preview. */
  readonly legacyTrust?: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads the text of a GET. Throws {@link InvalidAnswerError}, naming what came instead. */
export function readClusterModel(text: string): ClusterModel {
  return readClusterObject(parse(text));
}

/** Reads one cluster of a LIST, which has them as a GET has them. Throws {@link InvalidAnswerError}. */
export function readClusterObject(value: unknown): ClusterModel {
  const root = object(value, 'the body');
  const properties = object(root['properties'], 'properties');
  const security = optionalObject(properties['securityProfile'], 'properties.securityProfile');
  const error = optionalObject(
    optionalObject(properties['status'], 'properties.status')?.['provisioningError'],
    'provisioningError',
  );
  const eTag = optionalString(root['eTag'], 'eTag');
  const resourceUID = optionalString(properties['resourceUID'], 'properties.resourceUID');
  const target = optionalString(properties['kubernetesVersion'], 'properties.kubernetesVersion');
  const current = optionalString(properties['currentKubernetesVersion'], 'properties.currentKubernetesVersion');
  const nodeResourceGroup = optionalString(properties['nodeResourceGroup'], 'properties.nodeResourceGroup');
  return {
    name: string(root['name'], 'name'),
    ...(eTag === undefined ? {} : { eTag }),
    ...(resourceUID === undefined ? {} : { resourceUID }),
    provisioningState: armText(string(properties['provisioningState'], 'properties.provisioningState')),
    powerState: powerState(properties['powerState'], 'properties.powerState'),
    ...(error ? { provisioningError: readCause(error) } : {}),
    // An empty element is none of ours and no certificate, but it has its place.
    elements: list(security?.['customCATrustCertificates'], 'customCATrustCertificates').map((element, index) =>
      element === '' ? '' : string(element, `customCATrustCertificates[${index}]`),
    ),
    ...(target !== undefined && current !== undefined ? { version: { target, current } } : {}),
    ...(nodeResourceGroup === undefined ? {} : { nodeResourceGroup }),
    ...(isText(properties['nodeProvisioningProfile'], 'mode', 'auto') ? { autoProvisions: true } : {}),
    ...(member(member(properties['addonProfiles'], 'aciConnectorLinux'), 'enabled') === true
      ? { hasVirtualNodes: true }
      : {}),
    ...(member(properties['hostedSystemProfile'], 'enabled') === true ? { hasManagedSystemNodes: true } : {}),
    pools: list(properties['agentPoolProfiles'], 'properties.agentPoolProfiles').map(readPool),
  };
}

function readCause(error: Json): { readonly code: string; readonly message: string } {
  const { code, message } = readError(error);
  return { code, message };
}

function readPool(value: unknown, index: number): PoolModel {
  const where = `agentPoolProfiles[${index}]`;
  const pool = object(value, where);
  const targetVersion = optionalString(pool['orchestratorVersion'], `${where}.orchestratorVersion`);
  const currentVersion = optionalString(pool['currentOrchestratorVersion'], `${where}.currentOrchestratorVersion`);
  const count = pool['count'] ?? machinesOf(pool['virtualMachineNodesStatus']);
  if (typeof count !== 'number') throw unexpected(`${where}.count`, 'a number', count);
  if (!isCount(count))
    throw new InvalidAnswerError(`ARM's answer should have a number of nodes at ${where}.count, and has ${count}`);
  return {
    name: armText(string(pool['name'], `${where}.name`)),
    osType: optionalString(pool['osType'], `${where}.osType`) ?? 'Linux',
    count,
    provisioningState: armText(string(pool['provisioningState'], `${where}.provisioningState`)),
    powerState: powerState(pool['powerState'], `${where}.powerState`),
    ...(targetVersion === undefined ? {} : { targetVersion }),
    ...(currentVersion === undefined ? {} : { currentVersion }),
    ...upgradeSettings(pool['upgradeSettings']),
    ...(isText(pool, 'scaleSetPriority', 'spot') ? { spot: true } : {}),
    ...(isText(pool, 'mode', 'managedsystem') ? { managedSystem: true } : {}),
    ...(pool['enableCustomCATrust'] === true ? { legacyTrust: true } : {}),
  };
}

/** A pool of type VirtualMachines has no count of its own, but one for each size (AgentPool of the REST API). */
function machinesOf(value: unknown): number {
  const sizes: readonly unknown[] = Array.isArray(value) ? value : [];
  const counts = sizes.map((size) => member(size, 'count'));
  return counts.reduce<number>((total, count) => total + (typeof count === 'number' && isCount(count) ? count : 0), 0);
}

/** Far more than AKS has in any pool. What is counted with it has to fit into statuses and times. */
const MOST_NODES = 1_000_000;

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MOST_NODES;
}

/** What only tells people how it goes on is left out where it makes no sense; it never makes an answer invalid. */
function upgradeSettings(value: unknown) {
  const text = (key: string) => {
    const amount = member(value, key);
    return typeof amount === 'number' || (typeof amount === 'string' && amount !== '') ? String(amount) : undefined;
  };
  const minutes = (key: string) => {
    const amount = member(value, key);
    return typeof amount === 'number' && amount >= 0 ? amount : undefined;
  };
  const [maxSurge, maxUnavailable] = [text('maxSurge'), text('maxUnavailable')];
  const [drainTimeoutMinutes, soakMinutes] = [minutes('drainTimeoutInMinutes'), minutes('nodeSoakDurationInMinutes')];
  return {
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(drainTimeoutMinutes === undefined ? {} : { drainTimeoutMinutes }),
    ...(soakMinutes === undefined ? {} : { soakMinutes }),
  };
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
}

function isText(value: unknown, key: string, wanted: string): boolean {
  const text = member(value, key);
  return typeof text === 'string' && text.toLowerCase() === wanted;
}

function parse(text: string): unknown {
  assertPlainShape(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const kind = /^\s*</.test(text)
      ? 'HTML or XML'
      : text.trim() === ''
        ? 'nothing'
        : 'text that is not JSON, or was cut off';
    throw new InvalidAnswerError(
      `ARM should answer with a managed cluster in JSON, and ${kind} came (${text.length} characters)`,
    );
  }
}

function unexpected(where: string, wanted: string, value: unknown): InvalidAnswerError {
  return new InvalidAnswerError(`ARM's answer should have ${wanted} at ${where}, and has ${nameOf(value)}`);
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value === '') return 'an empty one';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function object(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(where, 'an object', value);
  return value as Json;
}

function optionalObject(value: unknown, where: string): Json | undefined {
  return value === undefined || value === null ? undefined : object(value, where);
}

function string(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw unexpected(where, 'a text', value);
  return value;
}

function optionalString(value: unknown, where: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : string(value, where);
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unexpected(where, 'an array', value);
  return value;
}

function powerState(value: unknown, where: string): string {
  return optionalString(optionalObject(value, where)?.['code'], `${where}.code`) ?? 'Running';
}
