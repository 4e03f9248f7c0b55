import { escapeForDisplay } from '../../api/display.ts';
import { sentences, withCapital } from '../../api/sentences.ts';
import { startDeadline } from '../../waiting/deadline.ts';
import { unlessAborted } from '../../waiting/unless-aborted.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import type { Finding } from '../evidence.ts';
import { readKubeconfigFacts, type KubeconfigFacts } from './kubeconfig-facts.ts';
import type { EvidenceSources } from './source.ts';

/** Longest wait for the kubeconfig, in ms. */
const KUBECONFIG_MS = 10_000;
/** Longest text of ARM that is shown, in characters. */
const LONGEST = 512;

/** Requests the kubeconfig and reads it; undefined where none is asked for. Never rejects, not even when the signal aborts. */
export async function requestKubeconfig(
  { kubeconfig, kubeconfigName: source = 'kubeconfig from ARM' }: EvidenceSources,
  caller: AbortSignal,
): Promise<Finding<KubeconfigFacts> | undefined> {
  if (!kubeconfig) return undefined;
  const deadline = startDeadline(KUBECONFIG_MS, caller);
  const { signal } = deadline;
  try {
    const outcome = await unlessAborted(kubeconfig(signal), signal);
    if (!outcome.ok) return describe(outcome.failure);
    const reading = readKubeconfigFacts(outcome.value);
    if (reading.ok) return { known: true, value: reading.facts, source };
    return { known: false, why: sentences(`The ${source} cannot be read: ${reading.message}`) };
  } catch {
    return { known: false, why: `The ${source} did not arrive within ${KUBECONFIG_MS / 1000} s.` };
  } finally {
    deadline.release();
  }
}

function describe({ status, code, message, fix }: ArmFailure): Finding<never> {
  const http = status > 0 ? `HTTP ${status}, ` : '';
  const shown = escapeForDisplay(message, LONGEST);
  const why = sentences(`ARM returned no kubeconfig of the cluster (${http}${code}): ${shown}`);
  return { known: false, why, ...(fix === '' ? {} : { fix: sentences(withCapital(fix)) }) };
}
