import { authoritiesOf } from '../../cluster-certificates/cluster-ca.ts';
import type { Evidence } from '../../cluster-certificates/evidence.ts';
import { isSignedBy } from '../../cluster-certificates/signature.ts';

/**
 * The SHA-256 of the API server's certificate where the cluster CA of the evidence has not signed it, else undefined. The cluster's
 * certificates were rotated since its CA was read, or a firewall inspects TLS.
 */
export function unsignedLeaf(evidence: Evidence): string | undefined {
  const { apiServer, clusterCA } = evidence;
  if (!apiServer?.known || !clusterCA?.known) return undefined;
  const leaf = apiServer.value;
  return authoritiesOf(evidence).some((ca) => isSignedBy(leaf, ca)) ? undefined : leaf.fingerprint256;
}
