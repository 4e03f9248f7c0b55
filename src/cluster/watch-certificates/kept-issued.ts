import type { Evidence, IssuedCertificate } from '../../cluster-certificates/evidence.ts';
import { issuedCertificates } from '../../cluster-certificates/issued-certificates.ts';
import { OPERATOR } from '../model/rotation-access.ts';

/**
 * The certificates that were issued to kubelets, as earlier reads saw them: an API server forgets a request after an hour. They are kept
 * in memory only, some 300 bytes for each; after a restart the rows of the status are left.
 */
export interface KeptIssued {
  /**
   * The evidence together with what earlier reads showed, which it adds to.
   *
   * @param key of the cluster
   * @param access objects with other access do not see the same: a tenant's API server may say anything
   */
  add(key: string, access: string, evidence: Evidence): Evidence;
  /** Forgets a cluster. */
  forget(key: string): void;
}

/** Most certificates that are kept for all namespaces together, some 15 MB. More are not kept: a row then shows what its last status had. */
const MOST_OF_NAMESPACES = 50_000;

/** @param most certificates that are kept for all ways but the operator's, which are trusted */
export function createKeptIssued(most = MOST_OF_NAMESPACES): KeptIssued {
  /** By cluster, then by access. */
  const clusters = new Map<string, Map<string, readonly IssuedCertificate[]>>();

  function ofNamespaces(): number {
    let count = 0;
    for (const kept of clusters.values())
      for (const [access, issued] of kept) if (access !== OPERATOR) count += issued.length;
    return count;
  }

  return {
    add(key, access, evidence) {
      const kept = clusters.get(key) ?? new Map<string, readonly IssuedCertificate[]>();
      const issuedBefore = kept.get(access);
      const whole = issuedBefore ? { ...evidence, issuedBefore } : evidence;
      const issued = issuedCertificates(whole);
      kept.delete(access);
      if (issued.length > 0 && (access === OPERATOR || ofNamespaces() + issued.length <= most))
        kept.set(access, issued);
      if (kept.size > 0) clusters.set(key, kept);
      else clusters.delete(key);
      return whole;
    },
    forget: (key) => void clusters.delete(key),
  };
}
