import { clusterText } from '../cluster/view.ts';
import { jsonText } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { member, withMember } from '../json/access.ts';
import { pathCluster } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { monitorHeaders } from './long-running.ts';
import { checkMatch } from './preconditions.ts';
import { applyModel, requestBody } from './put-managed-cluster.ts';
import { refuseWhileBusy } from './refuse-busy.ts';

/** Replaces the tags: all that a PATCH of a managed cluster can do. A cluster that is not there is 404, also with If-Match. */
export function updateTags(request: ArmRequest): Answer {
  const { incoming, world, settings } = request;
  const cluster = pathCluster(request);
  checkMatch(incoming.headers, cluster.state.eTag);
  refuseWhileBusy(cluster, world.provider);
  const tags = member(requestBody(incoming.body), 'tags');
  const model = tags === undefined ? cluster.model : withMember(cluster.model, 'tags', tags);
  const operation = applyModel(cluster, world.provider, model);
  return jsonText(
    200,
    clusterText(cluster, settings),
    operation === undefined ? {} : monitorHeaders(request, operation),
  );
}
