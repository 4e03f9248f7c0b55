import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { API_VERSION } from '../../api/names.ts';
import { apiPath } from '../../api/paths.ts';
import { parseClusterId, type ClusterId } from '../../api/resource-id.ts';
import { readTrustIntent } from '../../cluster/model/intent.ts';
import type { Way } from '../../cluster/model/way.ts';
import { waysOf } from '../../cluster/model/ways.ts';
import { listPages } from '../../kubernetes/client/list.ts';
import { OPEN_POLICY, type Policy } from '../../policy/policy.ts';
import type { Management } from '../client/session.ts';
import { accessRules } from '../controller/access-rules.ts';
import type { Checking } from './checking.ts';
import { plural } from '../status/layout.ts';
import { failed, isForbidden, messageOf, passed, skipped, type Finding } from './finding.ts';

/** One way to the nodes of one cluster. */
export interface TargetWay {
  readonly cluster: ClusterId;
  readonly way: Way;
  /** True where an object that may use it asks for verification. */
  readonly verifies: boolean;
}

/** The clusters to check, and the ways to their nodes. */
export interface Targets {
  readonly clusters: readonly ClusterId[];
  readonly ways: readonly TargetWay[];
  readonly findings: readonly Finding[];
}

/** More clusters are not checked: each one costs requests to ARM, which limits them. */
const MOST_CLUSTERS = 50;

const CHECK = 'Objects';

/** Reads the objects. Without the right to list them, only the cluster of --target is known. */
export async function readTargets(
  { connection }: Management,
  policy: Policy | undefined,
  { request, signal, limit }: Checking,
): Promise<Targets> {
  const given = request.target;
  const asked = given ? [given] : [];
  const objects: CustomCATrust[] = [];
  try {
    const path = apiPath(`/apis/${API_VERSION}`, 'customcatrusts');
    for await (const { items, first } of listPages<CustomCATrust>(connection, path, { signal: limit() })) {
      if (first) objects.length = 0;
      objects.push(...items);
    }
  } catch (error) {
    signal.throwIfAborted();
    const finding = isForbidden(error)
      ? skipped(CHECK, 'This user may not list CustomCATrust objects of all namespaces; --target names one cluster.')
      : failed(CHECK, `The objects cannot be listed: ${messageOf(error)}.`);
    return { clusters: asked, ways: [], findings: [finding] };
  }
  const all = byCluster(objects);
  const clusters = given
    ? [given]
    : [...all.values()].flatMap((named) => named.at(-1)?.id ?? []).slice(0, MOST_CLUSTERS);
  const ways = clusters.flatMap((cluster) =>
    waysTo(cluster, all.get(cluster.key) ?? [], policy ?? OPEN_POLICY, request.config),
  );
  const findings = [
    passed(CHECK, `${plural(objects.length, 'object')} in all namespaces, for ${plural(all.size, 'cluster')}.`),
  ];
  const left = all.size - clusters.length;
  if (!given && left > 0)
    findings.push(skipped('Other clusters', `${left} more clusters are not checked; --target names one of them.`));
  return { clusters, ways, findings };
}

interface Named {
  readonly id: ClusterId;
  readonly object: CustomCATrust;
}

/** The objects by the key of the cluster that they name. */
function byCluster(objects: readonly CustomCATrust[]): Map<string, Named[]> {
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
  const intents = named.map(({ object }) =>
    readTrustIntent(
      object,
      [],
      () => ({ items: [] }),
      policy.grants(object.metadata.namespace ?? '', cluster.resourceId),
    ),
  );
  const { operator, namespaces, verification } = waysOf(
    cluster,
    intents,
    accessRules(config, () => policy),
  );
  const verifies = verification.access.size > 0;
  return [...operator, ...[...namespaces.values()].flat()].map((way) => ({ cluster, way, verifies }));
}
