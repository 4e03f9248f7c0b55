import { execFile } from 'node:child_process';
import type { Writable } from 'node:stream';
import { isMapping } from './kubeconfig-yaml.ts';

/** The `exec` of a kubeconfig's user (kubernetes.io/docs/reference/access-authn-authz/authentication, client-go credential plugins). */
export interface ExecConfig {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
}

/** The credential that a plugin returns. */
export interface ExecCredential {
  readonly token?: string;
  readonly certPem?: string;
  readonly keyPem?: string;
}

export interface ExecPlugin {
  /**
   * The last credential of the plugin, or a new one when that has nearly expired. The plugin never runs twice at a time.
   *
   * @throws Error when the plugin fails and its last credential has expired
   */
  current(): Promise<ExecCredential>;
  /** The server refused the credential: the next call runs the plugin. */
  distrust(): void;
}

interface Issued {
  readonly credential: ExecCredential;
  /** Milliseconds since the epoch; Infinity where the plugin names no end. */
  readonly renewAt: number;
  readonly endsAt: number;
}

/** Some plugins open a browser, so a person needs time to respond. A plugin that runs longer counts as hung. */
const TIMEOUT_MS = 60_000;
/** The part of a credential's lifetime after which its plugin runs again. */
const LIFE = 0.9;

/**
 * @param now milliseconds since the epoch
 * @param person gets the output of the plugin while it runs, such as where to sign in; default: stderr where it is a terminal
 */
export function createExecPlugin(
  config: ExecConfig,
  now: () => number,
  person: Writable | undefined = process.stderr.isTTY ? process.stderr : undefined,
): ExecPlugin {
  let issued: Issued | undefined;
  let trusted = true;
  let running: Promise<ExecCredential> | undefined;

  async function renew(): Promise<ExecCredential> {
    try {
      issued = readCredential(config, await run(config, person), now());
      trusted = true;
    } catch (error) {
      if (issued === undefined || !trusted || now() >= issued.endsAt) throw error;
    } finally {
      running = undefined;
    }
    return issued.credential;
  }

  return {
    current() {
      if (issued !== undefined && trusted && now() < issued.renewAt) return Promise.resolve(issued.credential);
      return (running ??= renew());
    },
    distrust() {
      trusted = false;
    },
  };
}

function run(
  { apiVersion = V1, command, args = [], env = [], installHint }: ExecConfig,
  person: Writable | undefined,
): Promise<string> {
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const environment = {
    ...process.env,
    ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, output: string, said: string) => {
      if (error === null) return resolve(output);
      const hint = 'code' in error && error.code === 'ENOENT' && installHint ? `: ${installHint}` : '';
      return reject(new Error(`${command} failed: ${said.trim() || error.message}${hint}`, { cause: error }));
    };
    const plugin = execFile(command, args, { env: environment, timeout: TIMEOUT_MS, encoding: 'utf8' }, done);
    plugin.stdin?.end();
    if (person) plugin.stderr?.pipe(person, { end: false });
  });
}

const V1 = 'client.authentication.k8s.io/v1';

function readCredential({ command }: ExecConfig, output: string, now: number): Issued {
  const status = statusIn(output);
  if (status === undefined) throw new Error(`${command} did not print an ExecCredential`);
  const { token, clientCertificateData: certPem, clientKeyData: keyPem, expirationTimestamp } = status;
  const credential: ExecCredential = {
    ...(typeof token === 'string' ? { token } : {}),
    ...(typeof certPem === 'string' && typeof keyPem === 'string' ? { certPem, keyPem } : {}),
  };
  if (Object.keys(credential).length === 0) {
    throw new Error(`${command} printed an ExecCredential without a token or a certificate with its key`);
  }
  const end = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : NaN;
  if (Number.isNaN(end)) return { credential, renewAt: Infinity, endsAt: Infinity };
  return { credential, renewAt: now + LIFE * (end - now), endsAt: end };
}

function statusIn(output: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const printed: unknown = JSON.parse(output);
    const status = isMapping(printed) ? printed['status'] : undefined;
    return isMapping(status) ? status : undefined;
  } catch {
    return undefined;
  }
}
