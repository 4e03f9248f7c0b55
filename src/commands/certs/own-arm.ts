import type { ClusterId } from '../../api/resource-id.ts';
import { createApiServerToken } from '../../azure/api-server-token.ts';
import { createCredential } from '../../azure/credentials.ts';
import { createManagedClusters, type ClusterReading, type Outcome } from '../../azure/managed-clusters.ts';
import { trustedBesides } from '../../azure/tls-options.ts';
import { createTransport } from '../../azure/transport.ts';
import { readAzureKubeconfig } from '../../cluster/node-access/azure-kubeconfig.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import type { AzureConfig } from './request.ts';

/** What ARM says of the cluster to the person who is signed in. */
export interface ArmView {
  readonly kubeconfig: Outcome<string>;
  readonly cluster: Outcome<ClusterReading>;
  /** The user of that kubeconfig: a local account, or the person's own Azure identity. */
  readonly user:
    { readonly ok: true; readonly credentials: Credentials } | { readonly ok: false; readonly why: string };
}

/** Longest wait for an answer of ARM, and for a sign-in, ms. */
const TIMEOUT_MS = 15_000;

/**
 * The sign-in of the person.
 *
 * @throws Error where the file of --ca-file cannot be read
 */
export function signInAs({
  cloud,
  credential,
  disableInstanceDiscovery,
  caFile,
}: AzureConfig): ReturnType<typeof createCredential> {
  return createCredential(credential, {
    cloud,
    disableInstanceDiscovery,
    timeoutMs: TIMEOUT_MS,
    ...trustedBesides(caFile),
  });
}

/**
 * Asks ARM for the cluster and for its kubeconfig, both at the same time. Failures are values.
 *
 * @throws Error where the file of --ca-file cannot be read; the signal's reason
 */
export async function askArm(
  azure: AzureConfig,
  id: ClusterId,
  now: () => number,
  signal: AbortSignal,
): Promise<ArmView> {
  const { cloud, caFile, apiVersion } = azure;
  const trusted = trustedBesides(caFile);
  const credential = await signInAs(azure);
  const transport = createTransport({ cloud, credential, apiVersion, timeoutMs: TIMEOUT_MS, ...trusted });
  const arm = createManagedClusters({ transport, now });
  const [kubeconfig, cluster] = await Promise.all([
    arm.userKubeconfig(id, signal).then(withOwnFix),
    arm.get(id, signal).then(withOwnFix),
  ]);
  if (!kubeconfig.ok) return { kubeconfig, cluster, user: { ok: false, why: NO_KUBECONFIG } };
  const reading = readAzureKubeconfig(kubeconfig.value, createApiServerToken(credential, now), cloud.apiServerSuffixes);
  const user = reading.ok
    ? reading
    : { ok: false as const, why: `The kubeconfig from ARM cannot be used: ${reading.message}` };
  return { kubeconfig, cluster, user };
}

const NO_KUBECONFIG = 'ARM returned no kubeconfig of the cluster, so its API server is not asked';

/** The fix of a failed sign-in is for a controller; a person signs in by other means. */
export function withOwnFix<T>(outcome: Outcome<T>): Outcome<T> {
  if (outcome.ok || outcome.failure.code !== 'NoToken') return outcome;
  return { ok: false, failure: { ...outcome.failure, fix: SIGN_IN } };
}

const SIGN_IN = 'Sign in with az login, or choose another sign-in with --credential and the settings that it needs.';
