import { SEQUENCE } from '../der.ts';
import type { DerCursor } from './der-cursor.ts';
import { refuse } from './refusal.ts';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const FORMS = {
  [UTC_TIME]: /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/,
  [GENERALIZED_TIME]: /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/,
};

/** Checks both dates as Go does: it accepts zones, and UTCTime without seconds, but no fractions. */
export function checkValidity(tbs: DerCursor): void {
  const validity = tbs.enter(SEQUENCE, 'its validity');
  for (const date of ['notBefore', 'notAfter']) {
    const { tag, content, end } = validity.takeAny(`its ${date}`);
    const text = validity.der.toString('latin1', content, end);
    if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) refuse(`its ${date} is no UTCTime or GeneralizedTime`);
    if (!isTime(text, FORMS[tag])) refuse(`its ${date} is written in a form that RFC 5280 does not allow`);
  }
}

function isTime(text: string, form: RegExp): boolean {
  const [, year = '', month, day, hour, minute, second = '00', zone = ''] = form.exec(text) ?? [];
  if (year === '') return false;
  // For a year of two digits only leap years matter, and 2000 is one.
  const days = daysOf(Number(year) + (year.length === 2 ? 2000 : 0), Number(month));
  if (Number(day) < 1 || Number(day) > days || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return false;
  return zone === 'Z' || isZone(zone);
}

/** Go formats the parsed time again and compares. It writes a zero offset as Z, so a written one does not match. */
function isZone(zone: string): boolean {
  return zone.slice(1) !== '0000' && Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(3)) < 60;
}

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
