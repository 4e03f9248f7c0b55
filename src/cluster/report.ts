import { isDeepStrictEqual } from 'node:util';
import type { ActResult, Tools } from './act/act.ts';
import { kindOf, KINDS } from './kinds/index.ts';
import { outlookOf, withChangeHold, type Decision } from './model/decision.ts';
import type { FollowUpReports } from './model/follow-up.ts';
import type { Intent } from './model/intent.ts';
import type { Observation } from './model/observation.ts';
import type { TrustEvent } from './model/trust-event.ts';
import type { WriteRefusal } from './model/write-refusal.ts';
import type { OperationKind, ReportInput } from './operation/kind.ts';

type ReportTools = Pick<Tools, 'objects' | 'now' | 'timing' | 'kinds'> & {
  readonly emit: (object: Intent['object'], event: TrustEvent) => void;
};

export function kindsOf({ kinds = KINDS }: Pick<Tools, 'kinds'>): readonly OperationKind[] {
  return kinds;
}

/** The status of an object of any kind; undefined where no kind of operation has such objects. */
export function statusFor({ decision, ...input }: ReportInput, tools: Pick<Tools, 'kinds'>): object | undefined {
  const kind = kindOf(input.intent.object, tools.kinds);
  return kind?.objects.status({ ...input, decision: { ...decision, outlook: outlookOf(decision.outlook, kind.name) } });
}

/** Writes the statuses that differ. @returns the refusals of the API server */
export async function report(
  observation: Observation,
  decided: Decision,
  done: ActResult,
  followUps: FollowUpReports,
  tools: ReportTools,
  signal: AbortSignal,
): Promise<readonly WriteRefusal[]> {
  if (decided.outlook.silent) return [];
  const decision: Decision = { ...decided, outlook: outlookAfter(decided, done) };
  const released = new Set(decision.releases.map(({ intent }) => intent));
  const record = done.record?.status ?? {};
  const now = tools.now();
  const { stalledAfter } = tools.timing;
  // A write that lost against an edit is not reported, because the next reconcile reads the edit.
  const waiting = observation.intents.filter((intent) => !released.has(intent) && intent.leftOut?.lasting !== false);
  const written = await Promise.allSettled(
    waiting.map((intent) =>
      writeStatus({ intent, observation, decision, record, followUps, now, stalledAfter }, tools, signal),
    ),
  );
  const failed = written.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return written.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
}

/** The outlook with the hold that acting on the decision has found: of the change that was to be sent, else of the cluster. */
function outlookAfter({ outlook, step }: Decision, { hold }: ActResult): Decision['outlook'] {
  if (!hold) return outlook;
  if (step.kind === 'Send') return withChangeHold(outlook, step.operation.kind, hold);
  return { ...outlook, hold, clusterHold: hold, changeHolds: new Map() };
}

async function writeStatus(
  input: ReportInput,
  tools: ReportTools,
  signal: AbortSignal,
): Promise<WriteRefusal | undefined> {
  const { object } = input.intent;
  const status = statusFor(input, tools);
  if (!status || isDeepStrictEqual(object.status, status)) return undefined;
  const outcome = await tools.objects.status(object, status, signal);
  if (outcome === 'Gone') return undefined;
  if (outcome !== 'Written') return outcome;
  for (const event of kindOf(object, tools.kinds)?.objects.events(object.status, status) ?? [])
    tools.emit(object, event);
  return undefined;
}
