import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../../src/api/names.ts';
import type { FollowUp, KubeconfigReport } from '../../../src/cluster/model/follow-up.ts';
import { readRotationIntent } from '../../../src/cluster/model/rotation.ts';
import { secretStatus } from '../../../src/cluster/kinds/rotate-certificates/kubeconfig-status.ts';
import type { WantedSecret } from '../../../src/cluster/kinds/rotate-certificates/kubeconfig-secret.ts';
import { createKubeconfigFollowUp } from '../../../src/cluster/write-kubeconfig/follow-up.ts';
import { OPEN_GRANTS } from '../../../src/policy/policy.ts';
import { CLUSTER_ID, failure, HOUR, MINUTE, observe, START } from '../../harness/build.ts';

const CALM = new AbortController().signal;
const ALLOWED = { ...OPEN_GRANTS, writeKubeconfigs: true };
const DECISION = {} as Parameters<FollowUp['step']>[1];

type Status = CertificateRotation['status'];
type Spec = Partial<CertificateRotation['spec']>;

let now: number;
let asked: number;
let written: WantedSecret[];
/** The writer's outcome for each Secret; it is written otherwise. */
let refusal: KubeconfigReport['outcome'] | undefined;
let armFails: boolean;
let followUp: FollowUp;
beforeEach(() => {
  now = START;
  asked = 0;
  written = [];
  refusal = undefined;
  armFails = false;
  followUp = createKubeconfigFollowUp({
    arm: {
      async userKubeconfig() {
        asked++;
        return armFails ? { ok: false, failure: failure(403, 'AuthorizationFailed') } : { ok: true, value: 'config' };
      },
    },
    writer: {
      async write(_, wanted) {
        written.push(wanted);
        return { outcome: refusal ?? { kind: 'Written' } };
      },
    },
    now: () => now,
    random: () => 1,
  });
});

function object(name: string, spec: Spec = {}, status: Status = {}, metadata: object = {}): CertificateRotation {
  return {
    apiVersion: API_VERSION,
    kind: 'CertificateRotation',
    metadata: { namespace: 'team', name, uid: name, generation: 1, ...metadata },
    spec: { target: { resourceId: CLUSTER_ID.resourceId }, kubeconfig: { secretName: `${name}-kubeconfig` }, ...spec },
    status,
  };
}

const intentOf = (one: CertificateRotation, grants = ALLOWED) => readRotationIntent(one, grants);
const isDue = (one: CertificateRotation, grants = ALLOWED) =>
  followUp.isDue(intentOf(one, grants), observe(), DECISION);

async function step(objects: readonly CertificateRotation[], grants = ALLOWED) {
  const observation = { ...observe(), intents: objects.map((one) => intentOf(one, grants)) };
  const reports = (await followUp.step(observation, DECISION, CALM)) as ReadonlyMap<string, KubeconfigReport>;
  return { reports, reported: () => followUp.reported?.(observation) };
}

