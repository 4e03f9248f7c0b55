import { CLIENT_FLAGS, OUTPUT_FLAG, type FlagTable, type FlagValues } from '../client/flags.ts';
import { FLAGS } from '../controller/flags.ts';

/** The flags of `check` itself. */
export const CHECK_FLAGS = {
  context: CLIENT_FLAGS.context,
  target: ['--target <id>', 'resource id of a cluster to check (default: the clusters that objects name)'],
  serviceAccount: [
    '--service-account <namespace/name>',
    "service account of the controller, whose rights are checked (default: aks-ca-trust in the controller's namespace)",
  ],
  timeout: ['--timeout <duration>', 'longest wait for one answer (default: 10s)'],
  output: OUTPUT_FLAG,
} as const satisfies FlagTable;

/** With every flag of the controller, so that its arguments can be checked as they are. */
export const ALL_CHECK_FLAGS = { ...CHECK_FLAGS, ...FLAGS } as const;

export type CheckFlags = FlagValues<typeof ALL_CHECK_FLAGS>;

/** Shown below the help. */
export const CHECK_HELP = `
Nothing is changed. Rights are checked with reviews, which the API server answers and does not store. The flags of the
controller say how to sign in to Azure and which files to read, as they do for it; without one of --credential,
--tenant-id and --client-id (or AZURE_CLIENT_ID), nothing of Azure is checked.

Exit codes: 0 no check failed, 1 wrong arguments, 3 a check failed.`;
