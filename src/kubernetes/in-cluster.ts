import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnCredentials } from './credentials.ts';

export interface InClusterOptions {
  /** Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: where the kubelet mounts it. */
  readonly serviceAccountDirectory?: string;
  /** Milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

/** The kubelet replaces the file well before the token ends; client-go reads it again every minute too. */
const TOKEN_TTL_MS = 60_000;

/**
 * The service account of the pod we run in (kubernetes.io/docs/tasks/run-application/access-api-from-pod).
 *
 * @returns undefined when this is no pod
 */
export async function inClusterCredentials(options: InClusterOptions): Promise<OwnCredentials | undefined> {
  const environment = options.environment ?? process.env;
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return undefined;
  const directory = options.serviceAccountDirectory ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const token = fileToken(join(directory, 'token'), options.now ?? Date.now);
  // Read once now, so that a pod without a token says so at start.
  await token();
  const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => undefined);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caPem: await readFile(join(directory, 'ca.crt'), 'utf8'),
    token,
    ...(namespace === undefined ? {} : { namespace: namespace.trim() }),
  };
}

/** A token that is read from its file again when a minute has passed. A failing read is an error only when there was none before. */
export function fileToken(path: string, now: () => number): () => Promise<string> {
  let token: string | undefined;
  let readAt = 0;
  let reading: Promise<string> | undefined;

  async function read(): Promise<string> {
    try {
      const text = (await readFile(path, 'utf8')).trim();
      if (text === '') throw new Error(`${path} is empty`);
      token = text;
    } catch (error) {
      if (token === undefined) throw error;
    } finally {
      reading = undefined;
    }
    readAt = now();
    return token;
  }

  return () => {
    if (token !== undefined && now() - readAt < TOKEN_TTL_MS) return Promise.resolve(token);
    return (reading ??= read());
  };
}