describe('an object that asks for a Secret', () => {
  it('has it written at once, and compared every six hours', async () => {
    const one = object('a');
    expect(isDue(one)).toBe(true);
    const { reports, reported } = await step([one]);
    reported();
    expect(written).toEqual([
      {
        namespace: 'team',
        name: 'a-kubeconfig',
        key: 'value',
        resourceId: CLUSTER_ID.resourceId,
        kubeconfig: 'config',
      },
    ]);
    expect([...reports.values()]).toEqual([{ outcome: { kind: 'Written' } }]);
    expect(isDue(one)).toBe(false);
    expect(followUp.restsMs?.(intentOf(one))).toBe(6 * HOUR);
    now += 6 * HOUR;
    expect(isDue(one)).toBe(true);
  });

  it.each<[string, CertificateRotation]>([
    ['was edited', object('a', { kubeconfig: { secretName: 'other' } }, {}, { generation: 2 })],
    ['asks for a read', object('a', {}, {}, { annotations: { 'aks-ca-trust.dev/reconcile-requested-at': 'now' } })],
    [
      'has another cluster CA',
      object(
        'a',
        {},
        { certificates: [{ name: 'ClusterCA', maintainedBy: 'You', health: 'Healthy', fingerprintSHA256: 'ab' }] },
      ),
    ],
  ])('has it compared at once when it %s', async (_, changed) => {
    (await step([object('a')])).reported();
    expect(isDue(object('a'))).toBe(false);
    expect(isDue(changed)).toBe(true);
  });

  it('reports again what was not written into its status, without asking again', async () => {
    await step([object('a')]);
    expect(isDue(object('a'))).toBe(true);
    const { reports } = await step([object('a')]);
    expect([...reports.values()]).toEqual([{ outcome: { kind: 'Written' } }]);
    expect([asked, written.length]).toEqual([1, 1]);
  });

  it('is tried again from a minute to an hour later where it is refused, also while the CA differs', async () => {
    refusal = { kind: 'Refused', reason: 'SecretNotOurs', message: 'No.' };
    const waits: number[] = [];
    for (let round = 0; round < 9; round++) {
      (await step([object('a')])).reported();
      const wait = followUp.restsMs?.(intentOf(object('a'))) ?? 0;
      waits.push(wait / MINUTE);
      now += wait;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it.each([
    ['suspended', object('a', { suspend: true })],
    ['being deleted', object('a', {}, {}, { deletionTimestamp: '2026-03-02T08:00:00Z' })],
    ['without spec.kubeconfig', { ...object('a'), spec: { target: { resourceId: CLUSTER_ID.resourceId } } }],
  ])('gets nothing while it is %s', async (_, one) => {
    expect(isDue(one)).toBe(false);
    await step([one]);
    expect([asked, written.length]).toEqual([0, 0]);
  });

  it('gets nothing that the policy does not allow, and ARM is not asked', async () => {
    const { reports } = await step([object('a')], OPEN_GRANTS);
    expect([...reports.values()]).toMatchObject([{ outcome: { kind: 'Refused', reason: 'KubeconfigNotAllowed' } }]);
    expect([asked, written.length]).toEqual([0, 0]);
  });

  it('has the answer of ARM in its report', async () => {
    armFails = true;
    const { reports } = await step([object('a')]);
    const message: unknown = expect.stringContaining('AuthorizationFailed');
    expect([...reports.values()]).toMatchObject([{ outcome: { reason: 'KubeconfigUnreadable', message } }]);
    expect(written).toEqual([]);
  });
});

it('asks ARM once for all objects of a cluster', async () => {
  await step([object('a'), object('b'), object('c')]);
  expect([asked, written.length]).toEqual([1, 3]);
});

describe('the status of the Secret', () => {
  const CONTENT = { signIn: 'LocalAccount', clusterCA: 'ab', clientNotAfter: '2028-01-01T00:00:00Z' } as const;
  const WRITTEN = {
    secretName: 'a-kubeconfig',
    key: 'value',
    signIn: 'LocalAccount' as const,
    clusterCASHA256: 'ab',
    clientNotAfter: '2028-01-01T00:00:00Z',
    writtenAt: '2026-03-02T08:00:00Z',
  };
  const of = (one: CertificateRotation, report?: KubeconfigReport, at = START) =>
    secretStatus(intentOf(one), report, at);

  it('says when it was written, and stays while nothing is compared', () => {
    const first = of(object('a'), { outcome: { kind: 'Written' }, content: CONTENT });
    expect(first).toMatchObject({ kubeconfig: WRITTEN, condition: { status: 'True', reason: 'Written' } });
    const later = of(
      object('a', {}, { kubeconfig: WRITTEN }),
      { outcome: { kind: 'Current' }, content: CONTENT },
      START + HOUR,
    );
    expect(later.kubeconfig).toEqual(WRITTEN);
    expect(of(object('a', {}, { kubeconfig: WRITTEN })).kubeconfig).toEqual(WRITTEN);
  });

  it('keeps what was written where the next comparison is refused', () => {
    const outcome = { kind: 'Refused', reason: 'KubeconfigNotAccepted', message: 'Not accepted.' } as const;
    expect(of(object('a', {}, { kubeconfig: WRITTEN }), { outcome })).toEqual({
      kubeconfig: WRITTEN,
      condition: { status: 'False', reason: 'KubeconfigNotAccepted', message: 'Not accepted.' },
    });
  });

  it('says nothing of another Secret, or of none', () => {
    const moved = object('a', { kubeconfig: { secretName: 'new' } }, { kubeconfig: WRITTEN });
    expect(of(moved)).toEqual({ condition: expect.objectContaining({ status: 'Unknown' }) });
    const none = {
      ...object('a', {}, { kubeconfig: WRITTEN }),
      spec: { target: { resourceId: CLUSTER_ID.resourceId } },
    };
    expect(of(none)).toEqual({});
  });
});
