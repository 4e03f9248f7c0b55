import { FLAGS, type FlagName, type Flags } from '../../src/commands/controller/config.ts';

/**
 * The flags of arguments such as `--cloud=AzureChina`, as the command line's parser hands them on.
 *
 * @throws Error for one that is not among the controller's
 */
export function flagsOf(args: readonly string[]): Flags {
  return Object.fromEntries(
    args.map((argument) => {
      const [flag = '', value] = argument.split('=');
      const known = Object.entries(FLAGS).find(([, [form]]) => form.split(' ')[0] === flag);
      if (known === undefined) throw new Error(`there is no flag ${flag}`);
      return [known[0] as FlagName, value ?? true];
    }),
  );
}
