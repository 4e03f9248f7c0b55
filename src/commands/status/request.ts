import { nameOf, STATUS_FLAGS, type StatusFlagName, type StatusFlags } from './flags.ts';
import { parseDuration } from '../flag-values.ts';

/** The objects and clusters that are asked for. */
export type Scope =
  | { readonly kind: 'Object'; readonly namespace: string | undefined; readonly name: string }
  | { readonly kind: 'Namespace'; readonly namespace: string | undefined }
  | { readonly kind: 'Everywhere' }
  /** `cluster`: the name of the cluster or of its record, or the resource id. */
  | { readonly kind: 'Cluster'; readonly cluster: string };

export interface StatusRequest {
  /** An undefined namespace stands for that of the kubeconfig's context. */
  readonly scope: Scope;
  readonly kubeconfig: string | undefined;
  /** Context of the kubeconfig; undefined: the current one. */
  readonly context: string | undefined;
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

/** Prefixes as `kubectl get -o name` prints them, and their short forms. */
const KIND = /^(customcatrusts?(\.aks-ca-trust\.dev)?|cct)\//;

/** kubernetes.io/docs/concepts/overview/working-with-objects/names: DNS subdomain names. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

export function readStatusFlags(name: string | undefined, flags: StatusFlags): StatusReading {
  const faults: string[] = [];
  const text = (flag: StatusFlagName) => {
    const value = flags[flag];
    // An empty value is refused: an unset variable in a script would otherwise widen the scope.
    if (value === '') faults.push(`${nameOf(flag)} is empty`);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const duration = (flag: StatusFlagName, preset: number, least: 'can be 0' | 'is not 0') => {
    const typed = text(flag);
    if (typed === undefined) return preset;
    const ms = typed === '0' && least === 'can be 0' ? 0 : parseDuration(typed);
    if (ms === undefined)
      faults.push(`${nameOf(flag)} is "${typed}"; a duration looks like 15s, 10m or 1h, is at most 24h, and ${least}`);
    return ms ?? preset;
  };
  const typed = name?.replace(KIND, '');
  // Views print namespace/name, so that form is accepted too.
  const slash = typed?.indexOf('/') ?? -1;
  const named = slash < 0 ? typed : typed?.slice(slash + 1);
  const within = slash < 0 ? undefined : typed?.slice(0, slash);
  const namespace = text('namespace') ?? within;
  if (within !== undefined && namespace !== within)
    faults.push(`${name} is not in the namespace ${namespace}: leave --namespace out`);
  const scope = scopeOf(named, namespace, text('cluster'), flags.allNamespaces === true, faults);
  const output = text('output') ?? 'text';
  if (output !== 'text' && output !== 'json') faults.push(`--output is "${output}"; it can be text or json`);
  const watch = flags.watch === true;
  for (const flag of ['forever', 'patience', 'timeout'] as const)
    if (!watch && flags[flag] !== undefined) faults.push(`${nameOf(flag)} needs --watch`);
  const request: StatusRequest = {
    scope,
    kubeconfig: text('kubeconfig'),
    context: text('context'),
    output: output === 'json' ? 'json' : 'text',
    certificates: flags.certificates === true,
    watch,
    forever: flags.forever === true,
    patience: duration('patience', 300_000, 'can be 0'),
    timeout: duration('timeout', Infinity, 'is not 0'),
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, request };
}

function scopeOf(
  name: string | undefined,
  namespace: string | undefined,
  cluster: string | undefined,
  everywhere: boolean,
  faults: string[],
): Scope {
  const conflict = (one: string, other: string) => faults.push(`${one} and ${other} exclude each other`);
  if (name !== undefined && !NAME.test(name)) faults.push(`"${name}" is not the name of an object`);
  if (namespace !== undefined && !NAME.test(namespace)) faults.push(`"${namespace}" is not the name of a namespace`);
  if (everywhere && namespace !== undefined) conflict('--all-namespaces', '--namespace');
  if (everywhere && name !== undefined) conflict('--all-namespaces', 'the name of an object');
  if (cluster !== undefined) {
    if (name !== undefined) conflict('--cluster', 'the name of an object');
    if (namespace !== undefined) conflict('--cluster', '--namespace');
    if (everywhere) conflict('--cluster', '--all-namespaces');
    return { kind: 'Cluster', cluster };
  }
  if (everywhere) return { kind: 'Everywhere' };
  return name === undefined ? { kind: 'Namespace', namespace } : { kind: 'Object', namespace, name };
}

export { STATUS_FLAGS, type StatusFlags };
