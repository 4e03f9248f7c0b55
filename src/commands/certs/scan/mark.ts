import { createHash, X509Certificate } from 'node:crypto';
import type { Holding } from './result.ts';
import { certificatesIn } from './pem-in-text.ts';

/** What identifies the cluster in texts. */
export interface ClusterMark {
  /** SHA-256 of the DER bytes of each CA in place, in lower-case hexadecimal. */
  readonly fingerprints: ReadonlySet<string>;
  /** Subject names of these CAs. Every CA of AKS has the same one, so another CA of that name may be of another cluster. */
  readonly subjects: ReadonlySet<string>;
  /** Start of the validity of the youngest CA in place, ms. */
  readonly caSince: number;
  /** Host of the API server, in lower case. */
  readonly host: string | undefined;
}

/** The mark of a cluster with these CAs, and with this URL of its API server. */
export function markOf(cas: readonly X509Certificate[], server: string | undefined): ClusterMark {
  return {
    fingerprints: new Set(cas.map(({ raw }) => sha256(raw))),
    subjects: new Set(cas.map(({ subject }) => subject)),
    caSince: Math.max(...cas.map(({ validFromDate }) => validFromDate.getTime())),
    host: server === undefined ? undefined : URL.parse(server)?.hostname.toLowerCase(),
  };
}

/**
 * How a text stands to the cluster; undefined where it has none of its CAs.
 *
 * @param own true for texts within the cluster, where another CA of the same name is one of its earlier ones; elsewhere the text has to
 *   name the API server as well
 */
export function holdingOf(text: string, mark: ClusterMark, own: boolean): Holding | undefined {
  const ders = certificatesIn(text);
  if (ders.length === 0) return undefined;
  if (ders.some((der) => mark.fingerprints.has(sha256(der)))) return 'PresentCA';
  const namesServer = mark.host !== undefined && text.toLowerCase().includes(mark.host);
  if (namesServer) return 'OtherCA';
  return own && ders.some((der) => isNamesake(der, mark)) ? 'OtherCA' : undefined;
}

function isNamesake(der: Buffer, { subjects }: ClusterMark): boolean {
  try {
    const { ca, subject, issuer } = new X509Certificate(der);
    return ca && subject === issuer && subjects.has(subject);
  } catch {
    // Text that only has the form of a certificate.
    return false;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
