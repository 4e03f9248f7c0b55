import { momentOf } from '../../model/record.ts';
import type { RotationPolicy } from '../../model/rotation-policy.ts';

/** What the dates of a cluster ask for by the policy of an object; all times are in ms. */
export interface AutomaticInput {
  readonly policy: RotationPolicy;
  /** `createdAt`: when AKS made it, which is later than the start of its validity. */
  readonly clusterCA: { readonly createdAt: number; readonly notAfter: number };
  /** The API server's certificate; undefined where it is not known, or where another authority than the cluster CA signed it. */
  readonly apiServer: { readonly notBefore: number; readonly notAfter: number } | undefined;
  /** When the coming rotation was first announced; undefined where none is announced. */
  readonly announcedAt: number | undefined;
  readonly last: LastRotation | undefined;
  readonly now: number;
}

/** The last rotation of the cluster that is known, whichever client began it; times in ms. */
export interface LastRotation {
  /** When it was complete, or began where that is not known. */
  readonly at: number;
  /** Of one for spec.beforeExpiry: when the first of the certificates that it replaced would have expired. */
  readonly notAfter?: number;
}

/** The rotation that the policy of an object asks for; times in ms. */
export type AutomaticPlan =
  /** The policy would never end, so it is not followed. */
  | {
      readonly kind: 'Refused';
      readonly reason: 'BeforeExpiryTooLong' | 'RotationBroughtNothing';
      readonly message: string;
    }
  | DatedPlan;

export interface DatedPlan {
  /** `Planned`: its announcement begins later. `Announced`: it may not begin yet. */
  readonly kind: 'Planned' | 'Announced' | 'Due';
  /** The earliest time at which it may begin. */
  readonly at: number;
  /** When its announcement begins or began. */
  readonly announcedAt: number;
  readonly reason: 'Every' | 'BeforeExpiry';
  /** The certificate whose date decides. */
  readonly of: 'ClusterCA' | 'APIServer';
  /** When the first of the certificates expires, for `BeforeExpiry`. */
  readonly notAfter?: number;
}

/** At most one rotation by a policy in so many days. */
export const CALM_DAYS = 7;

/**
 * The rotation that the policy of an object asks for. The dates of the certificates count, and no note of the controller's, so that a
 * lost status or record causes none. None begins before it was announced for the time of `notice`, also where it is overdue at first
 * sight: a fleet that adopts a policy does not rotate all at once.
 */
export function automaticRotation(input: AutomaticInput): AutomaticPlan | undefined {
  const { policy, clusterCA, announcedAt, last, now } = input;
  const endless = endlessRotation(input);
  if (endless) return endless;
  const [first] = datesBy(input).sort((a, b) => a.at - b.at);
  if (!first) return undefined;
  const calm = CALM_DAYS * policy.day;
  const due = Math.max(first.at, clusterCA.createdAt + calm, last ? last.at + calm : -Infinity);
  const planned = due - policy.notice;
  if (now < planned) return { ...first, kind: 'Planned', at: due, announcedAt: planned };
  // An announcement of the future was noted by another clock.
  const announced = announcedAt !== undefined && announcedAt <= now ? announcedAt : now;
  const at = Math.max(due, announced + policy.notice);
  return { ...first, kind: now >= at ? 'Due' : 'Announced', at, announcedAt: announced };
}

type Dated = Pick<DatedPlan, 'at' | 'reason' | 'of' | 'notAfter'>;

function datesBy({ policy, clusterCA, apiServer }: AutomaticInput): Dated[] {
  const { every, beforeExpiry } = policy;
  const notAfter = Math.min(clusterCA.notAfter, apiServer?.notAfter ?? Infinity);
  const byExpiry = (of: DatedPlan['of'], end: number): Dated[] =>
    beforeExpiry === undefined ? [] : [{ at: end - beforeExpiry, reason: 'BeforeExpiry', of, notAfter }];
  return [
    ...(every === undefined
      ? []
      : [{ at: clusterCA.createdAt + every, reason: 'Every' as const, of: 'ClusterCA' as const }]),
    ...byExpiry('ClusterCA', clusterCA.notAfter),
    ...(apiServer ? byExpiry('APIServer', apiServer.notAfter) : []),
  ];
}

/** A policy that would ask for the next rotation right after each one. */
function endlessRotation({ policy, clusterCA, apiServer, last }: AutomaticInput): AutomaticPlan | undefined {
  const { beforeExpiry, day } = policy;
  if (beforeExpiry === undefined) return undefined;
  const ofServer = apiServer ? apiServer.notAfter - apiServer.notBefore : Infinity;
  const life = Math.min(clusterCA.notAfter - clusterCA.createdAt, ofServer);
  const largest = Math.floor(life / day) - CALM_DAYS;
  if (beforeExpiry > largest * day) {
    const what = life === ofServer ? "The API server's certificate" : 'The cluster CA';
    const fix =
      largest > 0
        ? `Set it to ${largest}d or less.`
        : 'Remove it: no time is short enough for this certificate. A rotation can be asked for in spec.request.';
    return {
      kind: 'Refused',
      reason: 'BeforeExpiryTooLong',
      message: `${what} is valid for ${Math.floor(life / day)} days from its start, so spec.beforeExpiry would ask for a rotation again and again. It is not followed. ${fix}`,
    };
  }
  const before = last?.notAfter;
  const since = Math.min(clusterCA.notAfter, apiServer?.notAfter ?? Infinity);
  if (last === undefined || before === undefined || since > before) return undefined;
  return {
    kind: 'Refused',
    reason: 'RotationBroughtNothing',
    message: `The last rotation for spec.beforeExpiry, complete at ${momentOf(last.at)}, brought no certificate that is valid for longer, so spec.beforeExpiry is not followed. Open a support request for the cluster, or rotate once with spec.request.`,
  };
}
