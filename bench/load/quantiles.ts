import type { Figure } from '../figure.ts';

/** The smallest value that `percent` of all are not above; NaN of none. */
export function quantile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** p50, p90 and p99 of times in ms, a figure each. */
export function timeFigures(name: string, values: readonly number[], detail: string): Figure[] {
  return [50, 90, 99].map((percent) => ({
    name: `${name}, p${percent}`,
    value: quantile(values, percent),
    unit: 'ms',
    ...(percent === 50 ? { detail: `${values.length} times; ${detail}` } : {}),
  }));
}
