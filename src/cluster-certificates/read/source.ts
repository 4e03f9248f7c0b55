import type { X509Certificate } from 'node:crypto';
import type { Outcome } from '../../azure/managed-clusters.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { Evidence, Finding } from '../evidence.ts';
import type { KubeconfigFacts } from './kubeconfig-facts.ts';
import type { Prometheus } from './prometheus.ts';

/** Where a cluster's own certificates can be read. What is absent is not asked. */
export interface EvidenceSources {
  /** Requests the kubeconfig of the cluster's users, as text. It is called at most once. */
  readonly kubeconfig?: (signal: AbortSignal) => Promise<Outcome<string>>;
  /** That kubeconfig in a few words, for people; default: `kubeconfig from ARM`. */
  readonly kubeconfigName?: string;
  /** Set where that kubeconfig is a copy that a person has, and not the one that ARM returns now. */
  readonly kubeconfigIsCopy?: true;
  /** URLs of the API server, as ARM has them. The first that answers is used where no kubeconfig names it. */
  readonly servers?: readonly string[];
  /** Reads the certificate that a server shows. */
  readonly handshake?: Handshake;
  /** A Prometheus with the metrics of the cluster's kubelets, or why it cannot be asked. */
  readonly prometheus?:
    | { readonly ok: true; readonly prometheus: Prometheus }
    | { readonly ok: false; readonly why: string; readonly fix?: string };
  /** Access to the cluster's API server, or why there is none and what would give it. */
  readonly access?: Access;
}

export type Access =
  | { readonly ok: true; readonly connection: Pick<Connection, 'request'> }
  | { readonly ok: false; readonly why: string; readonly fix?: string };

/** An API server, for a TLS handshake. */
export interface ServerAddress {
  /** URL that begins with `https://`. */
  readonly server: string;
  /** The name to ask for, where it is not the one in the URL. */
  readonly tlsServerName?: string;
}

/**
 * The certificate that the server shows to a client that verifies nothing and sends no credential.
 *
 * @throws the signal's reason, and Error with a code of Node or OpenSSL
 */
export type Handshake = (address: ServerAddress, signal: AbortSignal) => Promise<X509Certificate>;

/** A member of the evidence that a source shows. */
export type Member = Exclude<keyof Evidence, 'readAt' | 'kubeconfigIsCopy' | 'issuedBefore'>;

export function isMember(key: keyof Evidence): key is Member {
  return key !== 'readAt' && key !== 'kubeconfigIsCopy' && key !== 'issuedBefore';
}

/** One source of evidence. */
export interface EvidenceReader {
  /** The members that it shows. */
  readonly members: readonly Member[];
  /** What it reads, for messages: `The Node objects`. */
  readonly noun: string;
  /** Longest time that it may take, in ms; default 10 s. */
  readonly ms?: number;
  /** Members that cannot be read are findings; members whose source is not asked are left out. */
  read(reading: Reading): Promise<Partial<Evidence>>;
}

/** What the sources share while the evidence is read once. */
export interface Reading {
  readonly sources: EvidenceSources;
  readonly now: () => number;
  /** The kubeconfig, requested once for all sources that need it; undefined where none is asked for. It never rejects. */
  readonly kubeconfig: () => Promise<Finding<KubeconfigFacts> | undefined>;
  /** Aborts when the time of the source is over as well. */
  readonly signal: AbortSignal;
}
