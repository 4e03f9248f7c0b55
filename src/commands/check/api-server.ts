import type { Management } from '../client/session.ts';
import { troubleOf } from '../client/errors.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { clockFinding } from './clock.ts';
import { failed, messageOf, passed, type Finding } from './finding.ts';
import type { Checking } from './checking.ts';

/** The oldest Kubernetes that is supported: ValidatingAdmissionPolicy is stable since then. */
export const OLDEST_MINOR = 30;

const CHECK = 'API server';

/** Whether the management cluster's API server answers, its version, and its clock. */
export async function checkApiServer(management: Management, { ask, now }: Checking): Promise<readonly Finding[]> {
  const { connection } = management;
  try {
    const answer = (await ask(connection, { path: '/version' })) as { gitVersion?: unknown; minor?: unknown };
    const skew = clockFinding(CHECK, connection.lastResponseDate, now());
    return [versionFinding(String(answer?.gitVersion), connection.server), ...skew];
  } catch (error) {
    const message = error instanceof KubernetesError ? troubleOf(error, connection.server) : messageOf(error);
    return [failed(CHECK, `${message}.`, 'Check the address, the network and the credentials: kubectl version')];
  }
}

function versionFinding(version: string, server: string): Finding {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return failed(CHECK, `${server} returned no version of Kubernetes.`, 'Check the address.');
  if (Number(major) > 1 || Number(minor) >= OLDEST_MINOR) return passed(CHECK, `Kubernetes ${version} at ${server}.`);
  return failed(
    CHECK,
    `Kubernetes ${version} at ${server} is older than 1.${OLDEST_MINOR}, the oldest that is supported.`,
    'Upgrade the management cluster.',
  );
}
