import type { DerElement } from '../der.ts';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const FORMS: ReadonlyMap<number, RegExp> = new Map([
  [UTC_TIME, /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/],
  [GENERALIZED_TIME, /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/],
]);

/**
 * A time as certificates have it (RFC 5280, section 4.1.2.5), in RFC 3339; nothing for other forms and for times that
 * do not exist. X509Certificate gives a random date for a time that it cannot read.
 */
export function readTime(bytes: Buffer, element: DerElement): string | undefined {
  const form = FORMS.get(element.tag);
  if (form === undefined || element.end - element.content > 15) return undefined;
  const [, short = '', month, day, hour, minute, second] =
    form.exec(bytes.toString('latin1', element.content, element.end)) ?? [];
  const year = fullYear(short);
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  if (!(Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60)) return undefined;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

/** Years of two digits are from 1950 to 2049. */
function fullYear(year: string): string {
  if (year.length === 4) return year;
  return year < '50' ? `20${year}` : `19${year}`;
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
