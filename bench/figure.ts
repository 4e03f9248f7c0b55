/** One measured number. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `x` for a ratio, else a unit such as `µs` or `MiB`. */
  readonly unit: string;
  /** The value must not be above it. Absent: for information. */
  readonly limit?: number;
  /** How it came about: sizes, counts, what it is compared with. */
  readonly detail?: string;
}

export function exceedsLimit({ value, limit }: Figure): boolean {
  return limit !== undefined && !(value <= limit);
}

/** A table for people, one figure a line. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${figure.value.toFixed(2)} ${figure.unit}`,
    figure.limit === undefined ? '' : `${exceedsLimit(figure) ? 'ABOVE' : 'limit'} ${figure.limit}`,
    figure.detail ?? '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0))),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
