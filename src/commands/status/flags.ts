import { CLIENT_FLAGS, OUTPUT_FLAG, type FlagTable, type FlagValues } from '../client/flags.ts';

/** Every flag of `status` as the command line's parser takes it, with its help. */
export const STATUS_FLAGS = {
  namespace: ['-n, --namespace <namespace>', "namespace of the objects (default: that of the kubeconfig's context)"],
  allNamespaces: ['-A, --all-namespaces', 'the objects of all namespaces'],
  cluster: ['--cluster <name>', 'one cluster with all its objects, by the name of the cluster or its resource id'],
  certificates: ['--certificates', 'show the certificates and their states too'],
  output: OUTPUT_FLAG,
  watch: ['-w, --watch', 'print progress until it is finished or stuck'],
  forever: ['--forever', 'with --watch: continue until interrupted, or until the timeout'],
  timeout: ['--timeout <duration>', 'with --watch: stop after this time (default: no limit)'],
  patience: [
    '--patience <duration>',
    'with --watch: time for which nodes may be blocked before the cluster counts as stuck (default: 5m)',
  ],
  ...CLIENT_FLAGS,
} as const satisfies FlagTable;

export type StatusFlags = FlagValues<typeof STATUS_FLAGS>;

/** Shown below the help. */
export const EXIT_CODE_HELP = `
Exit codes: 0 converged, 1 error, 2 in progress, 3 stuck (a person must act, nodes are blocked, or a reimage failed).`;
