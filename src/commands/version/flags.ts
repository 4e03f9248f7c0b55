import { CLIENT_FLAGS, OUTPUT_FLAG, type FlagTable, type FlagValues } from '../client/flags.ts';

/** Every flag of `version`. */
export const VERSION_FLAGS = {
  client: ['--client', 'print the version of this program only, without asking the management cluster'],
  namespace: ['-n, --namespace <namespace>', 'namespace of the controller (default: aks-ca-trust-system)'],
  ...CLIENT_FLAGS,
  output: OUTPUT_FLAG,
} as const satisfies FlagTable;

export type VersionFlags = FlagValues<typeof VERSION_FLAGS>;

/** Shown below the help. */
export const VERSION_EXIT_CODES = `
Exit codes: 0 done, 1 error: the kubeconfig cannot be used, or the API server does not answer. What this user may not
read is reported, and is no error.`;
