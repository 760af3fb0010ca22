import ipaddr from 'ipaddr.js';

/** Decides which addresses may be connected to. */
export interface AddressGuard {
  /**
   * Why an address is refused: the kind of range it lies in (`loopback`, `private`, `linkLocal` …), or `undefined`
   * where it may be connected to.
   */
  refusal(address: string): string | undefined;
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** All of IPv6 that has been handed out for the public internet lies in here. */
const publicIpv6: Range = ipaddr.parseCIDR('2000::/3');

/**
 * Makes a guard that lets public addresses pass, and the given ranges (`10.0.0.0/8`, `fd00::/8`, or one address).
 * IPv6 addresses that stand for an IPv4 one (mapped, NAT64, 6to4, Teredo) are not public, wherever they lead.
 * @throws RangeError for a range that is none.
 */
export function createAddressGuard(allowed: readonly string[]): AddressGuard {
  const ranges = allowed.map(parseRange);
  return {
    refusal: (text) => {
      if (!ipaddr.isValid(text)) return 'unknown';
      const address = ipaddr.parse(text);
      if (ranges.some((range) => isWithin(address, range))) return undefined;
      const kind = address.range();
      if (kind !== 'unicast') return kind;
      return address.kind() === 'ipv6' && !isWithin(address, publicIpv6) ? 'reserved' : undefined;
    },
  };
}

function parseRange(entry: string): Range {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (!isWholeAddress(entry))
    throw new RangeError(`${JSON.stringify(entry)} is not an address range such as 10.0.0.0/8`);
  const address = ipaddr.parse(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** ipaddr.js also reads `10` and `0x7f.1` as IPv4; in a list of ranges those are slips. */
function isWholeAddress(entry: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry);
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [start, bits]: Range): boolean {
  return address.kind() === start.kind() && address.match(start, bits);
}
