import { CONTROLLER_NAME } from '../../api/names.ts';
import { apiPath } from '../../api/paths.ts';
import { leaseNameOf } from '../../runtime/shard.ts';
import type { Management } from '../client/session.ts';
import type { ControllerConfig } from '../controller/config.ts';
import { otherWriter } from './admission.ts';
import type { Checking } from './checking.ts';
import { failed, isForbidden, isMissing, messageOf, passed, skipped, type Finding } from './finding.ts';
import { describeRight, missingVerbs, userOf, type Reviewed, type ResourceRight } from './reviews.ts';
import type { Targets } from './targets.ts';

const OURS = 'aks-ca-trust.dev';

/** The rights of the controller in the management cluster, as deploy/ gives them. */
export function controllerRights(config: ControllerConfig): ResourceRight[] {
  const { ownNamespace: namespace, shard, metricsAddress, metricsPlainHttp } = config;
  const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace };
  return [
    { group: OURS, resource: 'customcatrusts', verbs: ['get', 'list', 'watch', 'patch'] },
    { group: OURS, resource: 'customcatrusts/status', verbs: ['patch'] },
    { group: OURS, resource: 'certificaterotations', verbs: ['get', 'list', 'watch'] },
    { group: OURS, resource: 'certificaterotations/status', verbs: ['patch'] },
    {
      group: OURS,
      resource: 'targetclusters',
      verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'],
    },
    { group: 'events.k8s.io', resource: 'events', verbs: ['create', 'patch'] },
    { ...lease, verbs: ['create'] },
    { ...lease, name: leaseNameOf(CONTROLLER_NAME, shard), verbs: ['get', 'update'] },
    ...(metricsAddress === undefined || metricsPlainHttp
      ? []
      : [
          { group: 'authentication.k8s.io', resource: 'tokenreviews', verbs: ['create'] },
          { group: 'authorization.k8s.io', resource: 'subjectaccessreviews', verbs: ['create'] },
        ]),
  ];
}

/** Where the Secrets are that objects and the policy file name: reading them is a right of its own, for each namespace. */
function secretRights({ ways }: Targets): ResourceRight[] {
  const secrets = ways.flatMap(({ way }) => (way.kind === 'Secret' ? [way.namespace] : []));
  return [...new Set(secrets)].map((namespace) => ({ group: '', resource: 'secrets', verbs: ['get'], namespace }));
}

/** @param whose the service account of the controller, or undefined where the command runs as it */
export async function checkRights(
  management: Management,
  whose: Reviewed,
  targets: Targets,
  checking: Checking,
): Promise<readonly Finding[]> {
  // The API server reviews the rights of any name, also of an account that does not exist.
  const account = whose === undefined ? [] : [await checkAccount(management, whose, checking)];
  if (account.some(({ outcome }) => outcome === 'Failed')) return account;
  return [...account, ...(await reviewRights(management, whose, targets, checking))];
}

async function checkAccount(
  { connection }: Management,
  { namespace, name }: NonNullable<Reviewed>,
  { ask, signal }: Checking,
): Promise<Finding> {
  const check = 'Service account';
  const where = `${name} in namespace ${namespace}`;
  try {
    await ask(connection, { path: apiPath('/api/v1', 'namespaces', namespace, 'serviceaccounts', name) });
    return passed(check, `There is a service account ${where}.`);
  } catch (error) {
    signal.throwIfAborted();
    if (isForbidden(error)) return skipped(check, `This user may not read the service account ${where}.`);
    if (!isMissing(error)) return failed(check, `The service account ${where} cannot be read: ${messageOf(error)}.`);
    return failed(
      check,
      `There is no service account ${where}, so no pod can run as it. Its rights are not checked.`,
      'Create it, or name the account of the controller with --service-account.',
    );
  }
}

async function reviewRights(
  { connection }: Management,
  whose: Reviewed,
  targets: Targets,
  checking: Checking,
): Promise<readonly Finding[]> {
  const { config, serviceAccount } = checking.request;
  const rights = [...controllerRights(config), ...secretRights(targets)];
  return Promise.all(
    rights.map(async (right) => {
      const check = `Right, ${describeRight(right, right.verbs)}`;
      try {
        const missing = await missingVerbs(connection, right, whose, checking);
        if (missing === undefined)
          return skipped(check, `This user may not ask about the rights of ${userOf(serviceAccount)}.`);
        const writer =
          right.resource === 'targetclusters' && missing.length === 0
            ? await otherWriter(connection, serviceAccount, checking)
            : undefined;
        if (writer !== undefined)
          return failed(
            check,
            `The ValidatingAdmissionPolicy aks-ca-trust-records lets ${writer} write, and refuses ${userOf(serviceAccount)}.`,
            'Write the account of the controller into both policies (docs/how-to/policy.md), or name it with --service-account.',
          );
        if (missing.length === 0) return passed(check, `${userOf(serviceAccount)} has it.`);
        return failed(
          check,
          `${userOf(serviceAccount)} may not ${describeRight(right, missing)}.`,
          right.resource === 'secrets'
            ? `Bind the ClusterRole aks-ca-trust-kubeconfig-reader to the service account in namespace ${right.namespace}.`
            : 'Install the roles of this version, with the Helm chart or deploy/kustomize/base, or name the account with --service-account.',
        );
      } catch (error) {
        return failed(check, `The review failed: ${messageOf(error)}.`);
      }
    }),
  );
}
