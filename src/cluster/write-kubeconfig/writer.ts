import { createHash, X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { apiPath } from '../../api/paths.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import { sentences } from '../../api/sentences.ts';
import type { ApiServerToken } from '../../azure/api-server-token.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import { create, get, replace } from '../../kubernetes/client/verbs.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { secretStep, type WantedSecret } from '../kinds/rotate-certificates/kubeconfig-secret.ts';
import type { KubeconfigReport } from '../model/follow-up.ts';
import { withHint } from '../node-access/access-errors.ts';
import { reviewSelf } from '../node-access/review-self.ts';
import { fingerprintOf } from '../../cluster-certificates/row.ts';
import { readAzureKubeconfig } from '../node-access/azure-kubeconfig.ts';
import { dropOldest } from '../../waiting/drop-oldest.ts';

export interface KubeconfigWriterOptions {
  /** The management cluster's API server, which has the Secrets. */
  readonly management: Connection;
  readonly apiServerToken: ApiServerToken;
  readonly apiServerSuffixes?: readonly string[] | undefined;
  /** Connects to a target cluster; `payer` counts for the limits on memory. */
  readonly open: (credentials: Credentials, payer: string) => Connection;
}

/** Writes kubeconfigs from ARM into Secrets of the management cluster. */
export interface KubeconfigWriter {
  /**
   * Brings the Secret to the kubeconfig, once the API server has accepted it: a kubeconfig that does not work must not replace one that
   * may. Rejects only when the signal aborts, and its messages quote nothing of a kubeconfig.
   */
  write(id: ClusterId, wanted: WantedSecret, signal: AbortSignal): Promise<KubeconfigReport>;
}

export function createKubeconfigWriter(options: KubeconfigWriterOptions): KubeconfigWriter {
  const { management, open } = options;
  /** Digest of the kubeconfig that the API server accepted last, by Secret: it is not tried again while it stays the same. */
  const accepted = new Map<string, string>();

  async function prove(id: ClusterId, credentials: Credentials, signal: AbortSignal): Promise<void> {
    const connection = open(credentials, id.key);
    try {
      await reviewSelf(connection, signal);
    } finally {
      await connection.close();
    }
  }

  async function store(wanted: WantedSecret, signal: AbortSignal): Promise<KubeconfigReport['outcome']> {
    const { namespace, name } = wanted;
    const collection = apiPath('/api/v1', 'namespaces', namespace, 'secrets');
    const path = apiPath('/api/v1', 'namespaces', namespace, 'secrets', name);
    try {
      const step = secretStep(await get<V1Secret & KubernetesObject>(management, path, signal), wanted);
      if (step.kind === 'Refused') return { kind: 'Refused', reason: 'SecretNotOurs', message: step.message };
      if (step.kind === 'Create')
        await create(management, collection, step.secret as V1Secret & KubernetesObject, signal);
      if (step.kind === 'Replace') await replace(management, path, step.secret as V1Secret & KubernetesObject, signal);
      return { kind: step.kind === 'Current' ? 'Current' : 'Written' };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'Refused', reason: 'SecretNotWritten', message: describeRefusal(error, wanted) };
    }
  }

  return {
    async write(id, wanted, signal) {
      const reading = readAzureKubeconfig(wanted.kubeconfig, options.apiServerToken, options.apiServerSuffixes);
      if (!reading.ok) {
        const message = `The kubeconfig from ARM cannot be used, so it is not written: ${reading.message}`;
        return { outcome: { kind: 'Refused', reason: 'KubeconfigUnusable', message: sentences(message) } };
      }
      const digest = createHash('sha256').update(wanted.kubeconfig).digest('hex');
      const where = `${wanted.namespace}/${wanted.name}/${id.key}`;
      const content = contentOf(reading.credentials, reading.signIn);
      if (accepted.get(where) !== digest) {
        try {
          await prove(id, reading.credentials, signal);
        } catch (error) {
          signal.throwIfAborted();
          const why = error instanceof Error ? (withHint(error) as Error).message : '';
          const message = `The kubeconfig from ARM is not written, because the API server did not accept it: ${why}`;
          return { outcome: { kind: 'Refused', reason: 'KubeconfigNotAccepted', message: sentences(message) } };
        }
        accepted.set(where, digest);
        dropOldest(accepted, REMEMBERED);
      }
      return { outcome: await store(wanted, signal), content };
    },
  };
}

/** The most kubeconfigs that are remembered as accepted. A forgotten one costs one more request. */
const REMEMBERED = 10_000;

/** What a status may say of a kubeconfig. */
function contentOf(
  { caPem, certPem }: Credentials,
  signIn: 'LocalAccount' | 'Entra',
): NonNullable<KubeconfigReport['content']> {
  const client = certPem === undefined ? undefined : new X509Certificate(certPem);
  return {
    signIn,
    ...(caPem === undefined ? {} : { clusterCA: fingerprintOf(new X509Certificate(caPem)) }),
    ...(client ? { clientNotAfter: client.validToDate.toISOString().replace('.000Z', 'Z') } : {}),
  };
}

function describeRefusal(error: unknown, { namespace, name }: WantedSecret): string {
  if (!(error instanceof KubernetesError)) throw error;
  const bind = `Bind the ClusterRoles aks-ca-trust-kubeconfig-reader and aks-ca-trust-kubeconfig-writer to the service account of the controller in namespace ${namespace}: docs/how-to/kubeconfig.md has the commands.`;
  return `Secret ${namespace}/${name} cannot be written: ${sentences(error.message)}${error.status === 403 ? ` ${bind}` : ''}`;
}
