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
  /** Of one for a policy with spec.beforeExpiry: when the first of the certificates that it replaced would have expired. */
  readonly notAfter?: number;
}

/** The rotation that the policy of an object asks for; times in ms. */
export type AutomaticPlan = Refusal | DatedPlan;

/** spec.beforeExpiry would never end, so it is not followed. */
export interface Refusal {
  readonly kind: 'Refused';
  readonly reason: 'BeforeExpiryTooLong' | 'RotationBroughtNothing';
  readonly message: string;
}

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
  /** When the first of the certificates expires; absent where the policy does not ask for it, or not all of them are known. */
  readonly notAfter?: number;
  /** Why spec.beforeExpiry is not followed; spec.every alone decides then. */
  readonly refusal?: Refusal;
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
  const refusal = endlessRotation(input);
  const first = firstOf(datesBy(input, refusal), now);
  if (!first) return refusal;
  const calm = CALM_DAYS * policy.day;
  const due = Math.max(first.at, clusterCA.createdAt + calm, last ? last.at + calm : -Infinity);
  const planned = due - policy.notice;
  if (now < planned) return { ...first, kind: 'Planned', at: due, announcedAt: planned };
  // An announcement of the future was noted by another clock.
  const announced = announcedAt !== undefined && announcedAt <= now ? announcedAt : now;
  const at = Math.max(due, announced + policy.notice);
  return { ...first, kind: now >= at ? 'Due' : 'Announced', at, announcedAt: announced };
}

type Dated = Pick<DatedPlan, 'at' | 'reason' | 'of' | 'notAfter' | 'refusal'>;

/** The earliest date. One of the CA that has passed decides by itself: the API server, which may be away, is not needed for it. */
function firstOf(dates: readonly Dated[], now: number): Dated | undefined {
  const [first, ...others] = [...dates].sort((a, b) => a.at - b.at);
  return [first, ...others].find((date) => date?.of === 'ClusterCA' && date.at <= now) ?? first;
}

function datesBy({ policy, clusterCA, apiServer }: AutomaticInput, refusal: Refusal | undefined): Dated[] {
  const { every, beforeExpiry } = policy;
  const end = apiServer && beforeExpiry !== undefined ? Math.min(clusterCA.notAfter, apiServer.notAfter) : undefined;
  const more = { ...(end === undefined ? {} : { notAfter: end }), ...(refusal ? { refusal } : {}) };
  const byExpiry = (of: DatedPlan['of'], notAfter: number): Dated[] =>
    beforeExpiry === undefined || refusal ? [] : [{ at: notAfter - beforeExpiry, reason: 'BeforeExpiry', of, ...more }];
  return [
    ...(every === undefined
      ? []
      : [{ at: clusterCA.createdAt + every, reason: 'Every' as const, of: 'ClusterCA' as const, ...more }]),
    ...byExpiry('ClusterCA', clusterCA.notAfter),
    ...(apiServer ? byExpiry('APIServer', apiServer.notAfter) : []),
  ];
}

/** A spec.beforeExpiry that would ask for the next rotation right after each one. */
function endlessRotation({ policy, clusterCA, apiServer, last }: AutomaticInput): Refusal | undefined {
  const { every, beforeExpiry, day } = policy;
  if (beforeExpiry === undefined) return undefined;
  const followed = every === undefined ? '' : ' spec.every is followed.';
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
      message: `${what} is valid for ${Math.floor(life / day)} days from its start, so spec.beforeExpiry would ask for a rotation again and again. It is not followed.${followed} ${fix}`,
    };
  }
  const before = last?.notAfter;
  const since = Math.min(clusterCA.notAfter, apiServer?.notAfter ?? Infinity);
  if (last === undefined || before === undefined || since > before) return undefined;
  return {
    kind: 'Refused',
    reason: 'RotationBroughtNothing',
    message: `The last rotation, complete at ${momentOf(last.at)}, brought no certificate that is valid for longer, so spec.beforeExpiry is not followed.${followed} Open a support request for the cluster, or rotate once with spec.request.`,
  };
}
