import { createHash } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { Connection, KubernetesError } from '../../kubernetes/client/connection.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { readKubeconfigData } from '../../kubernetes/auth/kubeconfig-data.ts';
import { apiPath } from '../../api/paths.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { sentences } from '../../api/sentences.ts';
import type { Way } from '../model/way.ts';
import { explaining, withHint, withoutDetail } from './access-errors.ts';
import type { Opener } from './target-way.ts';

const BIND =
  'Bind the ClusterRole aks-ca-trust-kubeconfig-reader to that service account in that namespace: docs/how-to/node-access.md has the command';
const HINTS = { Unauthorized: 'Put a kubeconfig with valid credentials into the Secret' };

/**
 * Opens connections with a kubeconfig in a Secret. The Secret is read in each reconcile, so that a new kubeconfig counts at once.
 * `management` reads Secrets one at a time by name, and never lists them.
 */
export function createTargetFromSecret(
  management: Connection,
  { namespace, name, key }: Extract<Way, { kind: 'Secret' }>,
  open: (credentials: Credentials) => Connection,
): Opener {
  let current: { readonly hash: string; readonly connection: Connection } | undefined;

  return {
    async connect(signal) {
      const where = `the kubeconfig in Secret ${namespace}/${escapeForDisplay(name)}`;
      const path = apiPath('/api/v1', 'namespaces', namespace, 'secrets', name);
      const secret = await readSecret(management, path, signal);
      if (typeof secret === 'string') return `${where} cannot be read: ${secret}`;
      const data = secret.data ?? {};
      // The other keys are not shown: every author of an object that names the Secret would see them.
      const value = Object.hasOwn(data, key) ? data[key] : undefined;
      if (typeof value !== 'string') return `${where} has no key "${escapeForDisplay(key)}"`;
      const hash = createHash('sha256').update(value).digest('hex');
      if (current?.hash === hash) return current.connection;
      const reading = readKubeconfigData(Buffer.from(value, 'base64').toString('utf8'));
      if (!reading.ok) return `${where} cannot be used: ${reading.message}`;
      await current?.connection.close();
      const unreachable = unreachableBy(where);
      const explain = (error: unknown) => withHint(withoutDetail(error, unreachable), HINTS);
      current = { hash, connection: explaining(open(reading.credentials), explain) };
      return current.connection;
    },
    async close() {
      await current?.connection.close();
    },
  };
}

async function readSecret(management: Connection, path: string, signal: AbortSignal): Promise<V1Secret | string> {
  try {
    return (await management.request({ path, signal })) as V1Secret;
  } catch (error) {
    signal.throwIfAborted();
    const { status, message } = error as KubernetesError;
    return status === 403 ? `${sentences(message)} ${BIND}` : message;
  }
}

function unreachableBy(where: string): string {
  return `the API server that ${where} names gives no usable response: the controller cannot reach it, or the server at that address is not an API server with a certificate of the CA in the kubeconfig. Check the address, firewalls and authorized IP ranges; where the cluster is private, link its private DNS zone to the network of the controller; after a rotation of the cluster certificates the Secret needs a new kubeconfig. The log of the controller has the cause`;
}
