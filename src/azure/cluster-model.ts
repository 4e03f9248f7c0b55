import { escapeForDisplay } from '../api/display.ts';
import { armText } from './arm-text.ts';
import { readError } from './error-body.ts';
import { InvalidAnswerError } from './invalid-answer.ts';
import { assertPlainShape } from './json-shape.ts';

export { InvalidAnswerError } from './invalid-answer.ts';

/**
 * The parts of a managed cluster that a reconcile needs, read from the text of a GET. Texts are short and safe to show, except
 * `elements`, `nodeResourceGroup` and `eTag`, which are only short.
 */
export interface ClusterModel {
  readonly name: string;
  /** ARM's `eTag`; absent in some api-versions. learn.microsoft.com/azure/aks/use-etags */
  readonly eTag?: string;
  /** `properties.resourceUID`: a different one under the same id is a different cluster. */
  readonly resourceUID?: string;
  readonly provisioningState: string;
  /** `Running` or `Stopped`; a missing one counts as running. */
  readonly powerState: string;
  readonly provisioningError?: { readonly code: string; readonly message: string };
  /** `properties.securityProfile.customCATrustCertificates`: base64 of PEM text, an element a certificate as a rule. */
  readonly elements: readonly string[];
  /** Kubernetes version that the control plane shall run, and the one it runs; absent when ARM does not report them. */
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
  /** The region, in the form that paths have. */
  readonly location?: string;
  /** `KubernetesOfficial` or `AKSLongTermSupport`. learn.microsoft.com/azure/aks/long-term-support */
  readonly supportPlan?: string;
  /** `Allow`, `AllowDuringMaintenanceWindow` or `Block`; only preview api-versions have it. learn.microsoft.com/azure/aks/node-disruption-policy */
  readonly nodeDisruptionPolicy?: string;
  /** The channels by which AKS upgrades the cluster, and the images of its nodes, without a request. learn.microsoft.com/azure/aks/auto-upgrade-cluster */
  readonly upgradeChannel?: string;
  readonly nodeOSUpgradeChannel?: string;
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
  /** `enableNodePublicIP`: each node has a public address of its own. */
  readonly nodePublicIP?: boolean;
  /** `status.provisioningError`: why the last operation on the pool has failed. */
  readonly provisioningError?: { readonly code: string; readonly message: string };
}

type Json = Readonly<Record<string, unknown>>;

/** Reads the text of a GET. Throws {@link InvalidAnswerError}, which names the kind of the answer. */
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
  // It becomes a header of the write; an invalid header would make the write fail.
  if (eTag !== undefined && !E_TAG.test(eTag)) throw unexpected('eTag', 'an eTag', OTHER_TEXT);
  const resourceUID = optionalString(properties['resourceUID'], 'properties.resourceUID');
  if (resourceUID !== undefined && !UID.test(resourceUID))
    throw unexpected('properties.resourceUID', 'an id', OTHER_TEXT);
  const target = optionalShown(properties['kubernetesVersion'], 'properties.kubernetesVersion');
  const current = optionalShown(properties['currentKubernetesVersion'], 'properties.currentKubernetesVersion');
  const nodeResourceGroup = optionalString(properties['nodeResourceGroup'], 'properties.nodeResourceGroup');
  if ((nodeResourceGroup?.length ?? 0) > SHOWN)
    throw unexpected('properties.nodeResourceGroup', 'the name of a group', OTHER_TEXT);
  return {
    name: shown(root['name'], 'name'),
    ...(eTag === undefined ? {} : { eTag }),
    ...(resourceUID === undefined ? {} : { resourceUID }),
    provisioningState: shown(properties['provisioningState'], 'properties.provisioningState'),
    powerState: powerState(properties['powerState'], 'properties.powerState'),
    ...(error ? { provisioningError: readCause(error) } : {}),
    // An empty element holds no certificate but takes up a slot.
    elements: list(security?.['customCATrustCertificates'], 'customCATrustCertificates', MOST_ELEMENTS).map(
      (element, index) => (element === '' ? '' : string(element, `customCATrustCertificates[${index}]`)),
    ),
    ...(target !== undefined && current !== undefined ? { version: { target, current } } : {}),
    ...(nodeResourceGroup === undefined ? {} : { nodeResourceGroup }),
    ...(isText(properties['nodeProvisioningProfile'], 'mode', 'auto') ? { autoProvisions: true } : {}),
    ...(member(member(properties['addonProfiles'], 'aciConnectorLinux'), 'enabled') === true
      ? { hasVirtualNodes: true }
      : {}),
    ...(member(properties['hostedSystemProfile'], 'enabled') === true ? { hasManagedSystemNodes: true } : {}),
    ...forChecks(root, properties),
    pools: list(properties['agentPoolProfiles'], 'properties.agentPoolProfiles', MOST_POOLS).map(readPool),
  };
}

