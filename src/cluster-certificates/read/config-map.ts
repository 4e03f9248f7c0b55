import { apiPath } from '../../api/paths.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { member, textAt } from '../../kubernetes/untrusted/untyped.ts';

/** The members of `data` of a ConfigMap in namespace kube-system, each of any shape. Throws as `request` does. */
export async function configMapData(
  connection: Pick<Connection, 'request'>,
  name: string,
  signal: AbortSignal,
): Promise<unknown> {
  const path = apiPath('/api/v1', 'namespaces', 'kube-system', 'configmaps', name);
  return member(await connection.request({ path, signal }), 'data');
}

/** One text of it. Throws Error where it is missing. */
export async function configMapText(
  connection: Pick<Connection, 'request'>,
  name: string,
  key: string,
  signal: AbortSignal,
): Promise<string> {
  const text = textAt(await configMapData(connection, name, signal), key);
  if (text === undefined) throw new Error(`it has no text ${key}`);
  return text;
}
