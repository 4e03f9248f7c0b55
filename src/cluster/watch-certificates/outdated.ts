import type { Evidence } from '../../cluster-certificates/evidence.ts';

/**
 * The SHA-256 of the API server's certificate where the cluster CA of the evidence has not signed it, else undefined. The cluster's
 * certificates were rotated since its CA was read, or a firewall inspects TLS.
 */
export function unsignedLeaf({ apiServer, clusterCA }: Evidence): string | undefined {
  if (!apiServer?.known || !clusterCA?.known) return undefined;
  const leaf = apiServer.value;
  const isSigned = clusterCA.value.some((ca) => {
    try {
      return leaf.verify(ca.publicKey);
    } catch {
      return false;
    }
  });
  return isSigned ? undefined : leaf.fingerprint256;
}
