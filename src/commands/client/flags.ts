import { parseDuration } from '../flag-values.ts';

/** Flags as the command line's parser takes them, each with its help. */
export type FlagTable = Readonly<Record<string, readonly [flag: string, help: string]>>;

/** Flags as they were typed. */
export type FlagValues<T extends FlagTable> = Readonly<Partial<Record<keyof T, string | boolean>>>;

/** The flags of every command that talks to the management cluster as a person. */
export const CLIENT_FLAGS = {
  kubeconfig: [
    '--kubeconfig <file>',
    "kubeconfig of the management cluster (default: the pod's service account, else KUBECONFIG, else ~/.kube/config)",
  ],
  context: ['--context <name>', 'context of the kubeconfig (default: the current context)'],
} as const satisfies FlagTable;

export const OUTPUT_FLAG = ['-o, --output <format>', 'text or json (default: text)'] as const;

/** The long form of a flag, as it is typed: `--namespace`. */
export function longForm([flag]: readonly [flag: string, help: string]): string {
  return /--[a-z-]+/.exec(flag)?.[0] ?? flag;
}

/** Reads values of flags; what cannot be used is added to `faults`. */
export interface FlagReader<T extends FlagTable> {
  readonly text: (flag: keyof T) => string | undefined;
  /** In ms. */
  readonly duration: (flag: keyof T, preset: number, least: 'can be 0' | 'is not 0') => number;
  readonly faults: string[];
}

export function createFlagReader<T extends FlagTable>(table: T, flags: FlagValues<T>): FlagReader<T> {
  const faults: string[] = [];
  const nameOf = (flag: keyof T) => longForm(table[flag] ?? [String(flag), '']);
  const text = (flag: keyof T) => {
    const value = flags[flag];
    // An empty value is refused: an unset variable in a script would otherwise widen the scope.
    if (value === '') faults.push(`${nameOf(flag)} is empty`);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    faults,
    text,
    duration(flag, preset, least) {
      const typed = text(flag);
      if (typed === undefined) return preset;
      const ms = typed === '0' && least === 'can be 0' ? 0 : parseDuration(typed);
      if (ms === undefined)
        faults.push(
          `${nameOf(flag)} is "${typed}"; a duration looks like 15s, 10m or 1h, is at most 24h, and ${least}`,
        );
      return ms ?? preset;
    },
  };
}

/** The value of --output. */
export function readOutput(typed: string | undefined, faults: string[]): 'text' | 'json' {
  if (typed !== undefined && typed !== 'text' && typed !== 'json')
    faults.push(`--output is "${typed}"; it can be text or json`);
  return typed === 'json' ? 'json' : 'text';
}
