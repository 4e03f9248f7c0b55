import type { CertificateRotationStatus } from '../../api/generated/certificaterotations.ts';
import type { CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';
import type { KubeconfigReason } from '../../api/reasons.ts';
import type { Evidence } from '../../cluster-certificates/evidence.ts';
import type { SearchProblem, SearchResult } from '../../cluster-certificates/holders/holder.ts';
import type { Decision } from './decision.ts';
import type { Intent } from './intent.ts';
import type { Observation } from './observation.ts';

/** Work that follows an operation and disrupts nothing. */
export interface FollowUp {
  readonly name: keyof FollowUpReports;
  /** True when a step has to be taken for the object now. */
  isDue(intent: Intent, observation: Observation, decision: Decision): boolean;
  /**
   * The time until the object's next step while its cluster rests, in ms; undefined where only a change causes one, and where it is due:
   * it is taken in the next reconcile that can.
   */
  restsMs?(intent: Intent): number | undefined;
  /** Takes the next step for each object that needs one. */
  step(observation: Observation, decision: Decision, signal: AbortSignal): Promise<ReadonlyMap<string, FollowUpReport>>;
  /** Called when every status of the cluster's objects is written, with what the last steps reported. */
  reported?(observation: Observation): void;
}

/** The outcome of a step, for one object. */
export interface FollowUpReport {
  /** When to continue, in ms from now. */
  readonly afterMs?: number;
}

/** The outcomes of the steps of one reconcile, each by name of the object; objects without a step are missing. */
export interface FollowUpReports {
  readonly verification?: ReadonlyMap<string, VerificationReport>;
  readonly certificates?: ReadonlyMap<string, CertificatesReport>;
  readonly kubeconfigs?: ReadonlyMap<string, KubeconfigReport>;
  readonly proof?: ReadonlyMap<string, ProofReport>;
  readonly consumers?: ReadonlyMap<string, ConsumersReport>;
}

/** What was read of the cluster's own certificates, for one object. */
export interface CertificatesReport extends FollowUpReport {
  readonly evidence: Evidence;
}

/** What a search for the holders of the cluster CA found, for one object. */
export interface ConsumersReport extends FollowUpReport {
  /** Undefined where it was not searched, because the cluster's certificates were not read yet. */
  readonly search?: ConsumersSearch;
}

export interface ConsumersSearch extends Pick<SearchResult, 'holders' | 'counts'> {
  /** When it ended, in ms. */
  readonly at: number;
  /** SHA-256 of the cluster CA that was searched for; undefined where it is not known. */
  readonly clusterCA: string | undefined;
  /** Objects that were read. */
  readonly read: number;
  /** What was not searched, or not to its end, in whole sentences. */
  readonly notSearched: readonly (Pick<SearchProblem, 'where'> & {
    readonly kind?: string;
    readonly message: string;
  })[];
  /** False where the policy does not let the object see what the cluster shows: it keeps nothing that it saw before. */
  readonly isAllowed: boolean;
}

/** What was checked after a rotation, for one object. */
export interface ProofReport extends FollowUpReport {
  /** Next `status.verification`; undefined where nothing was checked yet. */
  readonly verification?: NonNullable<CertificateRotationStatus['verification']>;
}

/** What became of the Secret that holds the kubeconfig. */
export interface KubeconfigReport extends FollowUpReport {
  readonly outcome:
    | { readonly kind: 'Written' | 'Current' }
    | {
        readonly kind: 'Refused';
        readonly reason: KubeconfigReason;
        /** For people, without secrets. */
        readonly message: string;
      };
  /** What may be said of the kubeconfig that was written. */
  readonly content?: {
    readonly signIn: 'LocalAccount' | 'Entra';
    /** SHA-256 of the DER bytes. */
    readonly clusterCA?: string;
    /** RFC 3339; absent where it has no client certificate. */
    readonly clientNotAfter?: string;
  };
}

/** The outcome of a step of a verification, for one object. */
export interface VerificationReport extends FollowUpReport {
  /** Next `status.verification`. */
  readonly status: CustomCATrustStatus['verification'];
  /** Why the verification cannot continue. */
  readonly trouble?: { readonly reason: string; readonly message: string };
}
