import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import { readRotationIntent, ROTATION_KIND, rotationsOf, type RotationIntent } from '../../model/rotation.ts';
import type { KindProposal, ObjectKind, OperationKind } from '../../operation/kind.ts';
import { eventsOf } from './events.ts';
import { notAllowedStatus } from './not-allowed-status.ts';
import { nextTurn, statusOf } from './status.ts';

const objects: ObjectKind = {
  kind: ROTATION_KIND,
  read: (object, { grants }) => readRotationIntent(object, grants),
  status: (input) => statusOf({ ...input, intent: input.intent as RotationIntent }),
  notAllowedStatus: (intent, now) => notAllowedStatus(intent as RotationIntent, now),
  events: (before: CertificateRotationStatus | undefined, after: CertificateRotationStatus) => eventsOf(before, after),
  nextTime: (intents, now) => nextTurn(rotationsOf(intents), now),
  releaseEvent: () => ({ type: 'Normal', reason: 'Released', message: 'Nothing has to be undone.' }),
};

/** The cluster's own certificates, as its CertificateRotation objects watch them. */
export const rotateCertificates: OperationKind = {
  name: 'RotateCertificates' as OperationKind['name'],
  objects,
  holds: [],
  isShown: () => false,
  propose: () => NOTHING,
  resend: (_, { list }) => ({ kind: 'PutList', items: list.map((_, keep) => ({ keep })) }),
  concerned: (_, intents) => rotationsOf(intents),
};

const NOTHING: KindProposal = {
  shares: new Map(),
  remember: (next) => next,
  noteHold: (next) => next,
  releases: () => [],
};
