import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';

/** The object in a YAML file. Throws an error that names the file, says what is wrong and quotes nothing of it. */
export async function readYaml(path: string, kind: 'scenario' | 'kubeconfig'): Promise<object> {
  const content = parsed(await textOf(path, kind), path);
  if (content === null) return {};
  if (typeof content !== 'object' || Array.isArray(content)) throw new Error(`${path} is no ${kind}: it is no mapping`);
  return content;
}

async function textOf(path: string, kind: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error(`there is no ${kind} file ${resolve(path)}`, { cause: error });
    throw new Error(`the ${kind} file ${resolve(path)} cannot be read: ${code ?? 'unknown'}`, { cause: error });
  }
}

function parsed(text: string, path: string): unknown {
  try {
    // It would warn of tags and aliases on the console, and quote the file there.
    return parse(text, { logLevel: 'error' }) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw new Error(`${path} is not YAML`, { cause: error });
    const line = error.linePos?.[0].line;
    throw new Error(`${path}${line === undefined ? '' : `, line ${line}`}: not YAML (${error.code})`, { cause: error });
  }
}
