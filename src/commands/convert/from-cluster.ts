import type { ClusterId } from '../../api/resource-id.ts';
import { sentences } from '../../api/sentences.ts';
import { createCredential } from '../../azure/credentials.ts';
import { createManagedClusters } from '../../azure/managed-clusters.ts';
import { trustedBesides } from '../../azure/tls-options.ts';
import { createTransport } from '../../azure/transport.ts';
import { withOwnFix } from '../certs/own-arm.ts';
import type { AzureConfig } from '../certs/request.ts';

/** Longest wait for an answer of ARM, and for a sign-in, ms. */
const TIMEOUT_MS = 15_000;

/**
 * The elements of a cluster's list. ARM is asked once, and nothing is changed.
 *
 * @throws Error with a message for a person
 */
export async function readList(
  { cloud, credential: config, disableInstanceDiscovery, caFile, apiVersion }: AzureConfig,
  id: ClusterId,
  now: () => number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const options = { cloud, timeoutMs: TIMEOUT_MS, ...trustedBesides(caFile) };
  const credential = await createCredential(config, { ...options, disableInstanceDiscovery });
  const arm = createManagedClusters({ transport: createTransport({ ...options, credential, apiVersion }), now });
  const outcome = withOwnFix(await arm.get(id, signal));
  if (outcome.ok) return outcome.value.model.elements;
  const { message, fix } = outcome.failure;
  throw new Error(sentences(`ARM did not return the cluster: ${message}`, fix));
}
