import type { HoldCheck, HoldInput } from '../../model/hold-check.ts';
import type { Hold } from '../../model/decision.ts';
import { isState } from '../../model/provisioning-state.ts';
import { momentOf } from '../../model/record.ts';
import { preflightHold } from './preflight-hold.ts';
import { endedHold } from './propose.ts';

/** The checks of a rotation, after those of every change. One that is sent again was let go before. */
export const ROTATION_HOLDS: readonly HoldCheck[] = [
  {
    name: 'Ended',
    check: (input) => (isSentAgain(input) ? undefined : endedHold(input)),
  },
  {
    name: 'NotSucceeded',
    check(input) {
      const { model, timing } = input;
      if (isSentAgain(input) || isState(model.provisioningState, 'Succeeded')) return undefined;
      const { code = '', message: why = '' } = model.provisioningError ?? {};
      const cause = [code, why].filter((text) => text !== '').join(': ');
      const message = `The cluster is in state ${model.provisioningState}${cause === '' ? '' : ` (${cause})`}, and its certificates are rotated only in state Succeeded. Bring it to Succeeded (az aks update).`;
      return { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
    },
  },
  // Nothing is rotated that would keep nodes from joining again, or that AKS cannot bring to its end.
  { name: 'Preflight', check: (input) => (isSentAgain(input) ? undefined : preflightHold(input)) },
  // A CA that one read shows may be listed from before another client's rotation, which must not be repeated.
  { name: 'Agreeing', check: (input) => (isSentAgain(input) ? undefined : agreeing(input)) },
];

function agreeing({ record, proposal, observation: { clusterCA }, now, timing }: HoldInput): Hold | undefined {
  const { countsFrom } = record.rotation?.pending ?? {};
  if (countsFrom === undefined) return undefined;
  const { arrives, agreeing } = timing.rotation;
  // The rotation of another client may have ended while the cluster was not read, and ARM still list the CA of before.
  const needed = proposal.automatic ? arrives + agreeing : agreeing;
  // A clock that was far ahead must not hold it for longer than any rotation.
  const noted = Math.min(Date.parse(countsFrom), now + arrives) + agreeing;
  // The reads themselves have to be close together: the note may be from before a time in which nothing was read.
  const sameFor = clusterCA?.ok ? (clusterCA.sameForMs ?? needed) : needed;
  const due = Math.max(noted, now + needed - sameFor);
  if (due <= now) return undefined;
  const message = `The rotation is sent at ${momentOf(due)} or later, if the cluster is still in state Succeeded and has the same CA then. ARM may list an old CA for some time.`;
  return { reason: 'Settling', message, stalled: false, afterMs: Math.min(due - now, agreeing) };
}

function isSentAgain({ proposal, record }: HoldInput): boolean {
  return proposal.intents.length === 0 && record.operation?.kind === 'RotateCertificates';
}
