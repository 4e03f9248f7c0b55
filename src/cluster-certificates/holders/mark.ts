import { createHash, X509Certificate } from 'node:crypto';
import { identify } from '../../certificates/x509/identify.ts';
import { shownName } from '../../certificates/x509/shown-name.ts';
import type { Holding } from './holder.ts';
import { certificatesIn } from './pem-in-text.ts';

/** What identifies the cluster in texts. */
export interface ClusterMark {
  /** SHA-256 of the DER bytes of each CA in place, in lower-case hexadecimal. */
  readonly fingerprints: ReadonlySet<string>;
  /** The same of CAs that the cluster is known to have had before. */
  readonly earlier: ReadonlySet<string>;
  /** Subject names of the CAs in place, as the rows of certificates show them. Every CA of AKS has the same one, so another CA of that name may be of another cluster. */
  readonly subjects: ReadonlySet<string>;
  /** Start of the validity of the youngest CA in place, ms. */
  readonly caSince: number;
  /** Hosts of the API server, in lower case. */
  readonly hosts: readonly string[];
}

/** The mark of a cluster with these CAs, and with this URL of its API server. */
export function markOf(cas: readonly X509Certificate[], server: string | undefined): ClusterMark {
  return {
    fingerprints: new Set(cas.map(({ raw }) => sha256(raw))),
    earlier: new Set(),
    subjects: new Set(cas.flatMap(({ raw }) => subjectOf(raw) ?? [])),
    caSince: Math.max(...cas.map(({ validFromDate }) => validFromDate.getTime())),
    hosts: server === undefined ? [] : hostsOf([server]),
  };
}

/** How many certificates of an object are read for their names, which takes half a millisecond each. Fingerprints take a microsecond. */
export interface NameBudget {
  left: number;
}

export function nameBudget(): NameBudget {
  return { left: 100 };
}

/** The hosts of URLs, in lower case. */
export function hostsOf(urls: readonly string[]): string[] {
  return urls.flatMap((url) => URL.parse(url)?.hostname.toLowerCase() ?? []);
}

/**
 * How a text stands to the cluster; undefined where it has none of its CAs.
 *
 * @param own true for texts within the cluster, where another CA of the same name is one of its earlier ones; elsewhere the text has to
 *   name the API server as well
 * @param named how many more certificates may be read for their names; default: as many as of one object
 */
export function holdingOf(
  text: string,
  mark: ClusterMark,
  own: boolean,
  named: NameBudget = nameBudget(),
): Holding | undefined {
  const ders = certificatesIn(text);
  if (ders.length === 0) return undefined;
  const fingerprints = ders.map(sha256);
  if (fingerprints.some((one) => mark.fingerprints.has(one))) return 'PresentCA';
  if (fingerprints.some((one) => mark.earlier.has(one))) return 'OldCA';
  const lower = text.toLowerCase();
  if (mark.hosts.some((host) => lower.includes(host))) return 'OtherCA';
  return own && ders.some((der) => isNamesake(der, mark, named)) ? 'OtherCA' : undefined;
}

function isNamesake(der: Buffer, { subjects }: ClusterMark, named: NameBudget): boolean {
  if (named.left <= 0) return false;
  named.left -= 1;
  try {
    const { ca, subject, issuer } = new X509Certificate(der);
    if (!ca || subject !== issuer) return false;
    const name = subjectOf(der);
    return name !== undefined && subjects.has(name);
  } catch {
    // Text that only has the form of a certificate.
    return false;
  }
}

/** Undefined where the bytes are no certificate. */
function subjectOf(der: Buffer): string | undefined {
  const read = identify(der, der.toString('base64'));
  return read.kind === 'problem' ? undefined : shownName(read.certificate.details.subject);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
