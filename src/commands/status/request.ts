import { createFlagReader, longForm, readOutput } from '../client/flags.ts';
import type { ClientRequest } from '../client/session.ts';
import { readObjectName, ROTATION } from '../client/object-name.ts';
import { STATUS_FLAGS, type StatusFlags } from './flags.ts';

/** The objects and clusters that are asked for. */
export type Scope =
  /** One CustomCATrust object. */
  | { readonly kind: 'Object'; readonly namespace: string | undefined; readonly name: string }
  /** One CertificateRotation object. */
  | { readonly kind: 'Rotation'; readonly namespace: string | undefined; readonly name: string }
  | { readonly kind: 'Namespace'; readonly namespace: string | undefined }
  | { readonly kind: 'Everywhere' }
  /** `cluster`: the name of the cluster or of its record, or the resource id. */
  | { readonly kind: 'Cluster'; readonly cluster: string };

export interface StatusRequest extends ClientRequest {
  /** An undefined namespace stands for that of the kubeconfig's context. */
  readonly scope: Scope;
  readonly output: 'text' | 'json';
  readonly certificates: boolean;
  readonly watch: boolean;
  /** Keep watching after everything has converged or is stuck. */
  readonly forever: boolean;
  /** Time for which nodes may be blocked before that counts as stuck, in ms; for `watch`. */
  readonly patience: number;
  /** How long to watch at most, ms; Infinity for no limit. */
  readonly timeout: number;
}

export type StatusReading =
  { readonly ok: true; readonly request: StatusRequest } | { readonly ok: false; readonly faults: readonly string[] };

export function readStatusFlags(name: string | undefined, flags: StatusFlags): StatusReading {
  const { faults, text, duration } = createFlagReader(STATUS_FLAGS, flags);
  const { name: named, namespace } = readObjectName(name?.replace(ROTATION, ''), text('namespace'), faults);
  const kind = name !== undefined && ROTATION.test(name) ? 'Rotation' : 'Object';
  const scope = scopeOf(kind, named, namespace, text('cluster'), flags.allNamespaces === true, faults);
  const output = readOutput(text('output'), faults);
  const watch = flags.watch === true;
  for (const flag of ['forever', 'patience', 'timeout'] as const)
    if (!watch && flags[flag] !== undefined) faults.push(`${longForm(STATUS_FLAGS[flag])} needs --watch`);
  const request: StatusRequest = {
    scope,
    kubeconfig: text('kubeconfig'),
    context: text('context'),
    output,
    certificates: flags.certificates === true,
    watch,
    forever: flags.forever === true,
    patience: duration('patience', 300_000, 'can be 0'),
    timeout: duration('timeout', Infinity, 'is not 0'),
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, request };
}

function scopeOf(
  kind: 'Object' | 'Rotation',
  name: string | undefined,
  namespace: string | undefined,
  cluster: string | undefined,
  everywhere: boolean,
  faults: string[],
): Scope {
  const conflict = (one: string, other: string) => faults.push(`${one} and ${other} exclude each other`);
  if (everywhere && namespace !== undefined) conflict('--all-namespaces', '--namespace');
  if (everywhere && name !== undefined) conflict('--all-namespaces', 'the name of an object');
  if (cluster !== undefined) {
    if (name !== undefined) conflict('--cluster', 'the name of an object');
    if (namespace !== undefined) conflict('--cluster', '--namespace');
    if (everywhere) conflict('--cluster', '--all-namespaces');
    return { kind: 'Cluster', cluster };
  }
  if (everywhere) return { kind: 'Everywhere' };
  return name === undefined ? { kind: 'Namespace', namespace } : { kind, namespace, name };
}

export { STATUS_FLAGS, type StatusFlags };
