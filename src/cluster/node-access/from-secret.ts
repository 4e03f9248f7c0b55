import { createHash } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { Connection, KubernetesError } from '../../kubernetes/client/connection.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { readKubeconfigData } from '../../kubernetes/auth/kubeconfig-data.ts';
import { apiPath } from '../../api/paths.ts';
import { escapeForDisplay } from '../../api/display.ts';
import type { Way } from '../model/way.ts';
import { explaining, withHint, withoutDetail } from './access-errors.ts';
import type { Opener } from './target-way.ts';

const HINTS = { Unauthorized: 'put a kubeconfig with credentials that still hold into the Secret' };

/**
 * A kubeconfig in a Secret; read for each pass, so that a new one counts at once. `management` reads
 * the Secrets: one by name at a time, never a list of them.
 */
export function createTargetFromSecret(
  management: Connection,
  { namespace, name, key }: Extract<Way, { kind: 'Secret' }>,
  open: (credentials: Credentials) => Connection,
): Opener {
  let known: { readonly hash: string; readonly connection: Connection } | undefined;

  return {
    async connect(signal) {
      const where = `the kubeconfig in Secret ${namespace}/${escapeForDisplay(name)}`;
      const path = apiPath('/api/v1', 'namespaces', namespace, 'secrets', name);
      const secret = await readSecret(management, path, signal);
      if (typeof secret === 'string') return `${where} cannot be read: ${secret}`;
      const data = secret.data ?? {};
      // The other keys are not shown: everyone who may name the Secret would learn them.
      const value = Object.hasOwn(data, key) ? data[key] : undefined;
      if (typeof value !== 'string') return `${where} has no key "${escapeForDisplay(key)}"`;
      const hash = createHash('sha256').update(value).digest('hex');
      if (known?.hash === hash) return known.connection;
      const reading = readKubeconfigData(Buffer.from(value, 'base64').toString('utf8'));
      if (!reading.ok) return `${where} cannot be used: ${reading.message}`;
      await known?.connection.close();
      const unreachable = unreachableBy(where);
      const explain = (error: unknown) => withHint(withoutDetail(error, unreachable), HINTS);
      known = { hash, connection: explaining(open(reading.credentials), explain) };
      return known.connection;
    },
    async close() {
      await known?.connection.close();
    },
  };
}

async function readSecret(management: Connection, path: string, signal: AbortSignal): Promise<V1Secret | string> {
  try {
    return (await management.request({ path, signal })) as V1Secret;
  } catch (error) {
    signal.throwIfAborted();
    return (error as KubernetesError).message;
  }
}

function unreachableBy(where: string): string {
  return `the API server that ${where} names gives no usable answer: it cannot be reached from the controller, or what answers there is not an API server with a certificate of the CA in the kubeconfig. Check the address, firewalls and authorized IP ranges; where the cluster is private, link its private DNS zone to the network of the controller; after a rotation of the cluster certificates the Secret needs a new kubeconfig. The log of the controller says which it is`;
}
