/** A time as `MicroTime` fields take it: exactly six digits after the point, where JavaScript has three. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
