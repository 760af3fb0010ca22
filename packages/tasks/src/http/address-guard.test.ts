import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressGuard } from './address-guard.ts';

const publicOnly = createAddressGuard([]);

const octet = fc.integer({ min: 0, max: 255 });
const group = fc.integer({ min: 0, max: 0xffff });
const ipv4Within = (...start: number[]) =>
  fc
    .tuple(...Array.from({ length: 4 }, (_, i) => (i < start.length ? fc.constant(start[i]!) : octet)))
    .map((a) => a.join('.'));
const ipv6Within = (...start: number[]) =>
  fc
    .tuple(...Array.from({ length: 8 }, (_, i) => (i < start.length ? fc.constant(start[i]!) : group)))
    .map((groups) => groups.map((part) => part.toString(16)).join(':'));

describe('an address guard', () => {
  it.each([
    ['this network', ipv4Within(0)],
    ['loopback', ipv4Within(127)],
    ['private 10/8', ipv4Within(10)],
    ['private 172.16/12', fc.integer({ min: 16, max: 31 }).chain((second) => ipv4Within(172, second))],
    ['private 192.168/16', ipv4Within(192, 168)],
    ['carrier-grade NAT', fc.integer({ min: 64, max: 127 }).chain((second) => ipv4Within(100, second))],
    ['link-local', ipv4Within(169, 254)],
    ['protocol assignments', ipv4Within(192, 0, 0)],
    ['benchmarks', fc.constantFrom(18, 19).chain((second) => ipv4Within(198, second))],
    [
      'documentation',
      fc.constantFrom([192, 0, 2], [198, 51, 100], [203, 0, 113]).chain((start) => ipv4Within(...start)),
    ],
    ['multicast, reserved and broadcast', fc.integer({ min: 224, max: 255 }).chain((first) => ipv4Within(first))],
    ['IPv6 below 2000::', fc.integer({ min: 0, max: 0x1fff }).chain((first) => ipv6Within(first))],
    ['IPv6 above 3fff::', fc.integer({ min: 0x4000, max: 0xffff }).chain((first) => ipv6Within(first))],
    ['IPv4-mapped', ipv6Within(0, 0, 0, 0, 0, 0xffff)],
    ['IPv4-compatible', ipv6Within(0, 0, 0, 0, 0, 0)],
    ['NAT64', ipv6Within(0x64, 0xff9b, 0, 0, 0, 0)],
    ['local NAT64', ipv6Within(0x64, 0xff9b, 1)],
    ['6to4', ipv6Within(0x2002)],
    ['Teredo', ipv6Within(0x2001, 0)],
    ['IPv6 documentation', ipv6Within(0x2001, 0xdb8)],
  ])('refuses %s', (_name, addresses) => {
    fc.assert(fc.property(addresses, (address) => publicOnly.refusal(address) !== undefined));
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
  ])('lets the public address %s pass', (address) => {
    expect(publicOnly.refusal(address)).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:7f00:1', 'ipv4Mapped'],
    ['0.0.0.0', 'unspecified'],
    ['169.254.169.254', 'linkLocal'],
    ['localhost', 'unknown'],
    ['', 'unknown'],
  ])('tells what %s is', (address, kind) => {
    expect(publicOnly.refusal(address)).toBe(kind);
  });

  it('lets exactly the allowed ranges pass beside', () => {
    const guard = createAddressGuard(['10.1.0.0/16', 'fd00::/8', '127.0.0.1']);
    fc.assert(
      fc.property(fc.oneof(ipv4Within(10), ipv4Within(127), ipv4Within(192, 168)), (address) => {
        const covered = address.startsWith('10.1.') || address === '127.0.0.1';
        return (guard.refusal(address) === undefined) === covered;
      }),
    );
    fc.assert(fc.property(ipv6Within(0xfd12), (address) => guard.refusal(address) === undefined));
    expect(guard.refusal('::1')).toBe('loopback');
  });

  it('does not take an IPv4 range for its IPv6 forms', () => {
    expect(createAddressGuard(['127.0.0.0/8']).refusal('::ffff:127.0.0.1')).toBe('ipv4Mapped');
  });

  it.each(['localhost', '10', '10.0.0.0/33', '0x7f.1', '10.0.0.0/8,127.0.0.0/8', '', '::/129'])(
    'refuses %j as a range',
    (range) => {
      expect(() => createAddressGuard([range])).toThrow(`${JSON.stringify(range)} is not an address range`);
    },
  );
});
