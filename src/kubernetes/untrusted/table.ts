import { listAt, member, textAt } from './untyped.ts';

/**
 * Requests the table that `kubectl get` prints: the server computes the columns and sends only the metadata of each object. Whole
 * nodes, with their images and addresses, are ten times as large.
 * kubernetes.io/docs/reference/using-api/api-concepts, Receiving resources as Tables
 */
export const TABLE = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1', query: { includeObject: 'Metadata' } };

/** A row: the cells of the requested columns, in their order, and the object's metadata as received. */
export interface Row {
  readonly cells: readonly unknown[];
  readonly metadata: unknown;
}

/**
 * Reads the pages of a table, and the tables of one row that a watch sends. Only the first table of a watch names its columns.
 *
 * The reader throws where a response is not a table with these `columns`: an unreadable response is no evidence.
 */
export function createTableReader(columns: readonly string[]): (table: unknown) => Iterable<Row> {
  let positions: readonly number[] | undefined;
  return function* (table) {
    const definitions = member(table, 'columnDefinitions');
    if (Array.isArray(definitions)) {
      const names = definitions.map((one: unknown) => textAt(one, 'name'));
      positions = columns.map((name) => names.indexOf(name));
    }
    const missing = positions ? columns[positions.indexOf(-1)] : columns[0];
    // Without this check any response would pass as an empty table.
    if (!positions || missing !== undefined) throw new Error(`the response is not a table with a column ${missing}`);
    const rows = member(table, 'rows') ?? [];
    if (!Array.isArray(rows)) throw new Error('the rows of the table are not a list');
    for (const row of rows as readonly unknown[]) {
      const metadata = member(member(row, 'object'), 'metadata');
      if (metadata === undefined) throw new Error('the response is a table without metadata');
      const cells = listAt(row, 'cells');
      yield { cells: positions.map((position) => cells[position]), metadata };
    }
  };
}
