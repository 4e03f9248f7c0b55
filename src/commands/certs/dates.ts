const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Up to here, days say more than years. */
const DAYS_UP_TO = 800;

/** A time of the API as `kubeadm certs check-expiration` writes it: `Dec 30, 2028 23:36 UTC`; a text that is no time is returned unchanged. */
export function expiryDate(time: string): string {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return time;
  const [day = '', clock = ''] = new Date(at).toISOString().split('T');
  const [date = '', month = '', year = ''] = day.split('-').reverse();
  return `${MONTHS[Number(month) - 1]} ${date}, ${year} ${clock.slice(0, 5)} UTC`;
}

/** A remaining life of `ms` in one unit, rounded down: `29y`, `364d`, `5h`, `12m`; `expired` where it is over. */
export function residual(ms: number): string {
  if (ms <= 0) return 'expired';
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h`;
  const days = Math.floor(ms / DAY);
  return days <= DAYS_UP_TO ? `${days}d` : `${Math.floor(days / 365)}y`;
}
