import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

// Where a message may go. Whoever configures an endpoint, or owns its name, could point it at what only this machine or its
// network can reach: a cloud's metadata, a database, a neighbour. Addresses are therefore checked when the connection is
// made, on what the name resolved to then; a name that changes its mind afterwards changes nothing.

/** A cloud's metadata lives here, and nobody's receiver. */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
/** Metadata of two clouds, in a private range. */
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6');
LINK_LOCAL.addAddress('100.100.100.200', 'ipv4');

/** Networks that belong to somebody, behind a router or on this machine. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

/** Nobody's: unspecified, documentation, benchmarks, multicast, reserved. */
const NOBODYS = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NOBODYS.addSubnet(network, prefix, 'ipv4');
}

/** The only part of IPv6 that is routed; what carries an IPv4 address inside (NAT64, 6to4, Teredo) lies outside or below. */
const ROUTED = new BlockList();
ROUTED.addSubnet('2000::', 3, 'ipv6');
const NOT_ROUTED = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_ROUTED.addSubnet(network, prefix, 'ipv6');
}

export type AddressKind = 'public' | 'private' | 'forbidden';

/** `::ffff:10.0.0.1` is 10.0.0.1, however it is written. */
const mapped = (address: string): string | undefined => {
  if (isIP(address) !== 6) return undefined;
  const { hostname } = new URL(`http://[${address}]/`);
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const number = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
};

export const addressKind = (address: string): AddressKind => {
  // A zone (`fe80::1%eth0`) belongs to a link.
  if (address.includes('%')) return 'forbidden';
  const plain = mapped(address) ?? address;
  const version = isIP(plain);
  if (version === 0) return 'forbidden';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (LINK_LOCAL.check(plain, family)) return 'forbidden';
  if (PRIVATE.check(plain, family)) return 'private';
  if (family === 'ipv4') return NOBODYS.check(plain, family) ? 'forbidden' : 'public';
  return ROUTED.check(plain, family) && !NOT_ROUTED.check(plain, family) ? 'public' : 'forbidden';
};

/** The address is not one that messages may go to. */
export class ForbiddenAddress extends Error {
  constructor() {
    super('the address is not one that messages may go to');
    this.name = 'ForbiddenAddress';
  }
}

/** A look-up that fails where any address of the name is refused. */
export const guardedLookup =
  (allows: (kind: AddressKind) => boolean, lookup: typeof resolve = resolve): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => allows(addressKind(address)))) {
        return callback(new ForbiddenAddress(), '', 0);
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
