import { cronWindowAt } from '../../../waiting/cron-window.ts';
import type { ClusterCA } from '../../model/observation.ts';
import type { RotationMemory } from '../../model/record.ts';
import { isFarAhead } from '../../model/record-times.ts';
import type { RotationIntent } from '../../model/rotation.ts';
import type { ChangeWindow } from '../../operation/window.ts';
import {
  automaticRotation,
  type AutomaticInput,
  type AutomaticPlan,
  type DatedPlan,
  type LastRotation,
} from './automatic.ts';

export interface PlanInput {
  readonly ca: ClusterCA | undefined;
  readonly memory: RotationMemory | undefined;
  /** ms. */
  readonly now: number;
}

export interface PolicyPlan {
  readonly plan: AutomaticPlan;
  /** SHA-256 of the cluster CA that it is made for. */
  readonly oldCA: string;
}

/**
 * The rotation that the policy of an object asks for; undefined where it has none, or the dates of the cluster CA are not known. By
 * the CA that was read, else by the one that was seen last. The certificate of the API server counts as it was read in this reconcile,
 * else as the status shows it: that can only cause another read.
 */
export function planOf(intent: RotationIntent, { ca, memory = {}, now }: PlanInput): PolicyPlan | undefined {
  const { policy } = intent;
  const clusterCA = ca?.ok ? ca : lastSeen(memory);
  if (!policy || !clusterCA || !isDated(clusterCA)) return undefined;
  const { fingerprint } = clusterCA;
  const read = ca?.ok ? ca.apiServer : undefined;
  const apiServer = read?.known ? read : shownServer(intent, fingerprint);
  const { notice } = memory;
  const announcedAt = notice?.oldCA === fingerprint ? Date.parse(notice.since) : undefined;
  const plan = automaticRotation({ policy, clusterCA, apiServer, announcedAt, last: lastOf(memory, now), now });
  if (!plan || plan.kind === 'Refused') return plan && { plan, oldCA: fingerprint };
  return { plan: inWindow(plan, intent.object.spec.window, now), oldCA: fingerprint };
}

/**
 * The plan for the first opening of the window's schedule: until then the rotation stays announced, and the cluster at rest. A window
 * whose openings are not known here holds the rotation once it is due.
 */
function inWindow(plan: DatedPlan, { schedule, ...window }: ChangeWindow = {}, now: number): DatedPlan {
  if (schedule === undefined) return plan;
  const from = Math.max(plan.at, now);
  const { timeZone = 'Etc/UTC', durationHours = 0 } = window;
  const state = cronWindowAt({ schedule, timeZone, durationHours }, from);
  if (state.kind !== 'Closed') return plan;
  return { ...plan, at: state.opensAt, kind: plan.kind === 'Due' ? 'Announced' : plan.kind };
}

type DatedCA = AutomaticInput['clusterCA'] & { readonly fingerprint: string };

function lastSeen({ casSeen = [] }: RotationMemory): DatedCA | undefined {
  const last = casSeen.at(-1);
  if (!last) return undefined;
  const { fingerprintSHA256: fingerprint, createdAt = '', notAfter = '' } = last;
  return { fingerprint, createdAt: Date.parse(createdAt), notAfter: Date.parse(notAfter) };
}

function isDated({ createdAt, notAfter }: DatedCA): boolean {
  return Number.isFinite(createdAt) && Number.isFinite(notAfter);
}

/** The certificate of the API server as the status of the object has it, where this cluster CA has signed it. */
function shownServer({ object }: RotationIntent, signer: string): AutomaticInput['apiServer'] {
  const row = object.status?.certificates?.find(({ name }) => name === 'APIServer');
  if (row?.signedBySHA256 !== signer || row.health === 'Intercepted') return undefined;
  const [notBefore, notAfter] = [Date.parse(row.notBefore ?? ''), Date.parse(row.notAfter ?? '')];
  return Number.isFinite(notBefore) && Number.isFinite(notAfter) ? { notBefore, notAfter } : undefined;
}

/** The last rotation that is known. One that a clock far ahead noted says nothing: the age of the CA is left then. */
function lastOf({ lastRotation }: RotationMemory, now: number): LastRotation | undefined {
  if (!lastRotation) return undefined;
  const { startedAt, completedAt = startedAt, notAfter } = lastRotation;
  if (isFarAhead(completedAt, now)) return undefined;
  const expired = Date.parse(notAfter ?? '');
  return { at: Date.parse(completedAt), ...(Number.isFinite(expired) ? { notAfter: expired } : {}) };
}
