/**
 * Asks for what `kubectl get` prints: the server works out the columns, and of each object comes its metadata only. A thousand
 * whole nodes, with their images and addresses, are ten times as much.
 * kubernetes.io/docs/reference/using-api/api-concepts, Receiving resources as Tables
 */
export const TABLE = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1', query: { includeObject: 'Metadata' } };

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
  readonly columnDefinitions?: readonly { readonly name: string }[] | null;
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: { readonly metadata?: Metadata } }[];
}

/**
 * Reads the pages of a table, and the tables of one row that a watch sends; `columns` are those that are wanted, and that there
 * have to be. Only the first table of a watch names them.
 *
 * The reader throws where an answer is no table with these columns: what cannot be read says nothing.
 */
export function createTableReader(columns: readonly string[]): (table: Table) => Iterable<Row> {
  let places: readonly number[] | undefined;
  return function* ({ columnDefinitions, rows = [] }) {
    if (columnDefinitions) {
      places = columns.map((name) => columnDefinitions.findIndex((one) => one.name === name));
    }
    for (const { cells, object } of rows) {
      const missing = places ? columns[places.indexOf(-1)] : columns[0];
      if (!places || missing !== undefined) throw new Error(`the answer is no table with a column ${missing}`);
      if (!object?.metadata) throw new Error('the answer is a table without metadata');
      yield { cells: places.map((place) => cells[place]), metadata: object.metadata };
    }
  };
}
