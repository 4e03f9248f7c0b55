import type { ClusterObject } from '../../api/cluster-object.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import { API_VERSION, collectionOf } from '../../api/names.ts';
import { apiPath } from '../../api/paths.ts';
import { parseClusterId, type ClusterId } from '../../api/resource-id.ts';
import { plural } from '../../api/wording.ts';
import { KINDS } from '../../cluster/kinds/index.ts';
import { ROTATION_KIND, rotationsOf } from '../../cluster/model/rotation.ts';
import type { Way } from '../../cluster/model/way.ts';
import { waysOf } from '../../cluster/model/ways.ts';
import { waysFor } from '../../cluster/model/rotation-access.ts';
import { listPages } from '../../kubernetes/client/list.ts';
import { OPEN_POLICY, type Policy } from '../../policy/policy.ts';
import type { Management } from '../client/session.ts';
import { accessRules } from '../controller/access-rules.ts';
import type { Checking } from './checking.ts';
import { failed, isForbidden, isMissing, messageOf, passed, skipped, type Finding } from './finding.ts';

/** One way to the nodes of one cluster. */
export interface TargetWay {
  readonly cluster: ClusterId;
  readonly way: Way;
  /** False where the objects of the cluster only watch its certificates. */
  readonly changes: boolean;
  /** True where an object that may use it watches the certificates of the cluster. */
  readonly watches: boolean;
  /** True where an object that may use it asks for verification. */
  readonly verifies: boolean;
}

export interface CheckedCluster {
  readonly id: ClusterId;
  /** False where the objects that name it only watch its certificates. */
  readonly changes: boolean;
  /** True where an object watches its certificates. */
  readonly watched: boolean;
  /** True where an object may ask for a rotation of its certificates. */
  readonly rotates: boolean;
}

/** The clusters to check, and the ways to their nodes. */
export interface Targets {
  readonly clusters: readonly CheckedCluster[];
  readonly ways: readonly TargetWay[];
  readonly findings: readonly Finding[];
}

/** More clusters are not checked: each one costs requests to ARM, which limits them. */
const MOST_CLUSTERS = 50;

const CHECK = 'Objects';

/** Reads the objects of every kind. Without the right to list any, only the cluster of --target is known. */
export async function readTargets(
  management: Management,
  policy: Policy | undefined,
  checking: Checking,
): Promise<Targets> {
  const { target: given, config } = checking.request;
  const lists = await Promise.all(KINDS.map(({ objects: { kind } }) => listObjects(management, kind, checking)));
  const unread = lists.flatMap(({ problem }) => problem ?? []);
  const objects = lists.flatMap(({ objects }) => objects ?? []);
  const all = byCluster(objects);
  const named = [...all.values()].flatMap((some) => some.at(-1)?.id ?? []);
  const clusters = given ? [given] : named.slice(0, MOST_CLUSTERS);
  const ways = clusters.flatMap((cluster) =>
    waysTo(cluster, all.get(cluster.key) ?? [], policy ?? OPEN_POLICY, config),
  );
  const counted = `${plural(objects.length, 'object')} in all namespaces, for ${plural(all.size, 'cluster')}.`;
  const findings = [...(unread.length < lists.length ? [passed(CHECK, counted)] : []), ...unread];
  const left = all.size - clusters.length;
  if (!given && left > 0)
    findings.push(skipped('Other clusters', `${left} more clusters are not checked; --target names one of them.`));
  const checked = clusters.map((id) => checkedCluster(id, all.get(id.key) ?? [], policy));
  return { clusters: checked, ways, findings };
}

/** A cluster with what the objects that name it do to it. One that no object names is checked as one that is changed. */
export function checkedCluster(
  id: ClusterId,
  named: readonly Pick<Named, 'object'>[],
  policy: Policy = OPEN_POLICY,
): CheckedCluster {
  const watching = named.filter(({ object }) => object.kind === ROTATION_KIND);
  const rotates = watching.some(
    ({ object: { metadata, spec } }) =>
      (spec as CertificateRotation['spec']).mode === 'Rotate' &&
      policy.grants(metadata.namespace ?? '', id.resourceId).rotate,
  );
  return { id, changes: named.length === 0 || watching.length < named.length, watched: watching.length > 0, rotates };
}

interface Listed {
  readonly objects?: readonly ClusterObject[];
  /** Set where the objects are not known. */
  readonly problem?: Finding;
}

async function listObjects({ connection }: Management, kind: string, { signal, limit }: Checking): Promise<Listed> {
  const objects: ClusterObject[] = [];
  try {
    const path = apiPath(`/apis/${API_VERSION}`, collectionOf(kind));
    for await (const { items, first } of listPages<ClusterObject>(connection, path, { signal: limit() })) {
      if (first) objects.length = 0;
      // The elements of a list have no kind of their own.
      objects.push(...items.map((item) => ({ ...item, kind })));
    }
    return { objects };
  } catch (error) {
    signal.throwIfAborted();
    // The check of the definitions says that this one is missing.
    if (isMissing(error)) return { objects: [] };
    const mayNot = `This user may not list ${kind} objects of all namespaces; --target names one cluster.`;
    const problem = isForbidden(error)
      ? skipped(CHECK, mayNot)
      : failed(CHECK, `The ${kind} objects cannot be listed: ${messageOf(error)}.`);
    return { problem };
  }
}

interface Named {
  readonly id: ClusterId;
  readonly object: ClusterObject;
}

/** The objects by the key of the cluster that they name. */
function byCluster(objects: readonly ClusterObject[]): Map<string, Named[]> {
  const named = objects.flatMap((object): Named[] => {
    const id = parseClusterId(object.spec.target.resourceId);
    return id ? [{ id, object }] : [];
  });
  return Map.groupBy(named, ({ id }) => id.key);
}

function waysTo(
  cluster: ClusterId,
  named: readonly Named[],
  policy: Policy,
  config: Checking['request']['config'],
): TargetWay[] {
  const intents = named.flatMap(({ object }) => {
    const grants = policy.grants(object.metadata.namespace ?? '', cluster.resourceId);
    const kind = KINDS.find(({ objects }) => objects.kind === object.kind);
    return kind?.objects.read(object, { grants, texts: () => [], readSource: () => ({ items: [] }) }) ?? [];
  });
  const rotations = rotationsOf(intents);
  const ways = waysOf(
    cluster,
    intents,
    accessRules(config, () => policy),
  );
  const uses = { changes: rotations.length < intents.length, verifies: ways.verification.access.size > 0 };
  return [...ways.operator, ...[...ways.namespaces.values()].flat()].map((way) => {
    const watches = rotations.some((intent) => waysFor(intent, ways).includes(way));
    return { cluster, way, ...uses, watches };
  });
}
