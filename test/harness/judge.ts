import type { CustomCATrustStatus } from '../../src/api/generated/customcatrusts.ts';
import type { Decision } from '../../src/cluster/model/decision.ts';
import type { Observation } from '../../src/cluster/model/observation.ts';
import { plan } from '../../src/cluster/decide/plan.ts';
import type { RecordStatus } from '../../src/cluster/model/record.ts';
import { describeRecord } from '../../src/cluster/decide/record-conditions.ts';
import { statusOf } from '../../src/cluster/kinds/update-trust/status.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { trustsOf } from '../../src/cluster/model/intent.ts';
import { START } from './build.ts';

export interface Judgement {
  readonly decision: Decision;
  readonly record: RecordStatus | undefined;
  readonly status: (name: string) => CustomCATrustStatus;
  /** Status, reason and message of an object's condition. */
  readonly says: (name: string, type: string) => { status: string; reason: string; message: string } | undefined;
}

/** The plan, record and statuses of one reconcile, computed without any client. */
export function judge(observation: Observation, now = START): Judgement {
  const decision = plan(observation, now, DEFAULT_TIMING, () => 'new');
  const record = decision.record && describeRecord(decision.record, observation, decision, now);
  const status = (name: string) => {
    const intent = trustsOf(observation.intents).find((one) => one.name === `team/${name}`);
    if (!intent) throw new Error(`there is no object ${name}`);
    return statusOf({ intent, observation, decision, record: record ?? {}, now });
  };
  return {
    decision,
    record,
    status,
    says(name, type) {
      const found = status(name).conditions?.find((one) => one.type === type);
      return found && { status: found.status, reason: found.reason, message: found.message };
    },
  };
}
