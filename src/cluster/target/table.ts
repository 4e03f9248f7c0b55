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

/** A row: the cells of the wanted columns, in their order, and the object's metadata. */
export interface Row {
  readonly cells: readonly unknown[];
  readonly metadata: Metadata;
}

export interface Table {
  readonly metadata?: { readonly continue?: string };
  readonly columnDefinitions?: readonly { readonly name: string }[] | null;
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: { readonly metadata?: Metadata } }[];
}

/**
 * Every row of a collection, page after page; `columns` are those that are wanted, and that there have to be. What `view` makes
 * of a row is kept, and the page goes: there are a thousand of them, most of it of no interest.
 */
export async function listRows<T>(
  connection: Connection,
  path: string,
  columns: readonly string[],
  filter: Readonly<Record<string, string>>,
  view: (row: Row) => T | undefined,
  signal: AbortSignal,
): Promise<T[]> {
  const views: T[] = [];
  let next: string | undefined;
  do {
    const query = { ...filter, includeObject: 'Metadata', limit: PAGE, ...(next ? { continue: next } : {}) };
    const page = (await connection.request({ path, query, accept: TABLE, signal })) as Table;
    for (const row of rowsOf(page, columns)) {
      const seen = view(row);
      if (seen !== undefined) views.push(seen);
    }
    next = page.metadata?.continue;
  } while (next);
  return views;
}

/** Throws where the answer is no table with these columns: what cannot be read says nothing. */
export function* rowsOf({ columnDefinitions, rows = [] }: Table, columns: readonly string[]): Iterable<Row> {
  if (rows.length === 0) return;
  const places = columns.map((name) => (columnDefinitions ?? []).findIndex((one) => one.name === name));
  const missing = columns[places.indexOf(-1)];
  if (missing !== undefined) throw new Error(`the answer is no table with a column ${missing}`);
  for (const { cells, object } of rows) {
    if (!object?.metadata) throw new Error('the answer is a table without metadata');
    yield { cells: places.map((place) => cells[place]), metadata: object.metadata };
  }
}
