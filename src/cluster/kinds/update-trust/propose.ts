import { CERTIFICATE_LIMIT } from '../../../api/names.ts';
import type { ElementReading } from '../../../certificates/element.ts';
import { correctionsOf, isContended } from './drift-corrections.ts';
import type { TrustIntent } from '../../model/intent.ts';
import type { NamedCertificate, RecordStatus } from '../../model/record.ts';
import { rejectionsNow, triedNext } from '../../operation/rejections.ts';
import type { Assessment } from '../../model/assessment.ts';
import type { Timing } from '../../model/timing.ts';
import { discoverClaims, rememberedClaims, currentOwners, type CurrentOwners } from './owners.ts';
import type { Claims, Merge } from '../../model/trust.ts';
import { fingerprintsOf } from '../../model/fingerprints.ts';
import { merge } from './desired-list.ts';
import { missingOf } from './slots.ts';

/** The list as read, the claims on its certificates, and the desired list. */
export interface TrustProposal {
  readonly list: readonly ElementReading[];
  readonly claims: Claims;
  /** Adopted certificates that no object names any more and that stay, with the objects that named them last. */
  readonly retained: CurrentOwners['retained'];
  /** Managed certificates that another client removed. */
  readonly missing: readonly NamedCertificate[];
  /** Drift corrections that still count. */
  readonly corrections: NonNullable<RecordStatus['corrections']>;
  /** Rejected objects that were not edited since. */
  readonly rejections: NonNullable<RecordStatus['rejections']>;
  readonly merge: Merge;
}

/** Computes the desired list from the record, the list as read, and the objects. */
export function proposeTrust(
  intents: readonly TrustIntent[],
  before: RecordStatus,
  list: readonly ElementReading[],
  assessment: Assessment | undefined,
  now: number,
  timing: Timing,
): TrustProposal {
  const remembered = discoverClaims(rememberedClaims(before), list, before);
  const { claims, wanted, retained } = currentOwners(remembered, list, intents);
  const missing = missingOf(before, list, claims, wanted);
  // A certificate that an operation is putting back needs no second correction, unless that operation never arrived.
  const awaited = new Set(
    assessment?.kind === 'NeverArrived'
      ? []
      : before.operation?.updateTrust?.adds?.map(({ fingerprintSHA256 }) => fingerprintSHA256),
  );
  const corrections = correctionsOf(before, assessment, intents, now, timing);
  const rejections = rejectionsNow(before, intents, new Set(list.flatMap(fingerprintsOf)));
  const input = {
    list,
    claims,
    wanted,
    intents,
    missing: new Set(
      missing.flatMap(({ fingerprintSHA256 }) => (awaited.has(fingerprintSHA256) ? [] : [fingerprintSHA256])),
    ),
    contended: isContended(corrections, intents),
    limit: CERTIFICATE_LIMIT,
  };
  const rejected = new Set(rejections.map(({ object }) => object));
  const tried = triedNext(rejections, intents);
  const others = new Set([...rejected].filter((name) => !tried.has(name)));
  const alone = tried.size > 0 ? merge({ ...input, rejected: others, alone: tried }) : undefined;
  // An object that adds nothing, because it does not fit or is contended, cannot show whether ARM still rejects it.
  const merged = alone && alone.adds.length > 0 ? alone : merge({ ...input, rejected });
  return { list, claims, retained, missing, corrections, rejections, merge: merged };
}
