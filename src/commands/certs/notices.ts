import { escapeForDisplay } from '../../api/display.ts';
import { sentences } from '../../api/sentences.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { ArmView } from './own-arm.ts';
import type { OwnFile } from './own-file.ts';

/** What ARM did not return, where the rows do not say it. */
export function armNotices({ kubeconfig, cluster }: ArmView, file: OwnFile | undefined): string[] {
  if (!kubeconfig.ok && file) {
    const { code, message } = kubeconfig.failure;
    return [
      sentences(
        `ARM returned no kubeconfig of the cluster (${code}): ${message}`,
        `The rows are those of the kubeconfig ${escapeForDisplay(file.path)} and its API server`,
      ),
    ];
  }
  return kubeconfig.ok && !cluster.ok ? [sentences(`ARM did not return the cluster: ${cluster.failure.message}`)] : [];
}

/** Said where nothing has answered. */
export function fileOnlyNotice({ path }: OwnFile): string {
  return `Neither ARM nor the API server has answered: what is known is from ${escapeForDisplay(path)} alone.`;
}

/** A difference up to here does not matter for dates of certificates. */
const MOST_SKEW_MS = 300_000;

/** Says that the API server's clock and ours differ, by which dates are judged. */
export function clockNotices(connection: Pick<Connection, 'lastResponseDate'> | undefined, now: number): string[] {
  const skew = (connection?.lastResponseDate ?? now) - now;
  if (Math.abs(skew) <= MOST_SKEW_MS) return [];
  const minutes = Math.round(Math.abs(skew) / 60_000);
  return [
    `The clock of the API server is ${minutes} minutes ${skew > 0 ? 'ahead of' : 'behind'} that of this machine, by which the remaining lives are counted.`,
  ];
}
