import type { Connection } from '../../kubernetes/connection.ts';

/**
 * Asks for what `kubectl get` prints: the server works out the columns, and of each object comes its metadata only. A thousand
 * whole nodes, with their images and addresses, are ten times as much.
 * kubernetes.io/docs/reference/using-api/api-concepts, Receiving resources as Tables
 */
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';
/** Rows of a page. */
const PAGE = '250';

export interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A row: its cells by the name of their column, and the object's metadata. */
export interface Row {
  readonly cells: ReadonlyMap<string, unknown>;
  readonly metadata: Metadata;
}

export interface Table {
  readonly metadata?: { readonly continue?: string };
  readonly columnDefinitions?: readonly { readonly name: string }[] | null;
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: { readonly metadata?: Metadata } }[];
}

/** Every row of a collection, page after page; `columns` are those that are wanted, and that there have to be. */
export async function listRows(
  connection: Connection,
  path: string,
  columns: readonly string[],
  filter: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Row[]> {
  const rows: Row[] = [];
  let next: string | undefined;
  do {
    const query = { ...filter, includeObject: 'Metadata', limit: PAGE, ...(next ? { continue: next } : {}) };
    const page = (await connection.request({ path, query, accept: TABLE, signal })) as Table;
    for (const row of rowsOf(page, columns)) rows.push(row);
    next = page.metadata?.continue;
  } while (next);
  return rows;
}

/** Throws where the answer is no table with these columns: what cannot be read says nothing. */
export function rowsOf({ columnDefinitions, rows = [] }: Table, columns: readonly string[]): Row[] {
  if (rows.length === 0) return [];
  const places = columns.map(
    (name) => [name, (columnDefinitions ?? []).findIndex((one) => one.name === name)] as const,
  );
  const missing = places.find(([, place]) => place < 0);
  if (missing) throw new Error(`the answer is no table with a column ${missing[0]}`);
  return rows.map(({ cells, object }) => {
    if (!object?.metadata) throw new Error('the answer is a table without metadata');
    return { cells: new Map(places.map(([name, place]) => [name, cells[place]])), metadata: object.metadata };
  });
}
