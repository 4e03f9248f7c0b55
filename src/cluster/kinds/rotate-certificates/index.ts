import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import { readRotationIntent, ROTATION_KIND, rotationsOf, type RotationIntent } from '../../model/rotation.ts';
import type { ObjectKind, OperationKind } from '../../operation/kind.ts';
import { assessRotation, isRotationShown } from './assess.ts';
import { eventsOf } from './events.ts';
import { ROTATION_HOLDS } from './holds.ts';
import { notAllowedStatus } from './not-allowed-status.ts';
import { isRotatedPool } from './pools.ts';
import { nextNotice } from './notice.ts';
import { proposeRotation } from './propose.ts';
import { rotationAnnounced, rotationCompleted, rotationStarted } from './rotation-events.ts';
import { nextTurn, statusOf } from './status.ts';

const objects: ObjectKind = {
  kind: ROTATION_KIND,
  read: (object, { grants, dayMs }) => readRotationIntent(object, grants, dayMs),
  status: (input) => statusOf({ ...input, intent: input.intent as RotationIntent }),
  notAllowedStatus: (intent, now) => notAllowedStatus(intent as RotationIntent, now),
  events: (before: CertificateRotationStatus | undefined, after: CertificateRotationStatus) => [
    ...eventsOf(before, after),
    ...rotationAnnounced(before, after),
    ...rotationCompleted(before, after),
  ],
  sentEvents: rotationStarted,
  nextTime: (intents, { rotation }, now) =>
    earliest(nextTurn(rotationsOf(intents), now), nextNotice(intents, rotation, now)),
  releaseEvent: () => ({ type: 'Normal', reason: 'Released', message: 'Nothing has to be undone.' }),
};

/** The cluster's own certificates: its CertificateRotation objects watch them, and may have them rotated. */
export const rotateCertificates: OperationKind = {
  name: 'RotateCertificates',
  objects,
  goesFirst: true,
  keepsList: true,
  holds: ROTATION_HOLDS,
  replaces: isRotatedPool,
  assess: assessRotation,
  isShown: (operation, { reading }, observation) => isRotationShown(operation, reading.model, observation),
  propose: proposeRotation,
  resend: ({ rotateCertificates }) => ({ kind: 'Rotate', oldCA: rotateCertificates?.oldCA ?? '' }),
  concerned: ({ rotateCertificates: { oldCA, requestedBy = [] } = { oldCA: '' } }, intents) =>
    rotationsOf(intents).filter(
      ({ name, object }) => requestedBy.includes(name) || object.spec.request?.replaceCA === oldCA,
    ),
};

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
