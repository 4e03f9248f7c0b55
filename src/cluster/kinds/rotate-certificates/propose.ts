import { sentences } from '../../../api/sentences.ts';
import type { Hold } from '../../model/decision.ts';
import type { HoldInput } from '../../model/hold-check.ts';
import { momentOf, timestamp, type RecordedOperation, type RecordStatus } from '../../model/record.ts';
import type { Change, ClusterView, KindProposal } from '../../operation/kind.ts';
import { windowHold } from '../../operation/window.ts';
import { rememberRotation } from './remember.ts';
import { noticeOf } from './notice.ts';
import { endedRotation, releaseOf } from './release.ts';
import { verdictsOf, type Verdict } from './request.ts';

/** The most objects that a record names for one rotation. */
const MOST_NAMED = 64;

/** What the CertificateRotation objects of a cluster want: at most one rotation, which satisfies all that ask for it. */
export function proposeRotation(view: ClusterView): KindProposal {
  const { observation, before, now } = view;
  const ca = observation.clusterCA;
  const verdicts = verdictsOf(observation.intents, {
    ...{ ca, memory: before.rotation, now },
    armAheadMs: observation.arm.ok ? observation.arm.reading.armAheadMs : undefined,
  });
  const change = changeOf(view, verdicts);
  const shares = new Map<string, Hold>();
  for (const [name, verdict] of verdicts) {
    const hold = shareHold(name, verdict, view);
    if (hold) shares.set(name, hold);
  }
  return {
    ...(change ? { change } : {}),
    shares,
    remember: (next, { arrived }) =>
      rememberRotation(next, view, {
        arrived,
        notice: noticeOf(verdicts, view),
        // One that waits for its window is wanted as well.
        wanted:
          change?.write.kind === 'Rotate'
            ? change.write.oldCA
            : shares.size > 0
              ? dueOf(verdicts)[0]?.ca.fingerprint
              : undefined,
      }),
    noteHold: (next, hold) => notePending(next, hold),
    // Deleting an object undoes nothing, and a rotation that runs is in the record.
    releases: () => [],
  };
}

/** The rotation that is due; undefined where none is, or the recorded operation is that rotation. */
function changeOf(view: ClusterView, verdicts: ReadonlyMap<string, Verdict>): Change | undefined {
  const { observation, before, assessment } = view;
  const own = before.operation?.kind === 'RotateCertificates' && assessment?.kind === 'Open' ? assessment : undefined;
  // One that failed is seen through first: it is tried again by itself, or a person has to say so.
  if (own && own.allows !== 'OtherChange') return undefined;
  const due = dueOf(verdicts).filter(({ name }) => !windowOf(name, view));
  const [first] = due;
  if (!first) return undefined;
  const oldCA = first.ca.fingerprint;
  if (own && own.operation.rotateCertificates?.oldCA === oldCA) return undefined;
  const names = new Set(due.map(({ name }) => name));
  const cause = causeOf(due);
  return {
    members: {
      kind: 'RotateCertificates',
      rotateCertificates: { oldCA, ...cause, requestedBy: [...names].slice(0, MOST_NAMED) },
    },
    write: { kind: 'Rotate', oldCA },
    proposal: {
      intents: observation.intents.filter(({ name }) => names.has(name)),
      settleMs: 0,
      correction: false,
      ...(cause.reason === 'Requested' ? {} : { automatic: true }),
    },
  };
}

function dueOf(verdicts: ReadonlyMap<string, Verdict>) {
  return [...verdicts].flatMap(([name, verdict]) => (verdict.kind === 'Due' ? [{ ...verdict, name }] : []));
}

/** Why the rotation is started: for a request, where one of the objects has one, else for their policy. */
function causeOf(due: ReturnType<typeof dueOf>): { readonly reason: Reason; readonly notAfter?: string } {
  const [plan] = due.flatMap((one) => one.plan ?? []);
  if (!plan || due.some((one) => !one.plan)) return { reason: 'Requested' };
  const { reason, notAfter } = plan;
  return { reason, ...(notAfter !== undefined ? { notAfter: timestamp(notAfter) } : {}) };
}

type Reason = NonNullable<RecordedOperation['rotateCertificates']>['reason'];

/** The hold of an object's window; undefined while it is open, or without one. */
function windowOf(name: string, { observation, now, timing }: ClusterView): Hold | undefined {
  const { window } = observation.intents.find((intent) => intent.name === name)?.object.spec ?? {};
  return window && windowHold(window, observation.maintenance, now, timing, 'The rotation waits');
}

/** Why one object waits although it asks for a rotation. An object that only a change can help has no share: its status says why. */
function shareHold(name: string, verdict: Verdict, view: ClusterView): Hold | undefined {
  const { observation, before, now, timing } = view;
  const { clusterCA } = observation;
  if (before.operation?.kind === 'RotateCertificates') return undefined;
  if (verdict.kind === 'Due') return windowOf(name, view);
  if (verdict.kind === 'RequestedLater') {
    const message = `The rotation is requested for ${momentOf(verdict.at)} or later, because spec.requestedAt lies ahead of the controller's clock.`;
    return { reason: 'RequestedLater', message, stalled: false, afterMs: Math.min(timing.drift, verdict.at - now) };
  }
  if (verdict.kind === 'ClockWrong')
    return { reason: 'PreflightFailed', message: verdict.message, stalled: false, afterMs: timing.drift };
  if (verdict.kind === 'ServerUnread') {
    const message = sentences(
      "The API server's certificate is about to expire by the last read of it, and could not be read again, so nothing is rotated",
      verdict.message,
    );
    return { reason: 'Unreachable', message, stalled: false, afterMs: timing.drift };
  }
  if (verdict.kind !== 'Unread' || clusterCA?.ok !== false) return undefined;
  const { reason, message, afterMs } = clusterCA;
  return { reason, message: `${message} Nothing is rotated before it is read.`, stalled: false, afterMs };
}

/** Why no new rotation of the same CA follows one that ended without another CA; undefined once an object that asked for it releases it. */
export function endedHold({ record, observation, now, timing }: HoldInput): Hold | undefined {
  const { rotation: memory } = record;
  const ended = memory?.ended;
  const held = memory && endedRotation(memory);
  if (!ended || !held) return undefined;
  const release = releaseOf(held, { observation, memory, now, timing });
  if (release === 'Released') return undefined;
  const reason = ended.outcome === 'Canceled' ? 'RotationCanceled' : 'RotationFailed';
  return release ?? { reason, message: ended.message, stalled: true, afterMs: timing.failed };
}

function notePending(next: RecordStatus, hold: Hold | undefined): RecordStatus {
  const { rotation } = next;
  if (!rotation?.pending) return next;
  return { ...next, rotation: { ...rotation, pending: { ...rotation.pending, waitsFor: hold?.reason ?? 'Nothing' } } };
}
