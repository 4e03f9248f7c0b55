import { timestamp } from '../../model/record.ts';

/** What an object says about rotations that no person asks for, in ms. */
export interface AutomaticRotation {
  /** `spec.every`: a rotation whenever the cluster CA is this old. */
  readonly every?: number;
  /** `spec.beforeExpiry`: a rotation when the cluster CA or the API server's certificate is valid for no longer than this. */
  readonly beforeExpiry?: number;
  /** `spec.notice`: how long a rotation is announced before it begins. */
  readonly notice: number;
}

/** The dates of a certificate, in ms. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface AutomaticInput {
  readonly wanted: AutomaticRotation;
  /** As read in this reconcile. */
  readonly clusterCA: Validity;
  /** The API server's certificate; undefined where it is not known, or where another authority than the cluster CA signed it. */
  readonly apiServer: Validity | undefined;
  /** When the coming rotation was first announced, in ms; undefined where none is announced. */
  readonly announcedAt: number | undefined;
  /** The last rotation of this cluster that the controller knows of, of any client. */
  readonly last:
    | {
        readonly completedAt: number;
        readonly automatic: boolean;
        readonly notAfterBefore?: number;
        readonly notAfterSince?: number;
      }
    | undefined;
  readonly now: number;
}

/** What the policy of an object asks for now. */
export type AutomaticPlan =
  | { readonly kind: 'None' }
  /** It would never end: a rotation brings no certificate that is valid for longer. */
  | {
      readonly kind: 'Refused';
      readonly reason: 'BeforeExpiryTooLong' | 'RotationBroughtNothing';
      readonly message: string;
    }
  /** `at`: when it may begin, in ms. It is announced from `announcedAt` on. */
  | { readonly kind: 'Announced' | 'Due'; readonly at: number; readonly announcedAt: number; readonly reason: string };

const MINUTE = 60_000;
const DAY = 86_400_000;

/** AKS dates the CA this long before it creates it (facts of public certificates: Azure/AKS#2347, azure-docs#75678). */
export const BACKDATED = 10 * MINUTE;

/** At most one automatic rotation of a cluster in this time. */
export const LONGEST_CALM = 7 * DAY;

/**
 * The rotation that the policy of an object asks for. The age of the cluster CA counts, and no note of ours, so that a lost status or
 * record causes none. None begins before it was announced for the time of `notice`, also where it is overdue at first sight: a fleet
 * that adopts a policy does not rotate all at once.
 */
export function automaticRotation(input: AutomaticInput): AutomaticPlan {
  const { wanted, clusterCA, apiServer, announcedAt, last, now } = input;
  const endless = endlessRotation(input);
  if (endless) return endless;
  const dates = [
    ...(wanted.every === undefined
      ? []
      : [
          {
            at: clusterCA.notBefore + BACKDATED + wanted.every,
            reason: 'the cluster CA reaches the age of spec.every',
          },
        ]),
    ...(wanted.beforeExpiry === undefined
      ? []
      : [
          { at: clusterCA.notAfter - wanted.beforeExpiry, reason: 'the cluster CA expires' },
          ...(apiServer
            ? [{ at: apiServer.notAfter - wanted.beforeExpiry, reason: "the API server's certificate expires" }]
            : []),
        ]),
  ].sort((a, b) => a.at - b.at);
  const [first] = dates;
  if (!first) return { kind: 'None' };
  const calmUntil = last ? last.completedAt + LONGEST_CALM : -Infinity;
  const due = Math.max(first.at, calmUntil);
  // The announcement begins as long before the date as it lasts, and now where that is past.
  if (now < due - wanted.notice) return { kind: 'None' };
  const announced = announcedAt !== undefined && announcedAt <= now ? announcedAt : now;
  const at = Math.max(due, announced + wanted.notice);
  return { kind: now >= at ? 'Due' : 'Announced', at, announcedAt: announced, reason: first.reason };
}

/** A policy that would ask for the next rotation right after each one. */
function endlessRotation({
  wanted: { beforeExpiry },
  clusterCA,
  apiServer,
  last,
}: AutomaticInput): AutomaticPlan | undefined {
  if (beforeExpiry === undefined) return undefined;
  const shortest = [clusterCA, ...(apiServer ? [apiServer] : [])]
    .map(({ notBefore, notAfter }) => notAfter - notBefore)
    .sort((a, b) => a - b)[0];
  if (shortest !== undefined && beforeExpiry >= shortest - LONGEST_CALM) {
    const days = Math.floor(shortest / DAY);
    return {
      kind: 'Refused',
      reason: 'BeforeExpiryTooLong',
      message: `The certificates of the cluster are valid for ${days} days from the start, so spec.beforeExpiry would ask for a rotation again and again. Use a shorter one.`,
    };
  }
  if (
    last?.automatic &&
    last.notAfterBefore !== undefined &&
    last.notAfterSince !== undefined &&
    last.notAfterSince <= last.notAfterBefore
  )
    return {
      kind: 'Refused',
      reason: 'RotationBroughtNothing',
      message: `The rotation that was completed at ${timestamp(last.completedAt)} brought no certificate that is valid for longer, so spec.beforeExpiry causes no other. Rotate with spec.request, or open a support request with Azure.`,
    };
  return undefined;
}
