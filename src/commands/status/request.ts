import { nameOf, STATUS_FLAGS, type StatusFlagName, type StatusFlags } from './flags.ts';
import { parseDuration } from '../flag-values.ts';

/** What is asked about. */
export type Scope =
  | { readonly kind: 'Object'; readonly namespace: string | undefined; readonly name: string }
  | { readonly kind: 'Namespace'; readonly namespace: string | undefined }
  | { readonly kind: 'Everywhere' }
  /** By the name of the cluster, of its record, or by resource id. */
  | { readonly kind: 'Cluster'; readonly cluster: string };

export interface StatusRequest {
  /** A namespace that is undefined is the one of the kubeconfig's context. */
  readonly scope: Scope;
  readonly kubeconfig?: string;
  readonly output: 'text' | 'json';
  readonly certificates: boolean;
  readonly watch: boolean;
  /** Watch on when there is nothing more to come. */
  readonly forever: boolean;
  /** How long something may be held up before it counts as stuck, ms; for `watch`. */
  readonly patience: number;
}

export type StatusReading =
  { readonly ok: true; readonly request: StatusRequest } | { readonly ok: false; readonly faults: readonly string[] };

/** kubernetes.io/docs/concepts/overview/working-with-objects/names: DNS subdomain names. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

export function readStatusFlags(name: string | undefined, flags: StatusFlags): StatusReading {
  const faults: string[] = [];
  const text = (flag: StatusFlagName) => {
    const value = flags[flag];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const conflict = (one: string, other: string) => faults.push(`${one} and ${other} exclude each other`);
  const [namespace, cluster] = [text('namespace'), text('cluster')];
  const everywhere = flags.allNamespaces === true;
  if (name !== undefined && !NAME.test(name)) faults.push(`"${name}" is not the name of an object`);
  if (namespace !== undefined && !NAME.test(namespace)) faults.push(`"${namespace}" is not the name of a namespace`);
  if (everywhere && namespace !== undefined) conflict('--all-namespaces', '--namespace');
  if (everywhere && name !== undefined) conflict('--all-namespaces', 'the name of an object');
  if (cluster !== undefined) {
    if (name !== undefined) conflict('--cluster', 'the name of an object');
    if (namespace !== undefined) conflict('--cluster', '--namespace');
    if (everywhere) conflict('--cluster', '--all-namespaces');
  }
  const output = text('output') ?? 'text';
  if (output !== 'text' && output !== 'json') faults.push(`--output is "${output}"; it can be text or json`);
  const watch = flags.watch === true;
  for (const flag of ['forever', 'patience'] as const)
    if (!watch && flags[flag] !== undefined) faults.push(`${nameOf(flag)} needs --watch`);
  const typed = text('patience');
  const patience = typed === '0' ? 0 : parseDuration(typed ?? '5m');
  if (patience === undefined)
    faults.push(`--patience is "${typed}"; a duration looks like 15s, 10m or 1h, is at most 24h, and can be 0`);
  if (faults.length > 0) return { ok: false, faults };
  const kubeconfig = text('kubeconfig');
  return {
    ok: true,
    request: {
      scope:
        cluster !== undefined
          ? { kind: 'Cluster', cluster }
          : everywhere
            ? { kind: 'Everywhere' }
            : name === undefined
              ? { kind: 'Namespace', namespace }
              : { kind: 'Object', namespace, name },
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      output: output === 'json' ? 'json' : 'text',
      certificates: flags.certificates === true,
      watch,
      forever: flags.forever === true,
      patience: patience ?? 0,
    },
  };
}

export { STATUS_FLAGS, type StatusFlags };
