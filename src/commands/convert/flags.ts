import { AZURE_FLAGS } from '../certs/flags.ts';
import type { FlagTable, FlagValues } from '../client/flags.ts';
import { PASSWORD_FLAG } from '../lint/flags.ts';

/** The flags of `convert` itself. */
export const CONVERT_FLAGS = {
  to: ['--to <form>', 'pem, az-file, arm-json, terraform or manifest'],
  fromCluster: ['--from-cluster <id>', 'resource id of a cluster, whose list is read from ARM instead of files'],
  name: ['--name <name>', 'name of the object of --to manifest (default: roots)'],
  namespace: ['-n, --namespace <namespace>', 'namespace of the object of --to manifest (default: none is written)'],
  target: [
    '--target <id>',
    'resource id of the cluster in the object of --to manifest (default: the one of --from-cluster)',
  ],
  passwordFile: PASSWORD_FLAG,
} as const satisfies FlagTable;

/** With the flags that say how to reach ARM. */
export const ALL_CONVERT_FLAGS = { ...CONVERT_FLAGS, ...AZURE_FLAGS } as const;

export type ConvertFlags = FlagValues<typeof ALL_CONVERT_FLAGS>;

/** Shown below the help. */
export const CONVERT_HELP = `
Reads every form that lint reads, and writes one to standard output: each certificate once, in the order in which they
were read. Nothing is written where an input has an error. No cluster is changed; only --from-cluster asks ARM, as the
person who is signed in (Azure CLI, or the variables of the environment).

Exit codes: 0 done, 1 wrong arguments, or ARM does not answer, 3 an input has an error, or too many certificates.`;
