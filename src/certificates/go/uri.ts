import { isDomain } from './domains.ts';
import { isIpv6Address } from './ip-address.ts';

const CONTROL = /\p{Cc}/u;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const USER = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
/** In a host only what is not ASCII may be escaped, and a percent sign. */
const HOST = /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\x80-\xff]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/;
/** In a zone also a blank, and what may stand there unescaped. */
const ZONE_ESCAPE = /%([0-9A-Fa-f]{2})/g;
const ZONE_CHARACTER = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"% ]$/;
const ZONE = /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\x80-\xff]|%[0-9A-Fa-f]{2})*$/;
const PORT = /^(?::[0-9]*)?$/;

/** True where Go's net/url accepts this ASCII text, and crypto/x509 its host. */
export function isUri(text: string): boolean {
  const [reference, fragment] = cut(text, '#');
  if (BAD_ESCAPE.test(fragment) || CONTROL.test(reference)) return false;
  if (reference === '*') return true;
  if (reference.startsWith(':')) return false;
  const scheme = SCHEME.exec(reference)?.[0] ?? '';
  const [rest] = cut(reference.slice(scheme.length), '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return true;
    if (cut(rest, '/')[0].includes(':')) return false;
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  if (!hasAuthority) return !BAD_ESCAPE.test(rest);
  const slash = rest.indexOf('/', 2);
  const authority = slash === -1 ? rest.slice(2) : rest.slice(2, slash);
  if (slash !== -1 && BAD_ESCAPE.test(rest.slice(slash))) return false;
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  if (!USER.test(user) || BAD_ESCAPE.test(user)) return false;
  const host = readHost(authority.slice(at + 1), scheme.slice(0, -1).toLowerCase());
  return host !== undefined && isDomain(host, false);
}

/** The host with its port, unescaped. */
function readHost(host: string, scheme: string): string | undefined {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return undefined;
  if (bracket === 0) return readLiteral(host);
  const colon = /^https?$/.test(scheme) ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon !== -1 && !PORT.test(host.slice(colon))) return undefined;
  return HOST.test(host) ? unescaped(host) : undefined;
}

function readLiteral(host: string): string | undefined {
  const close = host.lastIndexOf(']');
  if (close === -1 || !PORT.test(host.slice(close + 1))) return undefined;
  const name = host.slice(1, close);
  const percent = name.indexOf('%25');
  const address = percent === -1 ? name : name.slice(0, percent);
  const zone = percent === -1 ? '' : name.slice(percent);
  if (!HOST.test(address) || !ZONE.test(zone)) return undefined;
  for (const [escape, digits = ''] of zone.matchAll(ZONE_ESCAPE)) {
    if (escape !== '%25' && !ZONE_CHARACTER.test(String.fromCharCode(parseInt(digits, 16)))) return undefined;
  }
  // An address without a zone must not have a percent sign.
  if (!isIpv6Address(unescaped(address)) || zone === '%25') return undefined;
  return `[${unescaped(address)}${unescaped(zone)}]${host.slice(close + 1)}`;
}

function unescaped(text: string): string {
  return text.replace(ZONE_ESCAPE, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

function cut(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