/** Reads members that only serve checks before an operation: an odd value is left out, and never makes the answer invalid. */
function forChecks(root: Json, properties: Json) {
  const [profile, upgrades] = [properties['nodeDisruptionProfile'], properties['autoUpgradeProfile']];
  const location = hint(root['location'])?.replaceAll(' ', '').toLowerCase() ?? '';
  const members = {
    location: LOCATION.test(location) ? location : undefined,
    supportPlan: hint(properties['supportPlan']),
    nodeDisruptionPolicy: hint(member(profile, 'nodeDisruptionPolicy')),
    upgradeChannel: hint(member(upgrades, 'upgradeChannel')),
    nodeOSUpgradeChannel: hint(member(upgrades, 'nodeOSUpgradeChannel')),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** A region such as `westeurope`; some answers write `West Europe`. */
const LOCATION = /^[a-z0-9]{1,64}$/;

/** A short text, safe to show; undefined for anything else. */
function hint(value: unknown): string | undefined {
  const text = armText(value);
  return text === '' || text.length > HINT ? undefined : text;
}

const HINT = 64;

function readCause(error: Json): { readonly code: string; readonly message: string } {
  const { code, message } = readError(error);
  return { code, message };
}

/** RFC 9110 section 8.8.3 without what lies beyond ASCII; AKS sends ids without quotes as well. */
const E_TAG = /^[\x20-\x7e]{1,1024}$/;
const UID = /^[\x21-\x7e]{1,256}$/;
/** AKS takes 10 elements and has 100 pools at most; statuses must have room for as many as are read. */
const [MOST_ELEMENTS, MOST_POOLS] = [256, 256];
/** Characters of a text that is shown, escaped. Names of resource groups, the longest of them, have 90. */
const SHOWN = 256;
/** Characters of a cluster. One with a hundred pools has a few hundred thousand. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

function readPool(value: unknown, index: number): PoolModel {
  const where = `agentPoolProfiles[${index}]`;
  const pool = object(value, where);
  const targetVersion = optionalShown(pool['orchestratorVersion'], `${where}.orchestratorVersion`);
  const currentVersion = optionalShown(pool['currentOrchestratorVersion'], `${where}.currentOrchestratorVersion`);
  const count = pool['count'] ?? machinesOf(pool['virtualMachineNodesStatus']);
  if (typeof count !== 'number') throw unexpected(`${where}.count`, 'a number', count);
  if (!isCount(count))
    throw new InvalidAnswerError(`ARM's answer should have a number of nodes at ${where}.count, but has ${count}`);
  return {
    name: shown(pool['name'], `${where}.name`),
    osType: optionalShown(pool['osType'], `${where}.osType`) ?? 'Linux',
    count,
    provisioningState: shown(pool['provisioningState'], `${where}.provisioningState`),
    powerState: powerState(pool['powerState'], `${where}.powerState`),
    ...(targetVersion === undefined ? {} : { targetVersion }),
    ...(currentVersion === undefined ? {} : { currentVersion }),
    ...upgradeSettings(pool['upgradeSettings']),
    ...(isText(pool, 'scaleSetPriority', 'spot') ? { spot: true } : {}),
    ...(isText(pool, 'mode', 'managedsystem') ? { managedSystem: true } : {}),
    ...(pool['enableCustomCATrust'] === true ? { legacyTrust: true } : {}),
    ...(pool['enableNodePublicIP'] === true ? { nodePublicIP: true } : {}),
    ...poolCause(member(pool['status'], 'provisioningError')),
  };
}

/** An odd cause is left out. */
function poolCause(error: unknown): Pick<PoolModel, 'provisioningError'> {
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return {};
  const { code, message } = readCause(error as Json);
  return code === '' && message === '' ? {} : { provisioningError: { code, message } };
}

/** A pool of type VirtualMachines has no count of its own, but one for each size (AgentPool of the REST API). */
function machinesOf(value: unknown): number {
  const sizes: readonly unknown[] = Array.isArray(value) ? value : [];
  const counts = sizes.map((size) => member(size, 'count'));
  return counts.reduce<number>((total, count) => total + (typeof count === 'number' && isCount(count) ? count : 0), 0);
}

/** Far more than AKS has in any pool; sums of it must fit into statuses and times. */
const MOST_NODES = 1_000_000;

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MOST_NODES;
}

/** A day, the most that AKS takes for a drain, seven times. */
const MOST_MINUTES = 7 * 24 * 60;
/** A number of nodes, or a percentage. */
const AMOUNT = /^\d{1,6}%?$/;

/** Reads settings that only serve the report of progress: an odd value is left out, and never makes the answer invalid. */
function upgradeSettings(value: unknown) {
  const text = (key: string) => {
    const amount = member(value, key);
    return (typeof amount === 'number' || typeof amount === 'string') && AMOUNT.test(String(amount))
      ? String(amount)
      : undefined;
  };
  const minutes = (key: string) => {
    const amount = member(value, key);
    return typeof amount === 'number' && amount >= 0 && amount <= MOST_MINUTES ? amount : undefined;
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
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Json)[key] : undefined;
}

function isText(value: unknown, key: string, wanted: string): boolean {
  const text = member(value, key);
  return typeof text === 'string' && text.toLowerCase() === wanted;
}

function parse(text: string): unknown {
  if (text.length > MOST_CHARACTERS)
    throw new InvalidAnswerError(
      `ARM's answer should be a managed cluster, but is too long to be read (${text.length} characters)`,
    );
  assertPlainShape(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const kind = /^\s*</.test(text)
      ? 'HTML or XML'
      : text.trim() === ''
        ? 'empty'
        : 'text that is not JSON, or was cut off';
    throw new InvalidAnswerError(
      `ARM's answer should be a managed cluster in JSON, but is ${kind} (${text.length} characters)`,
    );
  }
}

function unexpected(where: string, wanted: string, value: unknown): InvalidAnswerError {
  return new InvalidAnswerError(`ARM's answer should have ${wanted} at ${where}, but has ${nameOf(value)}`);
}

const OTHER_TEXT = Symbol('another text');

function nameOf(value: unknown): string {
  if (value === OTHER_TEXT) return 'another text';
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

/** A text that statuses show. */
function shown(value: unknown, where: string): string {
  const text = escapeForDisplay(armText(string(value, where)), SHOWN);
  if (text === '') throw unexpected(where, 'a text', value);
  return text;
}

function optionalShown(value: unknown, where: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : shown(value, where);
}

function list(value: unknown, where: string, most: number): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unexpected(where, 'an array', value);
  if (value.length > most)
    throw new InvalidAnswerError(
      `ARM's answer has ${value.length} entries at ${where}, where at most ${most} are read`,
    );
  return value;
}

function powerState(value: unknown, where: string): string {
  return optionalShown(optionalObject(value, where)?.['code'], `${where}.code`) ?? 'Running';
}
