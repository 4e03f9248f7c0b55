import type { Condition } from '../../api/conditions.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { awaitsReconcile, isJudged, verdictOn, type Verdict } from './verdict.ts';

/** What a view shows of an object of any kind. */
export interface StandingReport {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number | undefined;
  /** False until the controller has processed this generation and reconcile request: its conditions may be older. */
  readonly judged: boolean;
  /** True where only the reconcile request is not handled yet. */
  readonly awaitsReconcile: boolean;
  readonly deleting: boolean;
  readonly verdict: Verdict;
  readonly conditions: readonly Condition[];
}

export function standingReport(object: CustomCATrust | CertificateRotation): StandingReport {
  const { metadata, status } = object;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    generation: metadata.generation,
    judged: isJudged(object) && !awaitsReconcile(object),
    awaitsReconcile: isJudged(object) && awaitsReconcile(object),
    deleting: metadata.deletionTimestamp !== undefined,
    verdict: verdictOn(object),
    conditions: status?.conditions ?? [],
  };
}
