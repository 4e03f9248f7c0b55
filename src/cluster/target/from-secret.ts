import { createHash } from 'node:crypto';
import type { Connection, KubernetesError } from '../../kubernetes/connection.ts';
import type { Credentials } from '../../kubernetes/credentials.ts';
import { readKubeconfigData } from '../../kubernetes/kubeconfig-data.ts';
import { mending } from './access-errors.ts';
import type { TargetWay } from './access.ts';

const MENDS = {
  Unauthorized: 'put a kubeconfig with credentials that still hold into the Secret',
  Certificate:
    'the API server has a certificate of another CA than the kubeconfig in the Secret names: after a rotation of the cluster certificates it needs a new one',
};

/**
 * A kubeconfig in a Secret of an object's namespace; read for each pass, so that a new one counts at once. `management` reads
 * the Secrets: one by name at a time, never a list of them.
 */
export function createTargetFromSecret(
  management: Connection,
  open: (credentials: Credentials) => Connection,
): TargetWay {
  let known: { readonly hash: string; readonly connection: Connection } | undefined;

  return {
    async connect({ metadata: { namespace }, spec }, signal) {
      const { name, key: field = 'value' } = spec.target.nodeAccess?.kubeconfigSecretRef ?? { name: '' };
      const where = `the kubeconfig in Secret ${namespace}/${name}`;
      const secret = await readSecret(management, `/api/v1/namespaces/${namespace}/secrets/${name}`, signal);
      if (typeof secret === 'string') return `${where} cannot be read: ${secret}`;
      const value = secret.data?.[field];
      if (value === undefined)
        return `${where} has no key "${field}"; it has ${Object.keys(secret.data ?? {}).join(', ') || 'none'}`;
      const hash = createHash('sha256').update(value).digest('hex');
      if (known?.hash === hash) return known.connection;
      const reading = readKubeconfigData(Buffer.from(value, 'base64').toString('utf8'));
      if (!reading.ok) return `${where} cannot be used: ${reading.message}`;
      await known?.connection.close();
      known = { hash, connection: mending(open(reading.credentials), MENDS) };
      return known.connection;
    },
    async close() {
      await known?.connection.close();
    },
  };
}

async function readSecret(
  management: Connection,
  path: string,
  signal: AbortSignal,
): Promise<{ data?: Record<string, string> } | string> {
  try {
    return (await management.request({ path, signal })) as { data?: Record<string, string> };
  } catch (error) {
    signal.throwIfAborted();
    return (error as KubernetesError).message;
  }
}
