import { systemClock } from '../../runtime/clock.ts';
import type { Output } from '../client/output.ts';
import { interruptible } from '../client/interruptible.ts';
import { openManagement, type Management } from '../client/session.ts';
import { EXIT } from '../exit-codes.ts';
import { checkApiServer } from './api-server.ts';
import { checkArmClock, checkCluster, checkSignIn, type Azure } from './azure.ts';
import { createChecking, type Checking } from './checking.ts';
import { checkCrds } from './crds.ts';
import { failed, messageOf, skipped, type Finding } from './finding.ts';
import { checkNodes } from './nodes.ts';
import { checkPolicy, policyWithoutFile } from './policy.ts';
import { checkPrometheus } from './prometheus.ts';
import { printFindings, printFindingsAsJson } from './print.ts';
import type { CheckRequest } from './request.ts';
import { ownUser, userOf } from './reviews.ts';
import { checkRights } from './rights.ts';
import { checkRunning } from './running.ts';
import { checkedCluster, readTargets, type Targets } from './targets.ts';

/** Checks an installation from end to end, and changes nothing. Resolves with the exit code. */
export function runCheck(request: CheckRequest): Promise<number> {
  return interruptible((output, signal) => check(request, output, signal));
}

async function check(request: CheckRequest, output: Output, signal: AbortSignal): Promise<number> {
  const checking = createChecking(request, signal, () => systemClock.now());
  const findings = await findAll(checking);
  signal.throwIfAborted();
  const exitCode = findings.some(({ outcome }) => outcome === 'Failed') ? EXIT.Stuck : EXIT.Done;
  if (request.output === 'json') printFindingsAsJson(findings, exitCode, output);
  else printFindings(findings, output);
  return exitCode;
}

/** Every finding, in the order in which an installation depends on them. */
export async function findAll(checking: Checking): Promise<readonly Finding[]> {
  const { request } = checking;
  const { policyFile } = request.config;
  const [read, { azure, findings: signIn }] = await Promise.all([
    policyFile === undefined ? undefined : checkPolicy(policyFile),
    checkSignIn(checking),
  ]);
  const aboutPolicy = async (answering?: Management) =>
    read?.findings ?? [await policyWithoutFile(answering, checking)];
  const withoutManagement = async (server: readonly Finding[]) => [
    ...server,
    NOT_CHECKED,
    ...(await aboutPolicy()),
    ...signIn,
    ...(await checkClusters(azure, withoutObjects(request), checking)),
    ...(await checkPrometheus(read?.policy, withoutObjects(request).clusters, azure, checking)),
  ];
  let management: Management | undefined;
  try {
    management = await openManagement(request, 'check');
    const server = await checkApiServer(management, checking);
    if (server.some(({ check, outcome }) => check === 'API server' && outcome === 'Failed'))
      return await withoutManagement(server);
    const targets = await readTargets(management, read?.policy, checking);
    const isController = (await ownUser(management.connection, checking)) === userOf(request.serviceAccount);
    const whose = isController ? undefined : request.serviceAccount;
    const [crds, rights, running, policy, clusters, nodes, metrics] = await Promise.all([
      checkCrds(management, checking),
      checkRights(management, whose, targets, checking),
      checkRunning(management, checking),
      aboutPolicy(management),
      checkClusters(azure, targets, checking),
      checkNodes(management, azure, targets.ways, whose, checking),
      checkPrometheus(read?.policy, targets.clusters, azure, checking),
    ]);
    return [server, crds, rights, running, policy, targets.findings, signIn, clusters, nodes, metrics].flat();
  } catch (error) {
    checking.signal.throwIfAborted();
    return withoutManagement([
      failed('API server', `${messageOf(error)}.`, 'Check --kubeconfig, --context and KUBECONFIG.'),
    ]);
  } finally {
    await management?.connection.close();
  }
}

const NOT_CHECKED: Finding = skipped(
  'Management cluster',
  'CRDs, rights, objects and the controller are not checked, because the API server gives no answer.',
);

function withoutObjects({ target }: CheckRequest): Targets {
  return { clusters: target ? [checkedCluster(target, [])] : [], ways: [], findings: [] };
}

async function checkClusters(
  azure: Azure | undefined,
  { clusters, ways }: Targets,
  checking: Checking,
): Promise<readonly Finding[]> {
  if (!azure) return clusters.length === 0 ? [] : [skipped('ARM', 'It needs a sign-in to Azure.')];
  const byAzure = new Set(ways.flatMap(({ cluster, way }) => (way.kind === 'Azure' ? [cluster.key] : [])));
  const findings: Finding[] = [];
  // One after the other: ARM limits the calls of an identity.
  for (const cluster of clusters)
    findings.push(...(await checkCluster(azure, cluster, byAzure.has(cluster.id.key), checking)));
  return [...findings, ...checkArmClock(azure, checking)];
}
