import { describe, expect, it } from '@jest/globals';
import { nextConditions, type ConditionType, type ConditionValues } from '../../src/api/conditions.ts';
import { REASONS, type HoldingReason } from '../../src/api/reasons.ts';
import { summaryOf } from '../../src/cluster/kinds/update-trust/summary.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { HOUR, observe, second, START, toIntent, trust, type TrustOptions } from '../harness/build.ts';
import { judge } from '../harness/judge.ts';
import { canJudge, verdictsOf, wrongVerdicts, type ArgoHealth, type Judged, type Kstatus } from './verdicts.ts';

// Needs the program that computes verdicts, which is built with Go.
const withVerdicts = canJudge() ? describe : describe.skip;

/** The condition that has a reason. All others are conditions of `Applied`. */
const WHERE: Partial<Record<HoldingReason, ConditionType>> = {
  Invalid: 'CertificatesValid',
  PartiallyInvalid: 'CertificatesValid',
  SourceNotFound: 'CertificatesValid',
  SourceUnreadable: 'CertificatesValid',
  LimitExceeded: 'WithinCertificateLimit',
  ChangeNotSent: 'NodesReimaged',
  ReimageInProgress: 'NodesReimaged',
  ReimageBlocked: 'NodesReimaged',
  ReimageFailed: 'NodesReimaged',
  NotTrusted: 'NodesTrust',
  NotProven: 'NodesTrust',
  NoNodeAccess: 'NodesTrust',
  PodsRefused: 'NodesTrust',
  TargetUnreachable: 'NodesTrust',
  NamespaceNotFound: 'NodesTrust',
  NotConfigured: 'NodesTrust',
};
const PATIENCE = DEFAULT_TIMING.stalledAfter;

/** An object whose conditions are True, except for the one that has this reason. */
function objectWith(reason: HoldingReason | undefined, sinceMs: number, options: TrustOptions = {}): Judged {
  const good = { status: 'True', reason: 'Good', message: 'It is good.' } as const;
  const findings: ConditionValues = { CertificatesValid: good, Applied: good, NodesReimaged: good };
  if (reason) findings[WHERE[reason] ?? 'Applied'] = { status: 'False', reason, message: 'It is not good.' };
  const before = {
    type: 'Ready',
    status: 'False',
    reason: reason ?? '',
    message: '',
    lastTransitionTime: second(START - sinceMs),
  } as const;
  const object = trust('a', [0], { ...options, status: { conditions: [before] } });
  const intent = toIntent(object);
  const observation = observe({ intents: [intent] });
  const input = { intent, observation, decision: judge(observation).decision, record: {}, now: START };
  const values = { ...findings, ...summaryOf(findings, { ...input, decision: withoutHold(input.decision) }) };
  const { generation = 1 } = object.metadata;
  const conditions = nextConditions([before], values, START, generation);
  return { ...object, status: { observedGeneration: generation, conditions } };
}

function withoutHold(decision: ReturnType<typeof judge>['decision']): typeof decision {
  const { hold: _, ...outlook } = decision.outlook;
  return { ...decision, outlook };
}

/** The verdicts that follow from who has to act on a reason. */
function verdictsByPolicy(reason: HoldingReason, patienceIsOver: boolean): [Kstatus, ArgoHealth] {
  if (reason === 'PartiallyInvalid') return ['Current', 'Healthy'];
  const { stalls } = REASONS[reason];
  const isStalled = stalls === 'AtOnce' || (stalls === 'AfterPatience' && patienceIsOver);
  return isStalled ? ['Failed', 'Degraded'] : ['InProgress', 'Progressing'];
}

const reasons = Object.keys(REASONS) as HoldingReason[];

withVerdicts('kstatus and Argo CD take an object', () => {
  it('that is held back for any reason as that reason is: in progress while it may end by itself, else failed', () => {
    const cases = reasons.flatMap((reason) => [false, true].map((late) => ({ reason, late })));
    const verdicts = verdictsOf(cases.map(({ reason, late }) => objectWith(reason, late ? PATIENCE + HOUR : 0)));
    const given = cases.map(({ reason, late }, index) => {
      const { kstatus, argo } = verdicts[index]!;
      return { reason, late, verdicts: [kstatus.status, argo.status] };
    });
    expect(given).toEqual(cases.map((one) => ({ ...one, verdicts: verdictsByPolicy(one.reason, one.late) })));
  });

  it('that is suspended as Suspended, and neither as failed nor as done while it lacks certificates', () => {
    const suspended = [undefined, ...reasons].map((reason) => objectWith(reason, PATIENCE + HOUR, { suspend: true }));
    const verdicts = verdictsOf(suspended).map(({ kstatus, argo }) => `${kstatus.status} ${argo.status}`);
    expect(new Set(verdicts.slice(1))).toEqual(new Set(['InProgress Suspended', 'Current Suspended']));
    expect(verdicts[0]).toBe('Current Suspended');
    expect(wrongVerdicts(suspended)).toEqual([]);
  });

  it('that is being deleted as being deleted, and one with a newer edit as in progress, whatever it says', () => {
    const states = [undefined, ...reasons].map((reason) => objectWith(reason, PATIENCE + HOUR));
    const edited = states.map((one) => ({ ...one, metadata: { ...one.metadata, generation: 2 } }));
    const deleted = states.map((one) => ({
      ...one,
      metadata: { ...one.metadata, deletionTimestamp: second(START) },
    }));
    const statuses = (some: Judged[]) => [...new Set(verdictsOf(some).map(({ kstatus }) => kstatus.status))];
    expect([statuses(edited), statuses(deleted)]).toEqual([['InProgress'], ['Terminating']]);
    expect(wrongVerdicts([...edited, ...deleted])).toEqual([]);
  });

  it('that is new, with the status that the API server gives it, as in progress', () => {
    const fresh = { ...trust('a', [0]), status: { observedGeneration: -1 } };
    expect(verdictsOf([fresh])).toMatchObject([
      {
        kstatus: { status: 'InProgress' },
        argo: { status: 'Progressing', message: 'The controller has not seen this version of the object yet' },
      },
    ]);
  });

  it('with the reason and the message of Ready, so that Argo CD shows why', () => {
    const [verdict] = verdictsOf([objectWith('AccessDenied', 0)]);
    expect(verdict?.argo.message).toBe('AccessDenied: It is not good.');
  });
});
