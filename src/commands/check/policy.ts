import type { V1Deployment } from '@kubernetes/client-node';
import { CONTROLLER_NAME } from '../../api/names.ts';
import { apiPath } from '../../api/paths.ts';
import type { Policy } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { readBoundedFile } from '../../runtime/watched-file.ts';
import type { Management } from '../client/session.ts';
import { MAX_POLICY_BYTES } from '../controller/policy-file.ts';
import type { Checking } from './checking.ts';
import { failed, messageOf, passed, skipped, warning, type Finding } from './finding.ts';

const CHECK = 'Policy file';

/**
 * Says what is known of the policy without its file: the controller's Deployment says whether it has one.
 *
 * @param management undefined where its API server does not answer
 */
export async function policyWithoutFile(management: Management | undefined, checking: Checking): Promise<Finding> {
  const given = 'No --policy-file was given to this command, so the policy is not checked.';
  const { ownNamespace: namespace } = checking.request.config;
  const args = management && (await controllerArgs(management, namespace, checking));
  if (!args) return skipped(CHECK, `${given} Whether the controller has one is not known.`);
  const where = `The Deployment ${CONTROLLER_NAME} in namespace ${namespace}`;
  if (!args.some((arg) => /^--policy-file(=|$)/.test(arg)))
    return skipped(CHECK, `${where} has no --policy-file, so every namespace may name every cluster.`);
  return skipped(CHECK, `${given} ${where} has one; give a copy of that file to check it.`);
}

/** The arguments in the controller's Deployment; undefined where this user may not read it, or it has another name. */
async function controllerArgs({ connection }: Management, namespace: string, { ask, signal }: Checking) {
  const path = apiPath('/apis/apps/v1', 'namespaces', namespace, 'deployments', CONTROLLER_NAME);
  try {
    const { spec } = (await ask(connection, { path })) as V1Deployment;
    return spec?.template.spec?.containers.flatMap(({ args = [] }) => args);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Reads the policy file as the controller does at its start. */
export async function checkPolicy(path: string): Promise<{ policy?: Policy; findings: readonly Finding[] }> {
  try {
    const reading = readPolicy(await readBoundedFile(path, MAX_POLICY_BYTES));
    if (!reading.ok) return { findings: [failed(CHECK, `${path} cannot be used. ${reading.message}`)] };
    const { policy, warnings } = reading;
    if (warnings.length === 0) return { policy, findings: [passed(CHECK, `${path} can be used.`)] };
    return { policy, findings: [warning(CHECK, `${path} can be used, but for this: ${warnings.join(' ')}`)] };
  } catch (error) {
    return { findings: [failed(CHECK, `${path} cannot be read: ${messageOf(error)}.`)] };
  }
}
