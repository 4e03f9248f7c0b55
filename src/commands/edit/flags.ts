import { CLIENT_FLAGS, type FlagTable, type FlagValues } from '../client/flags.ts';
import { STATUS_FLAGS } from '../status/flags.ts';

/** Every flag of `reconcile`, `suspend` and `resume`. */
export const EDIT_FLAGS = {
  namespace: ['-n, --namespace <namespace>', "namespace of the object (default: that of the kubeconfig's context)"],
  ...CLIENT_FLAGS,
} as const satisfies FlagTable;

/** Flags of the commands after which there may be something to wait for. */
export const WAIT_FLAGS = {
  ...EDIT_FLAGS,
  wait: ['--wait', 'print progress until it is finished or stuck, as status --watch does'],
  timeout: ['--timeout <duration>', 'with --wait: stop after this time (default: no limit)'],
  patience: ['--patience <duration>', STATUS_FLAGS.patience[1].replace('--watch', '--wait')],
} as const satisfies FlagTable;

export type EditFlags = FlagValues<typeof WAIT_FLAGS>;

/** Shown below the help. */
export const EDIT_EXIT_CODES = `
Exit codes: 0 the object is as asked for, 1 error. With --wait also 2 in progress when the timeout passed, 3 stuck.`;
