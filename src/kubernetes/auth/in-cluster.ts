import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnCredentials } from './types.ts';
import { reloadingFile } from './reloading-file.ts';

export interface InClusterOptions {
  /** Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the folder where the kubelet mounts it. */
  readonly serviceAccountDirectory?: string;
  /** Milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

/**
 * The service account of this process's pod (kubernetes.io/docs/tasks/run-application/access-api-from-pod).
 *
 * @returns undefined where the process runs in no pod
 */
export async function inClusterCredentials(options: InClusterOptions): Promise<OwnCredentials | undefined> {
  const environment = options.environment ?? process.env;
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return undefined;
  const directory = options.serviceAccountDirectory ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const now = options.now ?? Date.now;
  const token = reloadingFile(join(directory, 'token'), now);
  const ca = reloadingFile(join(directory, 'ca.crt'), now);
  // Read once at the start, so that a pod without these files fails at once.
  await token.read();
  const caPem = await ca.read();
  const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => undefined);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caPem,
    tls: async () => ({ caPem: await ca.read() }),
    token: () => token.read(),
    distrust() {
      token.distrust();
      ca.distrust();
    },
    ...(namespace === undefined ? {} : { namespace: namespace.trim() }),
  };
}
