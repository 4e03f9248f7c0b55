/** Every flag of `status` as the command line's parser takes it, with its help. */
export const STATUS_FLAGS = {
  namespace: ['-n, --namespace <namespace>', "namespace of the objects (default: that of the kubeconfig's context)"],
  allNamespaces: ['-A, --all-namespaces', 'the objects of all namespaces'],
  cluster: ['--cluster <name>', 'one cluster with all its objects, by the name of the cluster or its resource id'],
  certificates: ['--certificates', 'show the certificates and their states too'],
  output: ['-o, --output <format>', 'text or json (default: text)'],
  watch: ['-w, --watch', 'print progress until it is finished or stuck'],
  forever: ['--forever', 'with --watch: continue until interrupted, or until the timeout'],
  timeout: ['--timeout <duration>', 'with --watch: stop after this time (default: no limit)'],
  patience: [
    '--patience <duration>',
    'with --watch: time for which nodes may be blocked before the cluster counts as stuck (default: 5m)',
  ],
  kubeconfig: [
    '--kubeconfig <file>',
    "kubeconfig of the management cluster (default: the pod's service account, else KUBECONFIG, else ~/.kube/config)",
  ],
  context: ['--context <name>', 'context of the kubeconfig (default: the current context)'],
} as const satisfies Record<string, readonly [flag: string, help: string]>;

export type StatusFlagName = keyof typeof STATUS_FLAGS;

/** Flags as they were typed. */
export type StatusFlags = Readonly<Partial<Record<StatusFlagName, string | boolean>>>;

/** The long form, as it is typed: `--namespace`. */
export function nameOf(flag: StatusFlagName): string {
  return /--[a-z-]+/.exec(STATUS_FLAGS[flag][0])?.[0] ?? flag;
}

/** Shown below the help. */
export const EXIT_CODE_HELP = `
Exit codes: 0 converged, 1 error, 2 in progress, 3 stuck (a person must act, nodes are blocked, or a reimage failed).`;
