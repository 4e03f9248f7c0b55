import type { Condition } from '../../api/conditions.ts';
import { escapeInvisible } from '../client/escape-invisible.ts';
import type { ClusterReport, ObjectReport } from './cluster-report.ts';
import type { RotationReport } from './rotation-report.ts';
import { endOf } from './wording.ts';
import { EXIT_CODES, worst } from './verdict.ts';

/** Version of the `-o json` document. It grows when a field is removed or changes its meaning, not when one is added. */
const FORMAT = 1;

export interface JsonOptions {
  /** Reasons why the document is incomplete or out of date. */
  readonly notices: readonly string[];
  readonly certificates: boolean;
  /** False: indented over several lines. */
  readonly oneLine: boolean;
}

/** The document of `-o json`, described in docs/how-to/status.md. Unknown values are left out. */
export function toJson(reports: readonly ClusterReport[], { certificates, notices, oneLine }: JsonOptions): string {
  const { outcome } = worst(reports.map(({ verdict }) => verdict));
  const document = {
    format: FORMAT,
    outcome,
    exitCode: EXIT_CODES[outcome],
    notices,
    clusters: reports.map((report) => clusterJson(report, certificates)),
  };
  return escapeInvisible(JSON.stringify(document, undefined, oneLine ? undefined : 2));
}

function clusterJson(report: ClusterReport, certificates: boolean) {
  const { name, resourceId, verdict, state, certificateSlots, nodes, nodePools, estimate, outside } = report;
  const { operation, pending, lastAppliedTime, slots, objects } = report;
  return {
    name,
    resourceId,
    outcome: verdict.outcome,
    state,
    certificateSlots,
    nodes,
    nodePools,
    outside,
    estimate,
    operation: operation && {
      startedAt: operation.startedAt,
      attempts: operation.attempts,
      lastAttemptAt: operation.lastAttemptAt,
      phase: operation.phase,
      ...endOf(operation),
    },
    pending: pending && {
      since: pending.since,
      adds: pending.adds ?? [],
      removes: pending.removes ?? [],
      waitsFor: pending.waitsFor,
      until: pending.until,
    },
    lastAppliedTime,
    conditions: report.conditions.map(conditionJson),
    ...(certificates ? { places: slots } : {}),
    objects: objects.map((object) => objectJson(object, certificates)),
    rotations: report.rotations.map((rotation) => rotationJson(rotation, certificates)),
  };
}

/** The first members of an object of either kind. */
function standingJson({ namespace, name, generation, judged, deleting, verdict }: ObjectReport | RotationReport) {
  return { namespace, name, generation, judged, deleting, outcome: verdict.outcome };
}

function objectJson(object: ObjectReport, certificates: boolean) {
  const { conditions, earliestNotAfter, lastAppliedTime, verification } = object;
  return {
    ...standingJson(object),
    conditions: conditions.map(conditionJson),
    earliestNotAfter,
    lastAppliedTime,
    verification: verification && {
      observedAt: verification.observedAt,
      nodes: verification.nodes,
      trusted: verification.trusted,
      untrusted: verification.untrusted,
      unclear: verification.unclear,
      failing: verification.failing,
    },
    ...(certificates ? { certificates: object.certificates, certificatesNotShown: object.certificatesNotShown } : {}),
  };
}

function rotationJson(rotation: RotationReport, certificates: boolean) {
  const { mode, phase, conditions, preflight, lastRotation, nextRotation } = rotation;
  const { verification, earliestNotAfter, autoRotation } = rotation;
  return {
    ...standingJson(rotation),
    mode,
    phase,
    conditions: conditions.map(conditionJson),
    earliestNotAfter,
    preflight,
    lastRotation,
    nextRotation,
    verification,
    ...(certificates ? { certificates: rotation.certificates, autoRotation } : {}),
  };
}

function conditionJson({ type, status, reason, message, lastTransitionTime }: Condition) {
  return { type, status, reason, message, lastTransitionTime };
}
