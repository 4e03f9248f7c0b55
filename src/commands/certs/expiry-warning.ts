import type { CertsRow } from './report.ts';
import { residual } from './dates.ts';

/**
 * The row as it counts when certificates are Expiring with `warning` ms or less left. Only Healthy and Expiring change into each other:
 * the other states do not follow from the date alone.
 */
export function withExpiryWarning(row: CertsRow, warning: number, now: number): CertsRow {
  const left = Date.parse(row.notAfter ?? '') - now;
  if (Number.isNaN(left)) return row;
  if (row.health === 'Healthy' && left <= warning)
    return {
      ...row,
      health: 'Expiring',
      message: `${residual(left)} are left, which --expiry-warning counts as too little.`,
    };
  if (row.health !== 'Expiring' || left <= warning) return row;
  const { message: _, ...rest } = row;
  return { ...rest, health: 'Healthy' };
}
