import type { Cluster } from './cluster.ts';
import { cancelOperation, startOperation } from './run-operation.ts';
import { OperationFailure } from './operation.ts';
import type { Provider } from './provider.ts';
import { isRenewal, renew, RENEWING, type Renewal } from './renew-certificates.ts';
import { withPoolMember } from './pool-member.ts';

/** An operation of another client, or of AKS itself. No node is touched while it lasts. */
export interface ForeignOperation {
  readonly kind: 'Upgrade' | 'Scale' | 'Update' | Renewal;
  /** Simulated seconds it takes. */
  readonly seconds: number;
  readonly end: 'Succeeded' | 'Failed' | 'Canceled';
  /** A pool that is meant to run the next version and, unless it ends well, does not run it yet: the next PUT brings it there. */
  readonly poolOffTarget?: string;
}

const DOING = { Upgrade: 'Upgrading', Scale: 'Scaling', Update: 'Updating', ...RENEWING } as const;

/** Starts another client's operation. Throws when there is no such pool. */
export function startForeignOperation(
  cluster: Cluster,
  provider: Provider,
  { kind, seconds, end, poolOffTarget }: ForeignOperation,
): void {
  if (poolOffTarget !== undefined) {
    const current = cluster.pools.get(poolOffTarget.toLowerCase())?.currentOrchestratorVersion ?? '';
    cluster.model = withPoolMember(cluster.model, poolOffTarget, 'orchestratorVersion', nextPatch(current));
  }
  startOperation(cluster, provider, {
    doing: DOING[kind],
    // AKS renews the certificates of a control plane without its pools.
    pools: isRenewal(kind) ? [] : [...cluster.pools.keys()],
    async work(work) {
      await work.takes(seconds);
      if (end === 'Failed')
        throw new OperationFailure(`${kind}Failed`, `The ${kind.toLowerCase()} of another client failed.`);
      if (end === 'Canceled') cancelOperation(cluster, provider);
      else if (isRenewal(kind)) await renew(cluster, provider, kind);
    },
  });
}

/** `1.33.3` to `1.33.4`. */
function nextPatch(version: string): string {
  return version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
}
