import type { Policy } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { readBoundedFile } from '../../runtime/watched-file.ts';
import { MAX_POLICY_BYTES } from '../controller/policy-file.ts';
import { failed, messageOf, passed, skipped, type Finding } from './finding.ts';

const CHECK = 'Policy file';

/** Reads the policy file as the controller does at its start. */
export async function checkPolicy(
  path: string | undefined,
): Promise<{ policy?: Policy; findings: readonly Finding[] }> {
  if (path === undefined)
    return { findings: [skipped(CHECK, 'There is no --policy-file, so every namespace may name every cluster.')] };
  try {
    const reading = readPolicy(await readBoundedFile(path, MAX_POLICY_BYTES));
    if (!reading.ok) return { findings: [failed(CHECK, `${path} cannot be used. ${reading.message}`)] };
    const { policy, warnings } = reading;
    const unused = warnings.length === 0 ? '' : ` ${warnings.join(' ')}`;
    return { policy, findings: [passed(CHECK, `${path} can be used.${unused}`)] };
  } catch (error) {
    return { findings: [failed(CHECK, `${path} cannot be read: ${messageOf(error)}.`)] };
  }
}
