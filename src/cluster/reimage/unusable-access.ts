import type { ConditionValue } from '../../api/conditions.ts';
import { sentences, withCapital } from '../../api/sentences.ts';
import type { TrustIntent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import type { RecordStatus } from '../model/record.ts';
import { MOST_NAMESPACES, ownKey } from '../model/ways.ts';
import { namespaceOf, type Judge } from '../model/way.ts';
import { omit } from '../model/omit.ts';

/**
 * `NodesReimaged` of an object that asks for node access which cannot be used while the nodes are replaced; undefined for every
 * other object. The operation goes on by ARM's report, and the objects that do not ask for this access are shown that report.
 */
export function unusableAccessFinding(
  intent: TrustIntent,
  observation: Observation,
  record: RecordStatus,
): ConditionValue | undefined {
  const why = record.operation ? whyUnusable(intent, observation) : undefined;
  return why === undefined ? undefined : { status: 'Unknown', reason: 'NodesUnreadable', message: why };
}

const COULD_NOT_BE_USED = 'The node access that this object asks for could not be used:';

/**
 * ARM's report, with the reason why the object's own node access has shown nothing. The nodes are not read any more once the
 * change is complete, so the record has the cause, until an object that asks for the access is edited.
 */
export function withUnusableAccess(
  finding: ConditionValue,
  intent: TrustIntent,
  observation: Observation,
  record: RecordStatus,
): ConditionValue {
  if (finding.status !== 'True' || finding.reason !== 'ReportedByARM') return finding;
  const why = whyUnusable(intent, observation) ?? whyBefore(intent, record);
  if (why === undefined) return finding;
  return { ...finding, message: `${sentences(withCapital(finding.message))} ${COULD_NOT_BE_USED} ${why}` };
}

function whyUnusable(
  { name, object, deletion, frozen, grants }: TrustIntent,
  { ways, nodes, own }: Observation,
): string | undefined {
  const access = object.spec.target.nodeAccess;
  if (!access || deletion || frozen || ways.refused.has(name)) return undefined;
  const namespace = namespaceOf({ object });
  if (access.kubeconfigSecretRef && grants.nodeAccess.includes('Secret') && !ways.namespaces.has(namespace))
    return `For one cluster, the Secrets of ${MOST_NAMESPACES} namespaces are used, those with the oldest objects, and namespace ${namespace} is not one of them. Remove spec.target.nodeAccess, or ask the operator of the controller for access that counts for all.`;
  // Nodes that the operator's access shows are shown to every object.
  if (nodes.kind === 'Read') return undefined;
  const seen = ways.judge === askedWay({ object }) ? nodes : own.get(namespace);
  return seen?.kind === 'Unreadable' ? seen.message : undefined;
}

/** Why the access that the object asks for could not show the nodes when the last change ended. */
function whyBefore(intent: TrustIntent, { lastApplied }: RecordStatus): string | undefined {
  return lastApplied && askedWay(intent) === lastApplied.countedBy ? lastApplied.unreadable : undefined;
}

/** The way that an object asks for; undefined where it asks for none. */
function askedWay({ object }: Pick<TrustIntent, 'object'>): Judge | undefined {
  const access = object.spec.target.nodeAccess;
  return access && (access.kubeconfigSecretRef ? ownKey(namespaceOf({ object })) : 'Operator');
}

/** The note of the last change. Its cause goes once an object that asks for that access is new or edited: it may ask for another one. */
export function lastAppliedUnlessEdited(
  { lastApplied, objects = [] }: RecordStatus,
  intents: readonly TrustIntent[],
): Pick<RecordStatus, 'lastApplied'> {
  if (lastApplied?.unreadable === undefined) return lastApplied ? { lastApplied } : {};
  const generations = new Map(objects.map(({ name, generation }) => [name, generation]));
  const isEdited = intents.some(
    (intent) =>
      askedWay(intent) === lastApplied.countedBy && generations.get(intent.name) !== intent.object.metadata.generation,
  );
  return { lastApplied: isEdited ? omit(lastApplied, ['unreadable', 'countedBy']) : lastApplied };
}
