const IPV4 = /^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const GROUPS = 8;

/** True for an address that Go's netip.ParseAddr accepts, without a zone. No octet of IPv4 has a leading zero. */
export function isIpAddress(text: string): boolean {
  return IPV4.test(text) || isIpv6Address(text);
}

export function isIpv6Address(text: string): boolean {
  if (!text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const [head = '', tail] = halves;
  const groups = [groupsOf(head, tail === undefined), groupsOf(tail ?? '', true)];
  if (groups.some((count) => count === undefined)) return false;
  const count = (groups[0] ?? 0) + (groups[1] ?? 0);
  return tail === undefined ? count === GROUPS : count < GROUPS;
}

/** Number of groups of 16 bits in a part of an address; IPv4 may end the last part. */
function groupsOf(part: string, isLast: boolean): number | undefined {
  if (part === '') return 0;
  const fields = part.split(':');
  const last = fields.at(-1) ?? '';
  const hasIpv4 = isLast && IPV4.test(last);
  if (!(hasIpv4 ? fields.slice(0, -1) : fields).every((field) => GROUP.test(field))) return undefined;
  return fields.length + (hasIpv4 ? 1 : 0);
}
