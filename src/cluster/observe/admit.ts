import { kindOf, KINDS } from '../kinds/index.ts';
import { isRecorded } from '../kinds/update-trust/admitted-objects.ts';
import type { Intent } from '../model/intent.ts';
import type { Admitted } from '../model/observation.ts';
import type { RecordStatus } from '../model/record.ts';
import type { OperationKind } from '../operation/kind.ts';

/** Separates the objects that count for the cluster, those that the policy allows and those with a share in the record, from the rest. */
export function admit(
  all: readonly Intent[],
  record: RecordStatus | undefined,
  kinds: readonly OperationKind[] = KINDS,
): Admitted {
  const counts = (intent: Intent) => intent.frozen !== 'NotAllowed' || isRecorded(intent, record);
  const counted = all.filter(counts);
  return {
    intents: counted.map((intent) => kindOf(intent.object, kinds)?.objects.admit?.(intent, record) ?? intent),
    outsiders: counted.length === all.length ? [] : all.filter((intent) => !counts(intent)),
  };
}
