import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** [address, length of the prefix], each with its source. */
const IPV4 = [
  ['0.0.0.0', 8], // this host, RFC 1122
  ['127.0.0.0', 8], // loopback, RFC 1122
  ['169.254.0.0', 16], // link-local, RFC 3927: the clouds' metadata services
  ['168.63.129.16', 32], // Azure's own host (learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16)
  ['224.0.0.0', 4], // multicast, RFC 5771
  ['240.0.0.0', 4], // reserved, and broadcast
] as const;
const IPV6 = [
  ['::', 96], // unspecified, loopback and the old form of IPv4 addresses, RFC 4291
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local, RFC 3879
  ['ff00::', 8], // multicast
  ['fd00:ec2::254', 128], // a cloud's metadata service
] as const;
/** Prefixes whose last 32 bits are an IPv4 address. `::ffff:0:0/96` Node knows by itself. */
const EMBEDDING = ['64:ff9b::', '::ffff:0:'];

const LOCAL = new BlockList();
for (const [address, prefix] of IPV4) {
  LOCAL.addSubnet(address, prefix, 'ipv4');
  for (const embedding of EMBEDDING) LOCAL.addSubnet(`${embedding}${inHex(address)}`, 96 + prefix, 'ipv6');
}
for (const [address, prefix] of IPV6) LOCAL.addSubnet(address, prefix, 'ipv6');

/**
 * True for addresses of the controller's own machine and link: loopback, link-local with the metadata services of clouds,
 * unspecified and multicast, in all their IPv6 forms; also for a text that is no address. Private networks do not count: API
 * servers of private clusters are there.
 */
export function isLocalAddress(address: string): boolean {
  if (isIPv4(address)) return LOCAL.check(address, 'ipv4');
  return !isIPv6(address) || LOCAL.check(address, 'ipv6');
}

function inHex(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
