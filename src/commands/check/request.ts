import { parseClusterId, type ClusterId } from '../../api/resource-id.ts';
import type { ClientRequest } from '../client/session.ts';
import { createFlagReader, readOutput } from '../client/flags.ts';
import { readConfig, type ControllerConfig } from '../controller/config.ts';
import { CHECK_FLAGS, type CheckFlags } from './flags.ts';

export interface CheckRequest extends ClientRequest {
  readonly config: ControllerConfig;
  /** False where no flag says how to sign in to Azure; the credential of `config` then stands for none. */
  readonly signsIn: boolean;
  /** The only cluster to check; undefined: those that objects name. */
  readonly target: ClusterId | undefined;
  readonly serviceAccount: { readonly namespace: string; readonly name: string };
  /** Longest wait for one answer, in ms. */
  readonly timeout: number;
  readonly output: 'text' | 'json';
}

export type CheckReading =
  { readonly ok: true; readonly request: CheckRequest } | { readonly ok: false; readonly faults: readonly string[] };

/** Name of the service account in the manifests of deploy/. */
const SERVICE_ACCOUNT = 'aks-ca-trust';
const DEFAULT_TIMEOUT_MS = 10_000;

type Environment = Readonly<Record<string, string | undefined>>;

export function readCheckFlags(flags: CheckFlags, env: Environment): CheckReading {
  const { faults, text, duration } = createFlagReader(CHECK_FLAGS, flags);
  const signsIn = [flags.credential, flags.tenantId, flags.clientId, env['AZURE_CLIENT_ID']].some(Boolean);
  // The managed identity needs no settings, so it stands for a credential that is not there.
  const reading = readConfig(signsIn ? flags : { ...flags, credential: 'ManagedIdentity' }, env);
  if (!reading.ok) faults.push(...reading.faults);
  const typed = text('target');
  const target = typed === undefined ? undefined : parseClusterId(typed);
  if (typed !== undefined && target === undefined)
    faults.push(`--target is "${typed}"; \`az aks show --query id\` prints the id of a cluster`);
  const account = text('serviceAccount');
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(account ?? '') ?? [];
  if (account !== undefined && name === undefined)
    faults.push(`--service-account is "${account}"; it looks like aks-ca-trust-system/aks-ca-trust`);
  const output = readOutput(text('output'), faults);
  const context = text('context');
  const timeout = duration('timeout', DEFAULT_TIMEOUT_MS, 'is not 0');
  if (!reading.ok || faults.length > 0) return { ok: false, faults };
  const { config } = reading;
  const request: CheckRequest = {
    config,
    signsIn,
    kubeconfig: config.kubeconfig,
    context,
    target,
    serviceAccount: { namespace: namespace ?? config.ownNamespace, name: name ?? SERVICE_ACCOUNT },
    timeout,
    output,
  };
  return { ok: true, request };
}
