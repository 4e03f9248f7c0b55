import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { isMapping, type Mapping } from './kubeconfig-yaml.ts';

/** The current context of one or more kubeconfig files that are trusted, with what it names. Paths are absolute. */
export interface CurrentContext {
  /** For messages. */
  readonly where: string;
  readonly namespace: string | undefined;
  readonly cluster: Mapping;
  readonly user: Mapping;
}

/** Fields that are paths from the folder of their file (client-go, tools/clientcmd, ResolvePaths). */
const PATHS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/**
 * Reads as kubectl does: of several files, the first to say something wins.
 *
 * @param path absent: the files of `KUBECONFIG`, else `~/.kube/config`
 * @throws Error that names what is missing
 */
export function readCurrentContext(path: string | undefined): CurrentContext {
  const where = path ?? 'the default kubeconfig';
  const files = (path === undefined ? defaultFiles() : [path]).map(readFile);
  const current = firstOf(files, (file) => file['current-context'] || undefined);
  const context = named(files, 'contexts', 'context', current);
  const cluster = named(files, 'clusters', 'cluster', context?.['cluster']);
  const user = named(files, 'users', 'user', context?.['user']);
  if (cluster === undefined || user === undefined) {
    throw new Error(`${where}: the current context names no cluster and user: set current-context`);
  }
  const namespace = context?.['namespace'];
  return { where, namespace: typeof namespace === 'string' ? namespace : undefined, cluster, user };
}

function defaultFiles(): string[] {
  const named = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const files = named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) throw new Error(`no kubeconfig: there is no ${files.join(' and no ')}`);
  return present;
}

function readFile(file: string): Mapping {
  const config: unknown = parse(readFileSync(file, 'utf8'));
  if (!isMapping(config)) throw new Error(`${file} is not a kubeconfig`);
  const folder = dirname(resolve(file));
  return {
    ...config,
    clusters: entriesOf(config, 'clusters', (entry) => ({ ...entry, cluster: absolute(entry['cluster'], folder) })),
    users: entriesOf(config, 'users', (entry) => ({ ...entry, user: absolute(entry['user'], folder) })),
  };
}

function absolute(fields: unknown, folder: string): unknown {
  if (!isMapping(fields)) return fields;
  const from = (path: unknown) => (typeof path === 'string' && path !== '' ? resolve(folder, path) : path);
  const { exec } = fields;
  const command = isMapping(exec) ? exec['command'] : undefined;
  return {
    ...fields,
    ...Object.fromEntries(PATHS.flatMap((name) => (name in fields ? [[name, from(fields[name])]] : []))),
    // A command without a slash is looked for in PATH.
    ...(isMapping(exec) && typeof command === 'string' && command.includes('/')
      ? { exec: { ...exec, command: from(command) } }
      : {}),
  };
}

function named(files: readonly Mapping[], list: string, field: string, name: unknown): Mapping | undefined {
  return firstOf(files, (file) => {
    const entry = entriesOf(file, list).find((candidate) => candidate['name'] === name);
    const value = entry?.[field];
    return isMapping(value) ? value : undefined;
  });
}

function entriesOf(file: Mapping, list: string, change: (entry: Mapping) => Mapping = (entry) => entry): Mapping[] {
  const entries = file[list];
  return Array.isArray(entries) ? entries.filter(isMapping).map(change) : [];
}

function firstOf<T>(files: readonly Mapping[], look: (file: Mapping) => T | undefined): T | undefined {
  for (const file of files) {
    const found = look(file);
    if (found !== undefined) return found;
  }
  return undefined;
}
