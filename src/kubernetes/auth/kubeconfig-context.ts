import { isMapping, type Mapping } from './kubeconfig-yaml.ts';

/** The cluster and the user of a context. Undefined: missing, or of the wrong form. */
export interface NamedContext {
  /** Name of the context. */
  readonly name: string | undefined;
  readonly context: Mapping | undefined;
  readonly cluster: Mapping | undefined;
  readonly userName: string | undefined;
  readonly user: Mapping | undefined;
}

/**
 * Finds a context with its cluster and its user as kubectl does: of several files, and of several entries of one name, the first one
 * counts.
 *
 * @param name of the context; default: the current one
 */
export function findContext(
  files: readonly Mapping[],
  name = firstOf(files, (file) => textIn(file['current-context'])),
): NamedContext {
  const find = (kind: 'context' | 'cluster' | 'user', named: string | undefined) =>
    firstOf(files, (file) => {
      const value = entriesOf(file, `${kind}s`).find((entry) => entry['name'] === named)?.[kind];
      return named !== undefined && isMapping(value) ? value : undefined;
    });
  const context = find('context', name);
  const userName = textIn(context?.['user']);
  return {
    name,
    context,
    cluster: find('cluster', textIn(context?.['cluster'])),
    userName,
    user: find('user', userName),
  };
}

/** The mappings of a list in a kubeconfig. */
export function entriesOf(file: Mapping, list: string): Mapping[] {
  const entries = file[list];
  return Array.isArray(entries) ? entries.filter(isMapping) : [];
}

/** The value if it is a text and not empty: `kubectl config view` writes empty fields. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function firstOf<T>(files: readonly Mapping[], select: (file: Mapping) => T | undefined): T | undefined {
  for (const file of files) {
    const found = select(file);
    if (found !== undefined) return found;
  }
  return undefined;
}
