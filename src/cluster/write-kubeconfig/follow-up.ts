import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { KubeconfigReason } from '../../api/reasons.ts';
import { sentences } from '../../api/sentences.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import { dropOldest } from '../../waiting/drop-oldest.ts';
import type { FollowUp, KubeconfigReport } from '../model/follow-up.ts';
import { uidOf, type Intent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { omit } from '../model/omit.ts';
import { rotationsOf, type RotationIntent } from '../model/rotation.ts';
import type { KubeconfigWriter } from './writer.ts';

export interface KubeconfigFollowUpOptions {
  readonly arm: Pick<ManagedClusters, 'userKubeconfig'>;
  readonly writer: KubeconfigWriter;
  readonly now: () => number;
  /** From 0 to 1: spreads the requests of clusters that would otherwise all come at the same time. */
  readonly random: () => number;
}

/** Between two comparisons of a Secret with what ARM returns, in ms. */
const INTERVAL = 6 * 3_600_000;
/** First and longest wait after one that failed, in ms. */
const FAILED = { fromMs: 60_000, toMs: 3_600_000 };
/** The most objects whose next comparison is remembered. A forgotten one is compared sooner. */
const REMEMBERED = 10_000;

interface Plan {
  readonly token: string;
  /** The cluster CA in the object's status at the last comparison: another one means another kubeconfig. */
  readonly clusterCA: string | undefined;
  readonly nextAt: number;
  readonly failures: number;
  /** The report of the last comparison, until it is in the object's status. */
  readonly unwritten?: KubeconfigReport;
}

/**
 * Keeps the Secrets that CertificateRotation objects name in step with the kubeconfig that ARM returns: when the object is new or was
 * edited, when the cluster CA has changed, and every six hours.
 */
export function createKubeconfigFollowUp({ arm, writer, now, random }: KubeconfigFollowUpOptions): FollowUp {
  /** By the uid of the object. */
  const plans = new Map<string, Plan>();

  function unwritten(intent: RotationIntent): KubeconfigReport | undefined {
    const plan = plans.get(uidOf(intent));
    return plan?.token === intent.token ? plan.unwritten : undefined;
  }

  /** Not above 0 where the object is due. */
  function nextIn(intent: RotationIntent): number {
    const plan = plans.get(uidOf(intent));
    if (plan?.token !== intent.token || plan.unwritten) return 0;
    const isOther = plan.failures === 0 && plan.clusterCA !== clusterCAOf(intent);
    return isOther ? 0 : plan.nextAt - now();
  }

  const asking = (intent: Intent) => rotationsOf([intent]).find(asksForSecret);

  async function write(
    intent: RotationIntent,
    { id }: Observation,
    kubeconfig: () => ReturnType<ManagedClusters['userKubeconfig']>,
    signal: AbortSignal,
  ): Promise<KubeconfigReport> {
    const { object, grants } = intent;
    const { secretName, key = 'value' } = object.spec.kubeconfig ?? { secretName: '' };
    if (!grants.writeKubeconfigs) return refused('KubeconfigNotAllowed', NOT_ALLOWED);
    const found = await kubeconfig();
    if (!found.ok) {
      const { code, message, fix } = found.failure;
      const why = `ARM returned no kubeconfig of the cluster (${code}): ${message}`;
      return refused('KubeconfigUnreadable', sentences(why, fix));
    }
    const { namespace = '' } = object.metadata;
    const wanted = { namespace, name: secretName, key, resourceId: id.resourceId, kubeconfig: found.value };
    return writer.write(id, wanted, signal);
  }

  return {
    name: 'kubeconfigs',
    isDue(intent) {
      const one = asking(intent);
      return one !== undefined && nextIn(one) <= 0;
    },
    restsMs(intent) {
      const one = asking(intent);
      const left = one && nextIn(one);
      return left !== undefined && left > 0 ? left : undefined;
    },
    async step(observation, _decision, signal) {
      const due = rotationsOf(observation.intents).filter((intent) => asksForSecret(intent) && nextIn(intent) <= 0);
      if (!observation.arm.ok || observation.arm.listed) return new Map();
      let asked: ReturnType<ManagedClusters['userKubeconfig']> | undefined;
      const kubeconfig = () => (asked ??= arm.userKubeconfig(observation.id, signal));
      const reports = new Map<string, KubeconfigReport>();
      // One after the other: two objects may name one Secret.
      for (const intent of due) {
        const earlier = unwritten(intent);
        if (earlier) {
          reports.set(intent.name, earlier);
          continue;
        }
        const report = await write(intent, observation, kubeconfig, signal);
        const uid = uidOf(intent);
        const failures = report.outcome.kind === 'Refused' ? (plans.get(uid)?.failures ?? 0) + 1 : 0;
        const wait = failures > 0 ? backoffMs(FAILED, failures - 1) : INTERVAL;
        plans.delete(uid);
        const nextAt = now() + wait * (0.9 + 0.1 * random());
        const { token } = intent;
        plans.set(uid, { token, clusterCA: clusterCAOf(intent), nextAt, failures, unwritten: report });
        reports.set(intent.name, report);
      }
      dropOldest(plans, REMEMBERED);
      return reports;
    },
    reported({ intents }) {
      for (const uid of rotationsOf(intents).map(uidOf)) {
        const plan = plans.get(uid);
        if (plan?.unwritten) plans.set(uid, omit(plan, ['unwritten']));
      }
    },
  };
}

const NOT_ALLOWED =
  'The policy of the controller does not allow this namespace to receive the kubeconfig of this cluster. Ask for a rule with writeKubeconfigs in the policy file, or remove spec.kubeconfig.';

function refused(reason: KubeconfigReason, message: string): KubeconfigReport {
  return { outcome: { kind: 'Refused', reason, message } };
}

function asksForSecret({ object, frozen, deletion }: RotationIntent): boolean {
  return object.spec.kubeconfig !== undefined && !frozen && !deletion;
}

function clusterCAOf({ object }: RotationIntent): string | undefined {
  return object.status?.certificates?.find(({ name }) => name === 'ClusterCA')?.fingerprintSHA256;
}
