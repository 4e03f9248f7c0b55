import { nextConditions, type ConditionValue, type ConditionValues } from '../../../api/conditions.ts';
import type { CustomCATrustStatus } from '../../../api/generated/customcatrusts.ts';
import { reconcileRequestOf } from '../../../api/names.ts';
import { recordName } from '../../../api/resource-id.ts';
import { appliedCondition, limitCondition, reimagedConditionFor, untilReleased, validCondition } from './conditions.ts';
import { summaryOf } from './summary.ts';
import { notAllowedStatus } from './not-allowed-status.ts';
import { isTrusted, ROW_LIMIT, rowsOf } from './certificate-rows.ts';
import type { TrustIntent } from '../../model/intent.ts';
import { inWholeSeconds, timestamp, wholeSeconds } from '../../model/record.ts';
import type { OwnCount } from '../../model/own-count.ts';
import { unusableAccessFinding, withUnusableAccess } from '../../reimage/unusable-access.ts';
import { nodesTrustCondition, verificationAtRest } from '../../verify/condition.ts';
import { wantedOf } from '../../verify/request.ts';
import { asksOperator } from '../../model/ways.ts';
import { namespaceOf } from '../../model/way.ts';
import type { StatusInput } from './status-input.ts';

/** The whole status of one object. Fields that could not be read keep their last value. */
export function statusOf(input: StatusInput): CustomCATrustStatus {
  const { intent, observation, decision, record, now } = input;
  if (intent.frozen === 'NotAllowed') return notAllowedStatus(intent, now);
  const { outlook } = decision;
  const previous: CustomCATrustStatus = intent.object.status ?? {};
  const rows = rowsOf(intent, decision, record, now);
  const generation = intent.object.metadata.generation;
  const request = reconcileRequestOf(intent.object);
  const certificates = rows.slice(0, ROW_LIMIT);
  const hidden = Math.max(0, rows.length - ROW_LIMIT);
  const earliest = intent.rows
    .flatMap(({ certificate }) => (certificate ? [certificate.details.notAfter] : []))
    .sort()[0];
  const lastAppliedTime = outlook.seenThrough.has(intent.name)
    ? wholeSeconds(timestamp(now))
    : previous.lastAppliedTime;
  const wanted = wantedOf(intent, observation, decision);
  const step = input.verification?.get(intent.name);
  const verification = step ? step.status : verificationAtRest(intent, wanted);

  const own = ownCountFor(input);
  const { nodes, nodePools } = own ?? record;
  const findings: ConditionValues = {
    CertificatesValid: validCondition(intent),
    WithinCertificateLimit: limitCondition(input),
    Applied: appliedCondition(input),
    NodesReimaged: untilReleased(withUnusableAccess(nodesReimagedFor(input, own), intent, observation, record), intent),
    NodesTrust: nodesTrustCondition(intent, wanted, verification, step?.trouble),
    FullyCovered: outlook.fullyCovered,
  };

  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(request === undefined ? {} : { lastHandledReconcileAt: request }),
    cluster: { name: observation.id.name, record: recordName(observation.id) },
    conditions: nextConditions(previous.conditions, { ...findings, ...summaryOf(findings, input) }, now, generation),
    ...(record.certificateSlots ? { certificateSlots: record.certificateSlots } : {}),
    certificates,
    certificateCount: countOf(rows),
    ...(hidden > 0 ? { certificatesNotShown: hidden } : {}),
    ...(earliest === undefined ? {} : { earliestNotAfter: earliest }),
    ...(nodes ? { nodes } : {}),
    ...(nodePools ? { nodePools: nodePools.map((pool) => inWholeSeconds(pool)) } : {}),
    ...(record.estimate && !own ? { estimate: inWholeSeconds(record.estimate) } : {}),
    ...(lastAppliedTime === undefined ? {} : { lastAppliedTime }),
    ...(verification ? { verification } : {}),
  };
}

/** Number of certificates that the object wants, each counted once, and number of those that every covered node trusts. */
function countOf(rows: readonly { readonly state: string }[]): NonNullable<CustomCATrustStatus['certificateCount']> {
  const wanted = rows.filter(({ state }) => state !== 'Duplicate' && state !== 'Removing').length;
  const trusted = rows.filter(({ state }) => isTrusted(state)).length;
  return { wanted, trusted, summary: `${trusted}/${wanted}` };
}

/**
 * The node count for an object whose namespace has its own way. Undefined for an object that asks for the operator's way: it
 * shows the cluster's count. An object whose way is not allowed shows the refusal.
 */
function ownCountFor({ intent, observation, decision, record }: StatusInput): OwnCount | undefined {
  const refusal = observation.ways.refused.get(intent.name);
  if (refusal !== undefined && record.operation)
    return { finding: { status: 'Unknown', reason: 'NodesUnreadable', message: refusal } };
  return asksOperator(intent) ? undefined : decision.outlook.own?.get(namespaceOf(intent));
}

function nodesReimagedFor(input: StatusInput, own: OwnCount | undefined): ConditionValue {
  const { intent, observation, record } = input;
  const counted = own ? (own.finding ?? previousFinding(intent.object.status ?? {}, 'NodesReimaged')) : undefined;
  return reimagedConditionFor(input, counted ?? unusableAccessFinding(intent, observation, record));
}

function previousFinding({ conditions }: CustomCATrustStatus, type: string): ConditionValue {
  const before = conditions?.find((one) => one.type === type);
  return before ?? { status: 'Unknown', reason: 'NodesUnreadable', message: 'The nodes were not counted yet.' };
}

/** The next time, in ms, at which a certificate becomes valid or expires. Undefined when none will. */
export function nextExpiry(intents: readonly TrustIntent[], now: number): number | undefined {
  const times = intents.flatMap(({ rows }) =>
    rows.flatMap(({ certificate }) =>
      certificate ? [Date.parse(certificate.details.notAfter), Date.parse(certificate.details.notBefore)] : [],
    ),
  );
  const coming = times.filter((time) => time > now);
  return coming.length > 0 ? Math.min(...coming) : undefined;
}
