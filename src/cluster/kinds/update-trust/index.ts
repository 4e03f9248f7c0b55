import type { CustomCATrust, CustomCATrustStatus } from '../../../api/generated/customcatrusts.ts';
import { trustsOf, readTrustIntent, type TrustIntent } from '../../model/intent.ts';
import { certificatesOf, digestOf, partsOf } from '../../model/fingerprints.ts';
import { concerns } from '../../model/record-size.ts';
import { isChange } from '../../model/trust.ts';
import type {
  Change,
  ClusterView,
  KindProposal,
  ObjectKind,
  OperationKind,
  ReportInput,
} from '../../operation/kind.ts';
import { verificationEvents } from '../../verify/condition.ts';
import { proposalOf } from './concern.ts';
import { freezeEmptied } from './admitted-objects.ts';
import { changeEvents } from './change-events.ts';
import { eventsOf } from './events.ts';
import { heldShares, withoutShares } from './held-shares.ts';
import { notAllowedStatus } from './not-allowed-status.ts';
import { proposeTrust } from './propose.ts';
import { releaseEvent } from './release-event.ts';
import { releasesOf } from './release.ts';
import { noteHold, rememberTrust } from './remember.ts';
import { retainedOf, stayingInList } from './staying-certificates.ts';
import { nextExpiry, statusOf } from './status.ts';
import { outsideWindows, windowShares } from './window-shares.ts';

const objects: ObjectKind = {
  kind: 'CustomCATrust',
  read(object, { grants, texts, readSource }) {
    const trust = object as CustomCATrust;
    return readTrustIntent(trust, texts(trust), readSource, grants);
  },
  admit: (intent, record) => freezeEmptied(intent as TrustIntent, record),
  status: (input) => statusOf(forTrust(input)),
  notAllowedStatus: (intent, now) => notAllowedStatus(intent as TrustIntent, now),
  events(before: CustomCATrustStatus | undefined, after: CustomCATrustStatus) {
    const events = eventsOf(before, after);
    return [...events, ...verificationEvents(before, after, events)];
  },
  releaseEvent,
  sentEvents: (intents, decision, record) => changeEvents(trustsOf(intents), decision, record),
  nextTime: (intents, _record, now) => nextExpiry(trustsOf(intents), now),
};

/** The list of custom CAs of a cluster, as its CustomCATrust objects want it. */
export const updateTrust: OperationKind = {
  name: 'UpdateTrust',
  objects,
  holds: [],
  isShown: ({ updateTrust }, { list }) => updateTrust?.listDigest === digestOf(partsOf(list)),
  // Every element stays as it is.
  resend: (_, { list }) => ({ kind: 'PutList', items: list.map((_, keep) => ({ keep })) }),
  concerned(operation, intents) {
    const { adds = [], removes = [] } = operation.updateTrust ?? {};
    return trustsOf(intents).filter((intent) => [...adds, ...removes].some((row) => concerns(row, intent)));
  },
  propose,
};

function propose(view: ClusterView): KindProposal {
  const { observation, seen, before, stored, assessment, now, timing } = view;
  const intents = trustsOf(observation.intents);
  const proposeFor = (some: readonly TrustIntent[]) => proposeTrust(some, before, seen.list, assessment, now, timing);
  const wanted = proposeFor(intents);
  const windows = windowShares(intents, view, wanted.merge);
  const timely = outsideWindows(intents, windows);
  const inTime = timely === intents ? wanted : proposeFor(timely);
  const unseen = heldShares(timely, observation, inTime.merge, timing);
  const trust = unseen.size > 0 ? proposeFor(withoutShares(timely, unseen)) : inTime;
  const shares = new Map([...windows.held, ...unseen]);
  const { merge, claims } = trust;
  const { listDigest, adds, removes, correction, items } = merge;
  const present = new Map(
    seen.list.flatMap(certificatesOf).map((certificate) => [certificate.fingerprint, certificate]),
  );
  const change: Change = {
    members: {
      kind: 'UpdateTrust',
      updateTrust: {
        listDigest,
        ...(adds.length > 0 ? { adds: [...adds] } : {}),
        ...(removes.length > 0 ? { removes: [...removes] } : {}),
        ...(correction ? { correction } : {}),
      },
    },
    write: { kind: 'PutList', items },
    proposal: proposalOf(merge, intents),
  };
  return {
    ...(isChange(merge) ? { change } : {}),
    shares,
    remember: (next, how) => rememberTrust(next, view, trust, wanted.merge, how),
    noteHold: (next, hold) => noteHold(next, hold, now),
    releases: (how) =>
      releasesOf(intents, how, wanted.merge, (intent) => stayingInList(intent, present, wanted.claims, stored)),
    retained: retainedOf(intents, trust.retained, present),
    view: { merge, claims, present },
  };
}

function forTrust({ intent, followUps, ...input }: ReportInput): Parameters<typeof statusOf>[0] {
  return {
    ...input,
    intent: intent as TrustIntent,
    ...(followUps?.verification ? { verification: followUps.verification } : {}),
  };
}
