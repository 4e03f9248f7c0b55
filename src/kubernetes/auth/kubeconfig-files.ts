import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { entriesOf, findContext, textIn } from './kubeconfig-context.ts';
import { isMapping, type Mapping } from './kubeconfig-yaml.ts';

/** A context of one or more trusted kubeconfig files, with its cluster and user. Paths are absolute. */
export interface KubeconfigContext {
  /** The files, for messages. */
  readonly where: string;
  readonly namespace: string | undefined;
  readonly cluster: Mapping;
  readonly user: Mapping;
}

/** Fields that are paths from the folder of their file (client-go, tools/clientcmd, ResolvePaths). */
const PATHS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/**
 * Reads as kubectl does: of several files, the first one with a value has precedence.
 *
 * @param path absent: the files of `KUBECONFIG`, else `~/.kube/config`
 * @param name of the context; absent: the current one
 * @throws Error that names the missing part, and the existing contexts
 */
export function readContext(path: string | undefined, name?: string): KubeconfigContext {
  const paths = path === undefined ? defaultFiles() : [path];
  const files = paths.map(readFile);
  const where = paths.join(', ');
  const { name: chosen, context, cluster, user } = findContext(files, name);
  if (context === undefined) {
    const fault = chosen === undefined ? 'set current-context' : `there is no context "${chosen}"`;
    throw new Error(`${where}: ${fault}; ${listed(files)}`);
  }
  if (cluster === undefined || user === undefined) {
    const missing = cluster === undefined ? 'cluster' : 'user';
    throw new Error(`${where}: context "${chosen}" names no ${missing} that exists`);
  }
  return { where, namespace: textIn(context['namespace']), cluster, user };
}

function listed(files: readonly Mapping[]): string {
  const names = new Set(files.flatMap((file) => entriesOf(file, 'contexts').map(({ name }) => `"${String(name)}"`)));
  return names.size === 0 ? 'it has no contexts' : `its contexts are ${[...names].join(', ')}`;
}

function defaultFiles(): string[] {
  const named = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const files = named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) {
    throw new Error(`no kubeconfig: there is no ${files.join(' and no ')}; name one with --kubeconfig or KUBECONFIG`);
  }
  return present;
}

function readFile(file: string): Mapping {
  const config = parsed(file, textOf(file));
  if (!isMapping(config)) throw new Error(`${file} is not a kubeconfig`);
  const folder = dirname(resolve(file));
  return {
    ...config,
    clusters: entriesOf(config, 'clusters').map((entry) => ({ ...entry, cluster: absolute(entry['cluster'], folder) })),
    users: entriesOf(config, 'users').map((entry) => ({ ...entry, user: absolute(entry['user'], folder) })),
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const fault = code === 'ENOENT' ? `there is no kubeconfig ${file}` : `the kubeconfig ${file} cannot be read`;
    throw new Error(`${fault} (${code})`, { cause: error });
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // The message quotes the text after its first line, and the text has keys.
    const [message = ''] = String(error instanceof Error ? error.message : error).split(/:?\n/);
    throw new Error(`${file} is not valid YAML: ${message}`, { cause: error });
  }
}

function absolute(fields: unknown, folder: string): unknown {
  if (!isMapping(fields)) return fields;
  const from = (path: unknown) => (typeof path === 'string' && path !== '' ? resolve(folder, path) : path);
  const { exec } = fields;
  const command = isMapping(exec) ? exec['command'] : undefined;
  return {
    ...fields,
    ...Object.fromEntries(PATHS.flatMap((name) => (name in fields ? [[name, from(fields[name])]] : []))),
    // A command without a slash is searched for in PATH.
    ...(isMapping(exec) && typeof command === 'string' && command.includes('/')
      ? { exec: { ...exec, command: from(command) } }
      : {}),
  };
}
